"""The SDK's own tests of a tap, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_tap_test_class

from sandbox import Sandbox
from tap_flow.tap import TapFlow
from tests.singer import select
from tests.tap_flow.conftest import KEYS, full_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG: dict[str, Any] = {"client_id": "set-by-the-sandbox", "client_secret": "likewise"}


@pytest.fixture(scope="module", autouse=True)
def _sandbox() -> Iterator[None]:
    """Start the sandbox before the tests run; their class wants a configuration earlier."""
    # To the SDK a property that may be an object or a list is an object.
    variants = {"flow.approvals": "object"}
    with Sandbox(vendors=["flow"], scale=0.1, variants=variants) as sandbox:
        CONFIG.update(sandbox.settings("flow"), window="year")
        yield


TestTapFlow = get_tap_test_class(TapFlow, config=CONFIG, catalog=select(full_catalog(), *KEYS))
