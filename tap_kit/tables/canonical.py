"""Canonical texts: equal values have equal texts, in whatever format they came.

``3``, ``3.0`` and ``3e+0`` are the number 3; ``True`` and ``true`` are true; an Excel date and the
same time in ISO 8601 are one time. Row identity compares these texts. Their form must never change,
because every ``row_id`` that was ever written depends on it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
from typing import Any

import msgspec

from tap_kit.text.signatures import unsigned_cell

TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)
"""An ISO 8601 date-time: day, hours and minutes, seconds, fraction, offset."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]\d{1,3})?", re.ASCII)
"""Programs that write numbers give exponents a sign; ``12e5`` is more likely an identifier."""
_PLAIN_DIGITS = 400
"""Numbers up to this magnitude are written without an exponent (all doubles are)."""

SEPARATOR = "\x1f"
SUSPECTS = re.compile(
    r"\x1f((?:"
    r"-?\d+(?:\.\d*0(?=\x1f)|(?:\.\d+)?[eE][+-])|-0(?=\x1f)"
    r"|\d{4}-\d\d-\d\d(?:[t ]|T(?!(?!00:00:00Z)\d\d:\d\d:\d\d(?:\.(?!000)\d{3})?Z\x1f))"
    r"|(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])(?=\x1f)(?<!true)(?<!false)"
    r"|[hH][tT][tT][pP][sS]?(?:://[^\x1f]*?[?%\\&]|:?[%\\&])"
    r"|[{\[]"
    r")[^\x1f]*)",
    re.ASCII,
)
"""Finds the cells that :func:`canonical` might change, and a few that it doesn't, in one search
of a whole column: its cells with a separator before and after each."""


def canonical(text: str) -> str:  # noqa: PLR0911  # one return for each kind of text
    """Return the canonical text of a cell.

    Args:
        text: A cell of text.

    Returns:
        A number in its shortest form (``007``, ``+3`` and ``12e5`` are not numbers), ``true`` or
        ``false`` in lower case, a time in UTC (midnight as the date alone), JSON without its
        layout, a signed link without its query string; any other text unchanged.
    """
    if not text:
        return text
    first = text[0]
    if first in "-0123456789":
        if _NUMBER.fullmatch(text):
            return _canonical_number(text)
        match = TIME.fullmatch(text)
        return _canonical_time(match) if match else text
    if first in "tTfF":
        lower = text.lower()
        return lower if lower in {"true", "false"} else text
    if first in "hH":
        return unsigned_cell(text)
    if first in "{[":
        try:
            return text_of(_JSON.decode(text))
        except (msgspec.DecodeError, ArithmeticError, ValueError):
            return text
    return text


def text_of(value: Any) -> str:  # noqa: ANN401, PLR0911  # any JSON value, one return each
    """Write a JSON value as a cell of text: null as "", numbers in their shortest form.

    Args:
        value: None, bool, int, Decimal, float, str, list or dict.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _canonical_number(repr(value))
    if isinstance(value, decimal.Decimal):
        return _canonical_number(str(value))
    return msgspec.json.encode(_plain(value), order="sorted").decode()


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Make the numbers and links within a JSON value canonical, too."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return unsigned_cell(value)
    if isinstance(value, decimal.Decimal | float):
        return msgspec.Raw(text_of(value).encode())
    return value


def _canonical_number(text: str) -> str:
    try:
        number = decimal.Decimal(text)
    except decimal.InvalidOperation:  # an exponent beyond all reason
        return text
    if not number:
        return "0"
    if abs(number.adjusted()) <= _PLAIN_DIGITS:
        plain = format(number, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    sign, digits, exponent = number.as_tuple()
    shortest = "".join(map(str, digits)).rstrip("0")
    places = int(exponent) + len(digits) - len(shortest)
    return f"{'-' if sign else ''}{shortest}E{places}"


def _canonical_time(match: re.Match[str]) -> str:
    day, time, seconds, fraction, offset = match.groups()
    if offset not in {None, "Z", "z"}:
        sign = -1 if offset[0] == "-" else 1
        shift = dt.timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])) * sign
        try:
            moment = dt.datetime.fromisoformat(f"{day}T{time}") - shift
        except (ValueError, OverflowError):
            return match[0]
        day, _, time = moment.isoformat(timespec="minutes").partition("T")
    seconds = seconds or "00"
    fraction = (fraction or "").rstrip("0")
    if fraction:
        places = -(-len(fraction) // 3) * 3  # milliseconds, microseconds, ...
        return f"{day}T{time}:{seconds}.{fraction:0<{places}}Z"
    if time == "00:00" and seconds == "00":
        return day
    return f"{day}T{time}:{seconds}Z"


_JSON = msgspec.json.Decoder(float_hook=decimal.Decimal)
