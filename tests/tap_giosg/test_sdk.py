"""The SDK's own tests of a tap, against the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_tap_test_class

from sandbox import Sandbox
from tap_giosg.tap import TapGiosg
from tests.golden import GOLDEN
from tests.tap_giosg.conftest import SmallGiosg

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG: dict[str, Any] = {"api_token": "set-by-the-sandbox"}
CATALOG = json.loads((GOLDEN / "tap-giosg" / "catalog.json").read_bytes())


@pytest.fixture(scope="module", autouse=True)
def _sandbox() -> Iterator[None]:
    """Start the sandbox before the tests run; their class wants a configuration earlier."""
    with Sandbox(vendors=[SmallGiosg], variants={"giosg.examples": "left_out"}) as sandbox:
        CONFIG.update(sandbox.settings("giosg"))
        yield


TestTapGiosg = get_tap_test_class(TapGiosg, config=CONFIG, catalog=CATALOG)
