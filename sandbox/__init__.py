"""The four vendors as one local HTTP server, with faults: for the demo, tests and benchmarks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.remote import RemoteSandbox
    from sandbox.sandbox import Sandbox

__all__ = ["RemoteSandbox", "Sandbox"]

_MODULES = {"RemoteSandbox": "sandbox.remote", "Sandbox": "sandbox.sandbox"}


def __getattr__(name: str) -> object:
    """Import on first use: a vendor's package needs no HTTP server."""
    if name not in _MODULES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_MODULES[name]), name)
