"""Single values, where a record needs a closer look: do they fit, and in which form."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import msgspec

from target_db.errors import TooNarrowError, UnstorableError
from target_db.kinds import Kind

_LONG = 2**63
_HUGE = 2**127
_LARGEST_EXPONENT = 100_000
_NUMERAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_ZONE = re.compile(r"([+-]\d\d):?(\d\d)?$")
_decimal = msgspec.json.Decoder(Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def parse(text: bytes) -> Any:  # noqa: ANN401  # any JSON
    """JSON with all digits of its numbers; ``NaN`` and the like as floats.

    Raises:
        ValueError: It is not JSON.
    """
    return json.loads(text, parse_float=Decimal)


def encode(value: object) -> bytes:
    """JSON in UTF-8, numbers with all digits."""
    return _encode(_encodable(value))


def _encodable(value: object) -> object:
    """Integers beyond 64 bits as decimals, which the encoder writes as numbers."""
    if isinstance(value, dict):
        return {name: _encodable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, int) and not -_LONG <= value < _LONG:
        return Decimal(value)
    return value


def check(value: object, *, nul: bool) -> None:
    """See that nothing within a value is beyond JSON or Unicode.

    Args:
        value: Any JSON.
        nul: Whether the database stores NUL characters.

    Raises:
        UnstorableError: Something is.
    """
    if isinstance(value, dict):
        for name, item in value.items():
            check(name, nul=nul)
            check(item, nul=nul)
    elif isinstance(value, list):
        for item in value:
            check(item, nul=nul)
    elif isinstance(value, str):
        if not nul and "\0" in value:
            msg = "it holds a NUL character, which the database can't store"
            raise UnstorableError(msg)
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            msg = "it holds half of a surrogate pair, which is no text"
            raise UnstorableError(msg)
    elif isinstance(value, float) and not math.isfinite(value):
        msg = "NaN and Infinity are no JSON numbers"
        raise UnstorableError(msg)


def fit(value: Any, kind: Kind, *, exact: bool) -> Any:  # noqa: ANN401  # any JSON, a case a line
    """A value, not null, in the form in which a column of a kind takes it.

    Args:
        value: Any JSON.
        kind: The column's.
        exact: Whether the database's numbers have all digits.

    Raises:
        TooNarrowError: The column has to be of another kind.
    """
    if kind is Kind.JSON:
        return value
    if kind is Kind.TEXT:
        return text_of(value)
    if isinstance(value, (dict, list)):
        raise TooNarrowError(Kind.JSON)
    if kind is Kind.BOOLEAN and isinstance(value, bool):
        return value
    if kind in (Kind.INTEGER, Kind.BIG, Kind.NUMBER) and not isinstance(value, bool):
        return _number(value, kind, exact=exact)
    if kind in (Kind.DATE, Kind.TIME) and isinstance(value, str):
        found = _day(value) if kind is Kind.DATE else moment(value)
        if found is not None:
            return found.isoformat()
    raise TooNarrowError(Kind.TEXT)


def text_of(value: object) -> str:
    """A value as a column of text has it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return encode(value).decode()


def moment(text: str) -> datetime | None:
    """A date-time, in UTC where it names no zone; nothing where it is none."""
    text = text.strip()
    text = f"{text[:-1]}+00:00" if text[-1:] in ("Z", "z") else text
    if "T" in text.upper() or " " in text:
        text = _ZONE.sub(lambda zone: f"{zone[1]}:{zone[2] or '00'}", text)
        text = re.sub(r"\.(\d+)", lambda digits: f".{digits[1][:6]:0<6}", text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(value: Any, kind: Kind, *, exact: bool) -> int | Decimal:  # noqa: ANN401  # any scalar
    if isinstance(value, str) and not _NUMERAL.fullmatch(value):
        raise TooNarrowError(Kind.TEXT)  # 007 is another text than 7
    found = Decimal(value)
    if not found.is_finite() or abs(found.adjusted()) > _LARGEST_EXPONENT:
        raise TooNarrowError(Kind.TEXT)
    if kind is Kind.NUMBER:
        if exact or Decimal(repr(float(found))) == found:
            return found
        raise TooNarrowError(Kind.TEXT)
    if found != found.to_integral_value():
        raise TooNarrowError(Kind.NUMBER if exact or kind is Kind.INTEGER else Kind.TEXT)
    whole = int(found)
    if kind is Kind.INTEGER and not -_LONG <= whole < _LONG:
        raise TooNarrowError(Kind.BIG)
    if kind is Kind.BIG and not exact and abs(whole) >= _HUGE:
        raise TooNarrowError(Kind.TEXT)
    return whole


def identity(value: object, kind: Kind) -> object:
    """What makes values of a key column equal to the database, as Python compares.

    Raises:
        msgspec.ValidationError: It is JSON as it came, and no number where the column needs one.
    """
    if isinstance(value, msgspec.Raw):
        text = bytes(value)
        if kind is Kind.NUMBER:
            value = _decimal(b"null" if text.startswith(b'"') else text)
        else:
            value = parse(text)
    if kind is Kind.TIME and isinstance(value, str):
        return moment(value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    if isinstance(value, date):
        return value.isoformat()
    if kind is Kind.TEXT:
        return text_of(value)
    if kind is Kind.JSON:
        return json.dumps(value, sort_keys=True, default=str)
    return value
