"""GraphQL documents, made from schemas: they request the selected fields and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_kit.streams.schema import Schema


def selection(
    schema: Schema, wanted: Callable[[tuple[str, ...]], bool], at: tuple[str, ...] = ()
) -> str:
    """Return the selection set of a schema, such as ``id steps { title }``.

    Args:
        schema: The JSON schema of an object. An object, or a list of objects, without declared
            properties is a scalar in GraphQL.
        wanted: Takes a breadcrumb, such as ``("properties", "id")``, and returns whether that
            property is selected; a stream's ``mask.__getitem__`` does.
        at: The breadcrumb of ``schema``.
    """
    parts = []
    for name, declared in schema.get("properties", {}).items():
        crumb = (*at, "properties", name)
        if not wanted(crumb):
            continue
        inner = declared.get("items", declared)
        if inner.get("properties"):
            chosen = selection(inner, wanted, crumb)
            if chosen:
                parts.append(f"{name} {{ {chosen} }}")
        else:
            parts.append(name)
    return " ".join(parts)


def literal(value: object) -> str:
    """Write a value as a GraphQL literal, with the escapes of JSON, which are GraphQL's.

    Raises:
        TypeError: The value has no literal form.
    """
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, (str, bool, int, float)):
        return msgspec.json.encode(value).decode()
    msg = f"{type(value).__name__} has no GraphQL literal here"
    raise TypeError(msg)


def arguments(values: Mapping[str, object]) -> str:
    """Write arguments in parentheses, without those that are None; "" if all are."""
    given = [f"{name}: {literal(value)}" for name, value in values.items() if value is not None]
    return f"({', '.join(given)})" if given else ""
