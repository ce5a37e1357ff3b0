"""giosg's workflow reporting, played from its documents."""

from __future__ import annotations

from sandbox.giosg.shape import Shape
from sandbox.giosg.vendor import Giosg

VENDOR = Giosg

__all__ = ["VENDOR", "Giosg", "Shape"]
