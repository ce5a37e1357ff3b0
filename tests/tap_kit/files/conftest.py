from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_kit.files.address import open_store
from tests.s3 import bucket
from tests.tap_kit.http.conftest import (  # noqa: F401  # fixtures
    client,
    make_client,
    vendor,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_kit.files.store import Store
    from tests.s3 import Bucket


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Bucket]:
    with bucket() as made:
        yield made


@pytest.fixture
def s3(s3_server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket, with credentials in the environment."""
    for name, value in s3_server.env.items():
        monkeypatch.setenv(name, value)
    s3_server.clear()
    return s3_server


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """One of each kind."""
    if request.param == "file":
        return open_store((tmp_path / "a folder").as_uri())
    return open_store(request.getfixturevalue("s3").url + "/flow")
