"""Columns of a stream as rows of a table: name, type, meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_crewmojo.report import ENVELOPE
from tap_kit.streams.schema import EXTRA_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_kit.streams.schema import Schema
    from tap_kit.streams.stream import RecordStream

_ITEM = "[]"
_LINK = "A signed link: without its query string unless `include_secrets` is set."
_SECRET = "Holds credentials: null unless `include_secrets` is set."  # noqa: S105  # a sentence


def columns_table(stream: type[RecordStream]) -> str:
    """A stream's columns as a Markdown table, those inside objects and lists included."""
    rows = ["| column | type | meaning |", "|---|---|---|"]
    schema = schema_of(stream)
    for path, declared in _walk(schema):
        meaning = [declared.get("description", "")]
        if _among(path, stream.signed_links):
            meaning.append(_LINK)
        if _among(path, stream.secret_fields):
            meaning.append(_SECRET)
        key = ", key" if path in keys_of(stream) else ""
        if path == EXTRA_COLUMNS:
            meaning.append("Null when there are none.")
        name = path.replace(f".{_ITEM}", _ITEM)
        column = f'<a id="{name}" href="#{name}">`{name}`</a>'
        rows.append(f"| {column} | {type_of(declared)}{key} | {' '.join(filter(None, meaning))} |")
    return "\n".join(rows)


def envelope_table() -> str:
    """What tap-crewmojo adds to every report's columns, as a Markdown table."""
    rows = ["| column | type | meaning |", "|---|---|---|"]
    for path, declared in _walk(ENVELOPE):
        rows.append(f"| `{path}` | {type_of(declared)} | {declared.get('description', '')} |")
    return "\n".join(rows)


def schema_of(stream: type[RecordStream]) -> Schema:
    """What is declared; vendor columns that discovery finds come on top of it."""
    own: object = getattr(stream, "own", None)
    schema: Schema = own if isinstance(own, dict) else stream.schema  # type: ignore[assignment]  # declared on the class
    return schema


def name_of(stream: type[RecordStream]) -> str:
    """The stream's name."""
    name: str = stream.name  # type: ignore[misc]  # declared on the class
    return name


def keys_of(stream: type[RecordStream]) -> Sequence[str]:
    """The primary key."""
    keys: Sequence[str] = stream.primary_keys  # type: ignore[assignment]  # declared on the class
    return keys


def paths_of(stream: type[RecordStream]) -> set[str]:
    """All columns' paths, as the tables write them."""
    return {path.replace(f".{_ITEM}", _ITEM) for path, _ in _walk(schema_of(stream))}


def type_of(declared: Mapping[str, Any]) -> str:
    """A JSON type in words."""
    if "anyOf" in declared:
        return "any"
    kinds = declared.get("type", [])
    names = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    if names == ["array"]:
        return f"list of {type_of(declared.get('items', {}))}"
    if names == ["object"]:
        return "object" if declared.get("properties") else "open object"
    if names == ["string"]:
        return str(declared.get("format", "string"))
    return " or ".join(names) or "any"


def _walk(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, declared in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, declared
        yield from _walk(declared, f"{path}.")
        if "properties" in declared.get("items", {}):
            yield from _walk(declared["items"], f"{path}.{_ITEM}.")


def _among(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path is meant: ``files.*.url`` holds for ``files.[].url``."""
    return any(_matches(path.split("."), pattern.split(".")) for pattern in patterns)


def _matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    if len(pattern) == len(path) + 1 and pattern[-1] == "*":
        pattern = pattern[:-1]  # all members of an open object
    return len(path) == len(pattern) and all(
        wanted in ("*", step) for step, wanted in zip(path, pattern, strict=True)
    )
