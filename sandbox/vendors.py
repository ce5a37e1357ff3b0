"""The vendors, and with them the taps: everything that deals with all of them goes by this list."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.web import Vendor
    from sandbox.world import World

VENDORS = ("flow", "giosg", "crewmojo", "xoi")
"""``tap-<name>`` is the command of the vendor's tap, ``tap_<name>`` its package."""


def maker(vendor: str | Callable[[World], Vendor]) -> Callable[[World], Vendor]:
    """What makes a vendor: that of its package, or the callable itself.

    Raises:
        LookupError: there is no such vendor.
    """
    if not isinstance(vendor, str):
        return vendor
    if vendor not in VENDORS:
        msg = f"There is no vendor {vendor!r}, only {', '.join(VENDORS)}"
        raise LookupError(msg)
    made: Callable[[World], Vendor] = importlib.import_module(f"sandbox.{vendor}").VENDOR
    return made
