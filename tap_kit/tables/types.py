"""The JSON types of columns, which the setting ``columns`` declares or discovery finds."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tap_kit.tables.canonical import TIME, canonical, text_of
from tap_kit.text.json import json_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class ColumnType(str, Enum):
    """The type of a column; settings may name the first six, the others come from JSON only."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "date-time"
    STRING = "string"
    OBJECT = "object"
    ARRAY = "array"


DECLARABLE = tuple(ColumnType)[:6]
"""What the setting ``columns`` may name."""


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        type: The type of its values.
        strict: Whether a JSON value of another type is an error: discovery found the type in
            JSON. Otherwise the value is converted, as a cell of text is: the type was declared in
            settings, found in CSV, or never seen.
        verbatim: Whether text that looks like a number stays unchanged, such as the version
            ``10.10``: the settings declare a string. Otherwise ``3.00`` in CSV becomes ``3``, as
            a workbook has it, unless discovery found text in JSON.
    """

    type: ColumnType
    strict: bool = False
    verbatim: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """Return the column's JSON schema; it always allows null."""
        if self.type in {ColumnType.DATE, ColumnType.DATE_TIME}:
            return {"type": ["string", "null"], "format": self.type.value}
        if self.type is ColumnType.OBJECT:
            return {"type": ["object", "null"], "additionalProperties": True}
        if self.type is ColumnType.ARRAY:
            return {"type": ["array", "null"], "items": {}}
        schema: dict[str, Any] = {"type": [self.type.value, "null"]}
        if self == _ANY_TEXT:
            schema["description"] = _ANY_TEXT_NOTE
        return schema


_ANY_TEXT = Column(ColumnType.STRING)
_ANY_TEXT_NOTE = "Text; whatever else comes is written as text."
"""Tells the two kinds of strings apart in a catalog."""


class MisfitError(Exception):
    """A cell does not have its column's type."""

    def __init__(self, cell: object) -> None:
        """Keep the cell, for the message."""
        super().__init__()
        self.cell = cell


def declared_columns(setting: Mapping[str, str]) -> dict[str, Column]:
    """Read the setting ``columns``: names and JSON types (:data:`DECLARABLE`)."""
    types = {name: ColumnType(type_) for name, type_ in setting.items()}
    return {
        name: Column(type_, verbatim=type_ is ColumnType.STRING) for name, type_ in types.items()
    }


def columns_of(properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Column]:
    """Read columns from the schemas in a catalog, the reverse of :attr:`Column.schema`.

    Args:
        properties: JSON schemas by property name, without those of the envelope.

    Returns:
        The columns by name, without what the setting ``columns`` declares. A schema that names
        no type, or several and string among them, makes a string that accepts any value.

    Raises:
        ValueError: A schema has a type that no column can have; the message names both.
    """
    return {name: _column_of(name, schema) for name, schema in properties.items()}


def _column_of(name: str, schema: Mapping[str, Any]) -> Column:
    named, formats = _types(schema)
    types = named - {"null"}
    if schema.get("description") == _ANY_TEXT_NOTE or not types:
        return _ANY_TEXT
    if types == {"integer", "number"}:
        types = {"number"}
    unknown = types.difference(ColumnType)
    if unknown or (len(types) > 1 and "string" not in types):
        msg = f"column {name} can't be of type {' or '.join(sorted(unknown or types))}"
        raise ValueError(msg)
    if len(types) > 1:
        return _ANY_TEXT
    type_ = ColumnType(types.pop())
    if type_ is ColumnType.STRING and formats:
        known = formats <= {ColumnType.DATE.value, ColumnType.DATE_TIME.value}
        # Any other format says what the text means, and nothing about how it comes.
        return Column(ColumnType(formats.pop())) if known and len(formats) == 1 else _ANY_TEXT
    return Column(type_, strict=True)


def _types(schema: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the types that a schema and its branches name, and the formats of its strings."""
    named = schema.get("type", ())
    types = {named} if isinstance(named, str) else {*named}
    formats = {str(schema.get("format", ""))} if "string" in types else set()
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if isinstance(branch, dict):
            inner, more = _types(branch)
            types |= inner
            formats |= more
    return types, set() if formats == {""} else formats


def described(value: object) -> str:
    """Describe a value for a message, without quoting what the vendor sent."""
    kind = json_type(value)
    return f"{kind} of {len(value)} characters" if isinstance(value, str) else kind


def is_no_number(column: Column, cell: object) -> bool:
    """Whether a cell in a column of numbers is a number that JSON lacks: NaN or Infinity."""
    return (
        column.type in _NUMERIC and isinstance(cell, str) and _NO_NUMBER.fullmatch(cell) is not None
    )


def text_values(column: Column, cells: Sequence[str]) -> Sequence[Any]:
    """Convert cells of text to the values of a column; "" becomes null.

    Raises:
        MisfitError: A cell does not fit the type.
    """
    parse = _PARSERS.get(column.type)
    if parse is not None:
        return [_parsed(parse, cell, cell) for cell in cells]
    if not column.strict and not column.verbatim:
        cells = _shortest(cells)
    return [cell or None for cell in cells] if "" in cells else cells


def _shortest(cells: Sequence[str]) -> Sequence[str]:
    """Write numbers without trailing zeros after the point."""
    if not _TRAILING_ZERO.search("\x1f".join([*cells, ""])):
        return cells
    return [canonical(cell) if _LONG_FRACTION.fullmatch(cell) else cell for cell in cells]


def json_values(column: Column, cells: Sequence[Any]) -> Sequence[Any]:
    """Check JSON values against a column's type, or convert them to it.

    Raises:
        MisfitError: A value does not fit the type.
    """
    native = _NATIVE.get(column.type, _NULL)
    if native.issuperset(map(type, cells)):
        return cells
    return [cell if type(cell) in native else _converted(column, cell) for cell in cells]


def _converted(column: Column, cell: Any) -> Any:  # noqa: ANN401  # any JSON value
    if not cell and column.type in _NUMERIC:
        return None  # how some write that there is no number: "", false, []
    if column.strict:
        if column.type is not ColumnType.STRING and isinstance(cell, str) and not cell.strip():
            return None
        raise MisfitError(cell)
    parse = _PARSERS.get(column.type)
    text = text_of(cell)
    return _parsed(parse, text, cell) if parse else text


def _parsed(parse: Callable[[str], Any], text: str, cell: object) -> Any:  # noqa: ANN401  # any JSON value
    text = text.strip()
    if not text or text.startswith(_UNSET):
        return None
    try:
        return parse(text)
    except (ValueError, ArithmeticError):
        raise MisfitError(cell) from None


_NUMERIC = frozenset({ColumnType.INTEGER, ColumnType.NUMBER})
_NO_NUMBER = re.compile(r"\s*[+-]?(?:nan|inf|infinity)\s*", re.IGNORECASE)
_NULL = frozenset({type(None)})
_NATIVE = {
    ColumnType.INTEGER: _NULL | {int},
    ColumnType.NUMBER: _NULL | {int, decimal.Decimal},
    ColumnType.BOOLEAN: _NULL | {bool},
    ColumnType.STRING: _NULL | {str},
    ColumnType.OBJECT: _NULL | {dict},
    ColumnType.ARRAY: _NULL | {list},
}
"""Python types of the JSON values that need no conversion."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_TRAILING_ZERO = re.compile(r"\.\d*0\x1f", re.ASCII)
_LONG_FRACTION = re.compile(r"-?(?:0|[1-9]\d*)\.\d*0", re.ASCII)
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
