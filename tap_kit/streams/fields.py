"""Properties of a schema in one line each: name, description, and which source documents them.

All but keys may be null; :func:`~tap_kit.streams.schema.record_schema` sees to that.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_kit.streams.schema import OpenObject

Property = th.Property[Any]

_STRUCTURE = th.CustomType({"type": ["object", "array"]})
_ANYTHING = th.CustomType({"type": ["object", "array", "string", "number", "boolean"]})


def documented(source: str, *properties: Property) -> tuple[Property, ...]:
    """The same properties; each description ends with the source, in parentheses."""
    for prop in properties:
        prop.description = f"{(prop.description or '').rstrip('.')} ({source})."
    return properties


def text(name: str, description: str, *, key: bool = False) -> Property:
    """A string; ``key``: part of the primary key."""
    return th.Property(name, th.StringType, required=key, description=description)


def moment(name: str, description: str) -> Property:
    """A date-time in ISO 8601; without an offset it is UTC."""
    return th.Property(name, th.DateTimeType, description=description)


def day(name: str, description: str) -> Property:
    """A date, YYYY-MM-DD."""
    return th.Property(name, th.DateType, description=description)


def integer(name: str, description: str, *, key: bool = False) -> Property:
    """A whole number; ``key``: part of the primary key."""
    return th.Property(name, th.IntegerType, required=key, description=description)


def number(name: str, description: str) -> Property:
    """A number."""
    return th.Property(name, th.NumberType, description=description)


def flag(name: str, description: str) -> Property:
    """True or false."""
    return th.Property(name, th.BooleanType, description=description)


def texts(name: str, description: str) -> Property:
    """A list of strings."""
    return th.Property(name, th.ArrayType(th.StringType), description=description)


def mapping(name: str, description: str) -> Property:
    """An object whose keys are data."""
    return th.Property(name, OpenObject, description=description)


def item(name: str, description: str, *properties: Property) -> Property:
    """An object with known properties; others may come with them."""
    return th.Property(name, th.ObjectType(*properties), description=description)


def items(name: str, description: str, *properties: Property) -> Property:
    """A list of objects with known properties; others may come with them."""
    return th.Property(name, th.ArrayType(th.ObjectType(*properties)), description=description)


def structure(name: str, description: str) -> Property:
    """An object or a list: the vendor documents neither."""
    return th.Property(name, _STRUCTURE, description=description)


def anything(name: str, description: str) -> Property:
    """A value of any type: the vendor documents none."""
    return th.Property(name, _ANYTHING, description=description)
