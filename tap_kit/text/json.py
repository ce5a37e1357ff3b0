"""JSON as the taps write it, and its numbers with their value kept."""

from __future__ import annotations

from decimal import Decimal

import msgspec

_CERTAIN = 16
"""Characters of a number within which are at most 15 digits: a float keeps those."""


def exact(text: str) -> float | Decimal:
    """Convert a number to a float if that has the same value, else to a decimal."""
    number = float(text)
    if len(text) <= _CERTAIN and "e" not in text and "E" not in text:
        return number
    return number if repr(number) == text else Decimal(text)


class Measured(float):
    """A float to calculate with, which keeps the value that the vendor wrote.

    The expressions of stream maps multiply by floats, which a :class:`~decimal.Decimal` can't.
    """

    __slots__ = ("exact",)

    exact: Decimal

    @classmethod
    def read(cls, text: str) -> float:
        """Convert a number of JSON; to a plain float if that has the same value."""
        value = exact(text)
        if isinstance(value, float):
            return value
        number = cls(text)
        number.exact = value
        return number


def _digits(number: object) -> object:
    """Encode what msgspec can't: the numbers with which stream maps have calculated."""
    if isinstance(number, Measured):
        return number.exact
    raise TypeError


ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_digits)
"""Encodes messages; numbers keep their digits."""


def json_type(value: object) -> str:
    """Return the type of a decoded value by its name in JSON Schema."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, (float, Decimal)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"
