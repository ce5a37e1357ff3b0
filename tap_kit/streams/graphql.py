"""GraphQL documents from schemas: what is selected is asked for, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_kit.streams.schema import Schema


def selection(
    schema: Schema, wanted: Callable[[tuple[str, ...]], bool], at: tuple[str, ...] = ()
) -> str:
    """The fields of a schema as a GraphQL selection set, such as ``id steps { title }``.

    Args:
        schema: An object's JSON schema; objects and lists of objects without properties of their
            own are scalars to GraphQL.
        wanted: Whether the property at a breadcrumb (``("properties", "id")``) is selected;
            a stream's ``mask.__getitem__`` or a function around it.
        at: The breadcrumb of ``schema`` itself.
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
    """A value as a GraphQL literal; JSON's escapes are GraphQL's.

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
    """Arguments in parentheses, without those that are None; nothing where all are."""
    given = [f"{name}: {literal(value)}" for name, value in values.items() if value is not None]
    return f"({', '.join(given)})" if given else ""
