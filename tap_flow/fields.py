"""Properties of a schema in one line each: name, what it is, and which source says so."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_kit.streams.schema import OpenObject

Property = th.Property[Any]

_STRUCTURE = th.CustomType({"type": ["object", "array"]})
_ANYTHING = th.CustomType({"type": ["object", "array", "string", "number", "boolean"]})


def guide(section: str, *properties: Property) -> tuple[Property, ...]:
    """What a section of the developer guide describes."""
    return _by(f"guide {section}", properties)


def sample(section: str, *properties: Property) -> tuple[Property, ...]:
    """What only a sample of the guide shows; its meaning is inferred from the name."""
    return _by(f"guide {section}, meaning inferred", properties)


def upstream(*properties: Property) -> tuple[Property, ...]:
    """What the documentation says that the guide was made from, where the guide's copy is broken.

    https://github.com/Intoware/workfloplus-docs
    """
    return _by("upstream", properties)


def integrations(*properties: Property) -> tuple[Property, ...]:
    """What only the vendor's own integrations read; its meaning is inferred from the name.

    https://github.com/libreeng: BD-Salesforce, BD-SAP, BD-D365
    """
    return _by("integrations, meaning inferred", properties)


def own(*properties: Property) -> tuple[Property, ...]:
    """What the tap adds."""
    return _by("tap-flow", properties)


def _by(source: str, properties: tuple[Property, ...]) -> tuple[Property, ...]:
    for prop in properties:
        prop.description = f"{(prop.description or '').rstrip('.')} ({source})."
    return properties


def text(name: str, about: str, *, key: bool = False) -> Property:
    """A string; part of the primary key where ``key`` says so."""
    return th.Property(name, th.StringType, required=key, description=about)


def moment(name: str, about: str) -> Property:
    """A date-time as the vendor writes it: some have no ``Z``, all are UTC."""
    return th.Property(name, th.DateTimeType, description=about)


def integer(name: str, about: str, *, key: bool = False) -> Property:
    """A whole number."""
    return th.Property(name, th.IntegerType, required=key, description=about)


def number(name: str, about: str) -> Property:
    """A number."""
    return th.Property(name, th.NumberType, description=about)


def flag(name: str, about: str) -> Property:
    """True or false."""
    return th.Property(name, th.BooleanType, description=about)


def texts(name: str, about: str) -> Property:
    """A list of strings."""
    return th.Property(name, th.ArrayType(th.StringType), description=about)


def mapping(name: str, about: str) -> Property:
    """An object whose keys are data."""
    return th.Property(name, OpenObject, description=about)


def item(name: str, about: str, *properties: Property) -> Property:
    """An object; it stays open."""
    return th.Property(name, th.ObjectType(*properties), description=about)


def items(name: str, about: str, *properties: Property) -> Property:
    """A list of objects, which stay open."""
    return th.Property(name, th.ArrayType(th.ObjectType(*properties)), description=about)


def structure(name: str, about: str) -> Property:
    """An object or a list, no source tells which."""
    return th.Property(name, _STRUCTURE, description=about)


def anything(name: str, about: str) -> Property:
    """A value whose type no source tells."""
    return th.Property(name, _ANYTHING, description=about)
