"""Kinds of columns, and which of them a JSON schema asks for."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Kind(Enum):
    """What a column holds; each database has one type for each."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    BIG = "integer beyond 64 bits"
    NUMBER = "number"
    DATE = "date"
    TIME = "date-time"
    JSON = "object, array or several types"
    TEXT = "string"


_FORMATS = {"date": Kind.DATE, "date-time": Kind.TIME, "singer.decimal": Kind.NUMBER}
_SCALARS = {"boolean": Kind.BOOLEAN, "integer": Kind.INTEGER, "number": Kind.NUMBER}
_WIDER = {
    frozenset({Kind.INTEGER, Kind.BIG}): Kind.BIG,
    frozenset({Kind.INTEGER, Kind.NUMBER}): Kind.NUMBER,
    frozenset({Kind.DATE, Kind.TIME}): Kind.TIME,
}


def wider(one: Kind, other: Kind) -> Kind:
    """The kind that holds what both hold; text holds everything."""
    if one is other:
        return one
    if Kind.TEXT in (one, other):
        return Kind.TEXT
    if Kind.JSON in (one, other):
        return Kind.JSON
    return _WIDER.get(frozenset({one, other}), Kind.TEXT)


def kind_of(declared: object, root: Mapping[str, Any]) -> Kind:
    """The kind of a property.

    Args:
        declared: The property's schema.
        root: The stream's schema, where ``$ref`` leads.
    """
    found = set(_kinds(declared, root, 0))
    if len(found) == 1:
        return found.pop()
    if found and found <= {Kind.INTEGER, Kind.NUMBER}:
        return Kind.NUMBER
    if found and found <= {Kind.TEXT, Kind.DATE, Kind.TIME}:  # texts in several formats
        return Kind.TEXT
    return Kind.JSON


def _kinds(declared: object, root: Mapping[str, Any], depth: int) -> Iterator[Kind]:
    if isinstance(declared, str):  # "null" among the choices of anyOf, as the SDK writes it
        declared = {"type": declared}
    if not isinstance(declared, dict) or depth > 20:  # noqa: PLR2004  # a $ref to itself
        yield Kind.JSON
        return
    if "$ref" in declared:
        yield from _kinds(_resolve(str(declared["$ref"]), root), root, depth + 1)
        return
    choices = [*declared.get("anyOf", ()), *declared.get("oneOf", ())]
    types = declared.get("type")
    if types is None and choices:
        for choice in choices:
            yield from _kinds(choice, root, depth + 1)
        return
    types = [types] if isinstance(types, str) else types
    if not isinstance(types, list) or not types:
        yield Kind.JSON
        return
    for name in types:
        if name == "string":
            yield _FORMATS.get(str(declared.get("format")), Kind.TEXT)
        elif name != "null":
            yield _SCALARS.get(str(name), Kind.JSON)


def _resolve(reference: str, root: Mapping[str, Any]) -> object:
    """What a reference within the schema leads to; nothing where it leads elsewhere."""
    found: Any = root
    if not reference.startswith("#/"):
        return None
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found
