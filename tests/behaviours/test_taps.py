"""No tap is left out of the behaviours."""

from __future__ import annotations

from sandbox.vendors import VENDORS
from tests.behaviours.taps import TAPS


def test_every_tap_is_put_through_them() -> None:
    assert [case.vendor for case in TAPS] == list(VENDORS)
