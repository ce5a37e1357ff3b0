"""The JSON types of columns: what the setting ``columns`` names and what discovery finds."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec

from tap_kit.rows.canonical import TIME, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Convert: TypeAlias = Callable[[Any], Any]


class ColumnType(str, Enum):
    """Type of a column; the first six may be named in settings, the others come from JSON."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "date-time"
    STRING = "string"
    OBJECT = "object"
    ARRAY = "array"

    @property
    def schema(self) -> dict[str, Any]:
        """The column's JSON schema; null is always allowed."""
        if self in {ColumnType.DATE, ColumnType.DATE_TIME}:
            return {"type": ["string", "null"], "format": self.value}
        if self is ColumnType.OBJECT:
            return {"type": ["object", "null"], "additionalProperties": True}
        if self is ColumnType.ARRAY:
            return {"type": ["array", "null"], "items": {}}
        return {"type": [self.value, "null"]}


DECLARABLE = tuple(ColumnType)[:6]
"""What the setting ``columns`` may name."""


class Column(NamedTuple):
    """What is known of a column.

    Attributes:
        type: Its type.
        strict: JSON values of another type are errors (discovery saw JSON); otherwise they are
            converted like cells of text (declared in settings, found in csv, or never seen).
    """

    type: ColumnType
    strict: bool = False


class MisfitError(ValueError):
    """A value is not of its column's type; the message says what was found."""


def columns_of(properties: Mapping[str, Mapping[str, Any]], *, strict: bool) -> dict[str, Column]:
    """Read columns back from the schema of a catalog (:attr:`ColumnType.schema` backwards).

    Args:
        properties: Property names and their JSON schemas, without the envelope's.
        strict: As for :class:`Column`: the stream's answers are JSON.

    Returns:
        The columns by name; a schema that names no single type is ``string``, not strict.
    """
    columns = {}
    for name, schema in properties.items():
        declared = schema.get("type", [])
        types = {declared} if isinstance(declared, str) else set(declared)
        types.discard("null")
        if "format" in schema and types == {"string"}:
            columns[name] = Column(ColumnType(schema["format"]), strict)
        elif len(types) == 1:
            columns[name] = Column(ColumnType(types.pop()), strict)
        else:
            columns[name] = Column(ColumnType.STRING)
    return columns


def type_name(value: object) -> str:
    """Name a JSON value's type as JSON schema does."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float | decimal.Decimal):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    return "null" if value is None else "array"


def text_converter(column: Column) -> Convert | None:
    """Compile what turns a cell of text (never empty) into the column's value.

    Returns:
        A function that gives None for blank text and raises :exc:`MisfitError`; None where the
        text is the value.
    """
    parse = _PARSERS.get(column.type)
    if parse is None:
        return None

    def convert(text: str) -> Any:  # noqa: ANN401  # any JSON value
        text = text.strip()
        if not text or text.startswith(_UNSET):
            return None
        try:
            return parse(text)
        except (ValueError, ArithmeticError):
            raise MisfitError(type_name(text)) from None

    return convert


def json_converter(column: Column) -> Convert:
    """Compile what turns a JSON value (never null) into the column's value.

    Returns:
        A function that raises :exc:`MisfitError`.
    """
    native = _NATIVE.get(column.type, frozenset())
    from_text = text_converter(column)

    def convert(value: Any) -> Any:  # noqa: ANN401  # any JSON value
        if type(value) in native:
            return value
        if column.strict:
            raise MisfitError(type_name(value))
        text = text_of(value)
        return from_text(text) if from_text else text

    return convert


_NATIVE: dict[ColumnType, frozenset[type]] = {
    ColumnType.INTEGER: frozenset({int}),
    ColumnType.NUMBER: frozenset({int, decimal.Decimal}),
    ColumnType.BOOLEAN: frozenset({bool}),
    ColumnType.STRING: frozenset({str}),
    ColumnType.OBJECT: frozenset({dict}),
    ColumnType.ARRAY: frozenset({list}),
}
"""Python types of the JSON values that need no conversion."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_DATE = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ]00:00(?::00(?:\.0+)?)?(?:[Zz]|\+00:?00)?)?", re.ASCII
)
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_UNSET = "0001-01-01"
"""How some vendors write a date that is not set."""


def _number(text: str) -> int | decimal.Decimal:
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return decimal.Decimal(text)
    raise ValueError(text)


def _integer(text: str) -> int:
    number = _number(text)
    whole = int(number)
    if whole != number:
        raise ValueError(text)
    return whole


def _boolean(text: str) -> bool:
    truth = _TRUTH.get(text.lower())
    if truth is None:
        raise ValueError(text)
    return truth


def _date(text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return dt.date(*map(int, match.groups())).isoformat()


def _date_time(text: str) -> str:
    match = TIME.fullmatch(text) or TIME.fullmatch(f"{text}T00:00")
    if match is None:
        raise ValueError(text)
    day, time, seconds, fraction, offset = match.groups()
    if offset is None or offset in "Zz":
        offset = "+00:00"
    moment = dt.datetime.fromisoformat(f"{day}T{time}:{seconds or '00'}{offset[:3]}:{offset[-2:]}")
    moment = moment.astimezone(dt.timezone.utc)
    return f"{moment.isoformat()[:19]}{'.' if fraction else ''}{fraction or ''}Z"


def _object(text: str) -> dict[str, Any]:
    return _JSON_OBJECT.decode(text)


def _array(text: str) -> list[Any]:
    return _JSON_ARRAY.decode(text)


_JSON_OBJECT = msgspec.json.Decoder(dict[str, Any], float_hook=decimal.Decimal)
_JSON_ARRAY = msgspec.json.Decoder(list[Any], float_hook=decimal.Decimal)
_PARSERS: dict[ColumnType, Callable[[str], Any]] = {
    ColumnType.INTEGER: _integer,
    ColumnType.NUMBER: _number,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.DATE: _date,
    ColumnType.DATE_TIME: _date_time,
    ColumnType.OBJECT: _object,
    ColumnType.ARRAY: _array,
}
