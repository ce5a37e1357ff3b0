"""Schemas of streams: how they are declared, and compiled into a check of whole pages.

A schema is declared once with the SDK's ``th`` types. :func:`checker` compiles it into a msgspec
type, so that a page of valid records is checked in one call; only a page that fails is looked at
record by record, to say what is wrong.
"""

from __future__ import annotations

import keyword
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Union

import msgspec
from msgspec import UNSET
from singer_sdk import typing as th

from tap_kit.errors import DataError
from tap_kit.text.json import json_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tap_kit.streams.reader import Record

EXTRA_COLUMNS = "extra_columns"

Schema = dict[str, Any]

OpenObject = th.ObjectType(additional_properties=True)
"""An object whose keys are data."""

_SCALARS: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "null": None,
}

_ALL = _SCALARS.keys() - {"integer"} | {"object", "array"}

_AWKWARD = frozenset('"\\')
"""Besides control characters, what msgspec can't have in a field's name."""


def record_schema(*properties: th.Property[Any], extra_columns: bool = True) -> Schema:
    """Return the schema of a stream; required properties are its keys, all others are nullable.

    Args:
        properties: The vendor's fields, and what the tap adds.
        extra_columns: Whether to keep fields that the vendor adds later; False for GraphQL, whose
            requests name the fields that they want.
    """
    taken = list(properties)
    if extra_columns:
        taken.append(
            th.Property(
                EXTRA_COLUMNS,
                OpenObject,
                description="Fields that the vendor has added since this schema was made.",
            )
        )
    schema: Schema = th.PropertiesList(*taken).to_dict()
    return schema


def checker(stream: str, schema: Schema) -> Callable[[Sequence[Record]], None]:
    """Compile a check of a page's records against their stream's schema.

    The check returns nothing or raises :class:`DataError` that names stream, field, expected and
    found type. Fields that the schema doesn't know are left alone; an empty text where no text is
    declared becomes null.
    """

    def slowly(records: Sequence[Record]) -> None:
        for record in records:
            _find_fault(stream, "", record, schema)

    if not all(map(nameable, _names(schema))):
        return slowly
    record = _struct("Record", schema)
    page = msgspec.defstruct("Page", [("records", list[record])])  # type: ignore[valid-type]  # at run time
    convert = msgspec.convert
    # msgspec completes a type at its first use, and crashes where two threads are the first.
    convert({"records": []}, page)

    def check(records: Sequence[Record]) -> None:
        try:
            convert({"records": records}, page)
        except msgspec.ValidationError:
            slowly(records)

    return check


def nameable(name: str) -> bool:
    """Whether msgspec can have a field of this name."""
    return name.isprintable() and not _AWKWARD & set(name)


def _names(schema: Schema) -> Iterator[str]:
    for name, declared in schema.get("properties", {}).items():
        yield name
        yield from _names(declared)
    if isinstance(schema.get("items"), dict):
        yield from _names(schema["items"])


class Member(msgspec.Struct):
    """An object in a typed row, as far as it is declared; ``get`` works as in a dictionary."""

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  # any JSON
        """The field, or the default where it did not come."""
        value = getattr(self, name, UNSET)
        return default if value is UNSET else value


def _struct(name: str, schema: Schema, *, closed: bool = False) -> type[msgspec.Struct]:
    required = set(schema.get("required", ()))
    return msgspec.defstruct(
        name,
        [
            (
                prop if usable(prop, Member) else f"_{number}",
                python_type(declared, required=prop in required, closed=closed),
                msgspec.field(name=prop, **({} if prop in required else {"default": UNSET})),
            )
            for number, (prop, declared) in enumerate(schema.get("properties", {}).items())
        ],
        bases=(Member,),
        kw_only=True,
        forbid_unknown_fields=closed,
        gc=False,
    )


def usable(name: str, struct: type[Member]) -> bool:
    """Whether a property can be an attribute of the same name, beside what a struct has."""
    plain = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    return plain and not hasattr(struct, name)


def python_type(declared: Schema, *, required: bool = False, closed: bool = False) -> Any:  # noqa: ANN401  # a type made at run time
    """The type of a property's values, for msgspec.

    Args:
        declared: The property's JSON schema.
        required: Null is not allowed.
        closed: Objects with declared properties have no others.
    """
    types = types_of(declared)
    if types is None:
        return Any
    members = tuple(
        _struct("Object", declared, closed=closed)
        if kind == "object" and declared.get("properties")
        else dict[str, Any]
        if kind == "object"
        else list[python_type(declared.get("items", {}), closed=closed)]  # type: ignore[misc]  # at run time
        if kind == "array"
        else _SCALARS[kind]
        for kind in types
        if not (required and kind == "null")
    )
    return Union[members]  # noqa: UP007  # made at run time


def types_of(declared: Schema) -> list[str] | None:
    """The JSON types that a schema allows; None where any is."""
    types = declared.get("type")
    if types is None or _ALL.issubset(types):
        return None
    return [types] if isinstance(types, str) else list(types)


def _find_fault(stream: str, path: str, value: Any, declared: Schema) -> None:  # noqa: ANN401  # any JSON
    """Raise for the first value that its declaration does not allow."""
    types = types_of(declared)
    found = json_type(value)
    if types is not None and not _allowed(value, found, types):
        msg = (
            f"stream {stream}: field {path or 'record'} is declared as "
            f"{' or '.join(kind for kind in types if kind != 'null')}, but the vendor sent {found}"
        )
        raise DataError(msg)
    if isinstance(value, dict):
        _find_member_fault(stream, path, value, declared)
    elif isinstance(value, list) and "items" in declared:
        for item in value:
            _find_fault(stream, f"{path}[]", item, declared["items"])


def _find_member_fault(stream: str, path: str, value: dict[str, Any], declared: Schema) -> None:
    properties = declared.get("properties", {})
    for name, inner in properties.items():
        if name in value and _is_blank(value[name], inner):
            value[name] = None
    for name in declared.get("required", ()):
        if value.get(name) is None:
            msg = (
                f"stream {stream}: field {_join(path, name)} is part of the primary key, but "
                "the vendor sent none"
            )
            raise DataError(msg)
    for name, inner in properties.items():
        if name in value:
            _find_fault(stream, _join(path, name), value[name], inner)


def _is_blank(value: object, declared: Schema) -> bool:
    """Whether a value is an empty text though no text is declared: it stands for null."""
    types = types_of(declared)
    return value == "" and types is not None and "string" not in types


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _allowed(value: object, found: str, types: Iterable[str]) -> bool:
    if found in types or (found == "integer" and "number" in types):
        return True
    # 3.0 is an integer to JSON Schema.
    return "integer" in types and isinstance(value, (float, Decimal)) and value == int(value)
