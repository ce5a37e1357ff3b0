"""JSON as the taps write it, and its numbers with their value kept."""

from __future__ import annotations

from decimal import Decimal

import msgspec

_CERTAIN = 16
"""Characters of a number within which are at most 15 digits: a float keeps those."""


def exact(text: str) -> float | Decimal:
    """A number as a float where that has the same value, else as a decimal."""
    number = float(text)
    if len(text) <= _CERTAIN and "e" not in text and "E" not in text:
        return number
    return number if repr(number) == text else Decimal(text)


class Measured(float):
    """A float to reckon with, that remembers the value that the vendor wrote.

    A :class:`~decimal.Decimal` can't be multiplied by a float, as expressions of stream maps do.
    """

    __slots__ = ("exact",)

    exact: Decimal

    @classmethod
    def read(cls, text: str) -> float:
        """A number of JSON: a plain float where that has the same value."""
        value = exact(text)
        if isinstance(value, float):
            return value
        number = cls(text)
        number.exact = value
        return number


def _digits(number: object) -> object:
    """What msgspec does not know how to encode: numbers that stream maps could reckon with."""
    if isinstance(number, Measured):
        return number.exact
    raise TypeError


ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_digits)
"""Encodes messages; numbers keep their digits."""
