from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from docs.site import build

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` builds it."""
    folder: Path = tmp_path_factory.mktemp("site")
    assert build(folder) == 0
    return folder
