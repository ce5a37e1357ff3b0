"""The SDK's own tests of a tap, against the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_tap_test_class

from sandbox import Sandbox
from tap_crewmojo.tap import TapCrewmojo
from tests.golden import GOLDEN
from tests.singer import select
from tests.tap_crewmojo.conftest import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG: dict[str, Any] = {
    "client_id": "set-by-the-sandbox",
    "client_secret": "set-by-the-sandbox",
    "start_date": "2025-01-01",
    "reports": [
        {"report": "oneonone.summary"},
        {"report": "objectives.detail", "primary_keys": ["checkInId"]},
        {"report": "goals.slow"},
        {"report": "people.custom", "date_range": False},
        {"report": "custom.headings", "date_range": False, "format": "csv"},
    ],
}
CATALOG = select(json.loads((GOLDEN / "tap-crewmojo" / "catalog.json").read_bytes()), *DEFAULT)


@pytest.fixture(scope="module", autouse=True)
def _sandbox() -> Iterator[None]:
    """Start the sandbox before the tests run; their class wants a configuration earlier."""
    with Sandbox(vendors=["crewmojo"]) as sandbox:
        CONFIG.update(sandbox.settings("crewmojo"))
        yield


TestTapCrewmojo = get_tap_test_class(TapCrewmojo, config=CONFIG, catalog=CATALOG)
