"""The SDK's own tests of a tap, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_tap_test_class

from sandbox import Sandbox
from tap_xoi.tap import TapXoi
from tests.singer import discover, select

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG: dict[str, Any] = {"api_key": "set-by-the-sandbox", "api_secret": "set-by-the-sandbox"}


@pytest.fixture(scope="module", autouse=True)
def _sandbox() -> Iterator[None]:
    """Start the sandbox before the tests run; their class wants a configuration earlier."""
    with Sandbox(vendors=["xoi"], scale=0.2) as sandbox:
        CONFIG.update(sandbox.settings("xoi"))
        yield


_NAMES = [stream.name for stream in TapXoi.stream_types]
TestTapXoi = get_tap_test_class(
    TapXoi, config=CONFIG, catalog=select(discover(TapXoi, CONFIG), *_NAMES)
)
