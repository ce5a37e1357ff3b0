"""What tests of the kit use."""

from __future__ import annotations

import pytest

from tests.tap_kit.example import ExampleTap


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the example's tap forget afterwards what a test gave it to read."""
    monkeypatch.setattr(ExampleTap, "given", {})
