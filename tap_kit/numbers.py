"""Numbers of JSON with their value kept."""

from __future__ import annotations

from decimal import Decimal

_CERTAIN = 16
"""Characters of a number within which are at most 15 digits: a float keeps those."""


def exact(text: str) -> float | Decimal:
    """A number as a float where that has the same value, else as a decimal."""
    number = float(text)
    if len(text) <= _CERTAIN and "e" not in text and "E" not in text:
        return number
    return number if repr(number) == text else Decimal(text)
