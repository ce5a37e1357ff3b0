"""The catalog that the user gives: checked, and completed by what the SDK ignores.

The SDK accepts any catalog, and fails later without saying where. Here each error names the stream
and the column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_kit.errors import SettingsError
from tap_kit.inputs.files import type_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Entry = dict[str, Any]

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_CHOICES = {"true": True, "false": False}
_SELECTION = ("selected", "selected-by-default")
_TEXTS = ("replication-key", "replication-method", "forced-replication-method")


def checked_catalog(catalog: Mapping[str, Any], name: str = "catalog") -> dict[str, Any]:
    """Check a catalog, and bring it into the form that the SDK needs.

    ``selected`` may be text, and a property ``true``. The replication method may be in the metadata
    (``replication-method``), where Singer has it and Meltano's ``metadata`` extra sets it; it then
    counts for more than the one that discovery wrote.

    Args:
        catalog: What the user gave.
        name: Its name in messages.

    Raises:
        SettingsError: It is no catalog.
    """
    streams = catalog.get("streams")
    if not isinstance(streams, list):
        msg = f"{name}: streams must be a list, not {type_in_words(streams)}; is it a catalog?"
        raise SettingsError(msg)
    return {
        **catalog,
        "streams": [_entry(entry, f"{name}: ", at) for at, entry in enumerate(streams)],
    }


def narrowed(
    declared: Mapping[str, Any], given: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield the properties for which a catalog's schema allows less than a stream sends.

    Args:
        declared: The stream's own schema.
        given: The catalog's.
        path: The property's.

    Yields:
        Paths, each with the types that are sent there and not allowed.
    """
    sent, allowed = _allowed_types(declared), _allowed_types(given)
    if sent is not None and allowed is not None:
        if "number" in allowed:
            allowed.add("integer")
        if missing := sorted(sent - allowed - {"null"}):
            yield path, " or ".join(missing)
            return
    properties = given.get("properties") or {}
    for name, inner in declared.get("properties", {}).items():
        if isinstance(properties.get(name), dict):
            yield from narrowed(inner, properties[name], f"{path}.{name}" if path else name)
    if isinstance(declared.get("items"), dict) and isinstance(given.get("items"), dict):
        yield from narrowed(declared["items"], given["items"], f"{path}[]")


def _allowed_types(schema: Mapping[str, Any]) -> set[str] | None:
    """The JSON types that a schema or one of its branches allows; None where any is."""
    named = schema.get("type")
    if named:
        return {named} if isinstance(named, str) else {*named}
    found = set[str]()
    for branch in (*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())):
        inner = _allowed_types(branch) if isinstance(branch, dict) else None
        if inner is None:
            return None
        found |= inner
    return found or None


def _entry(entry: object, about: str, at: int) -> Entry:
    if not isinstance(entry, dict):
        msg = f"{about}streams.{at} must be an object, not {type_in_words(entry)}"
        raise SettingsError(msg)
    stream = entry.get("tap_stream_id")
    if not isinstance(stream, str):
        msg = f"{about}streams.{at} must have a tap_stream_id, as text"
        raise SettingsError(msg)
    about += f"stream {stream}"
    metadata = [_metadata(item, about) for item in _list(entry, "metadata", about)]
    found = {
        **entry,
        "schema": _schema(_given(entry, "schema", dict, about) or {}, about),
        "metadata": metadata,
        "key_properties": _texts(entry, "key_properties", about),
    }
    for key in ("replication_key", "replication_method", "stream"):
        _given(entry, key, str, about)
    for item in metadata:
        if not item["breadcrumb"]:
            root = item["metadata"]
            method = root.get("replication-method") or root.get("forced-replication-method")
            if method:
                found["replication_method"] = root["forced-replication-method"] = method
    return found


def _metadata(item: object, about: str) -> Entry:
    if not isinstance(item, dict) or not isinstance(item.get("metadata"), dict):
        msg = f"{about}: each item of metadata must have a breadcrumb and metadata, an object"
        raise SettingsError(msg)
    breadcrumb = _given(item, "breadcrumb", list, about)
    if not (
        isinstance(breadcrumb, list)
        and all(isinstance(step, str) for step in breadcrumb)
        and len(breadcrumb) % 2 == 0
        and set(breadcrumb[::2]) <= {"properties"}
    ):
        msg = f'{about}: a breadcrumb must be [] or ["properties", "<column>"], not {breadcrumb!r}'
        raise SettingsError(msg)
    about += "".join(f", column {name}" for name in breadcrumb[1::2])
    metadata = dict(item["metadata"])
    for name in _SELECTION:
        metadata[name] = _choice(metadata.get(name), name, about)
    for name in _TEXTS:
        _given(metadata, name, str, about)
    for name in ("table-key-properties", "valid-replication-keys"):
        _texts(metadata, name, about)
    return {
        **item,
        "metadata": {name: value for name, value in metadata.items() if value is not None},
    }


def _choice(value: object, name: str, about: str) -> bool | None:
    if isinstance(value, str):
        value = _CHOICES.get(value.strip().lower(), value)
    if value is None or isinstance(value, bool):
        return value
    msg = f"{about}: {name} must be true or false, not {value!r}"
    raise SettingsError(msg)


def _schema(schema: Mapping[str, Any], about: str) -> Entry:
    """Return a schema in which all parts, at any depth, are objects; ``true`` becomes ``{}``."""
    named = schema.get("type")
    for kind in named if isinstance(named, (list, tuple)) else [] if named is None else [named]:
        if kind not in _TYPES:
            msg = f"{about}: the type {kind!r} is none of JSON's: {', '.join(_TYPES)}"
            raise SettingsError(msg)
    found = dict(schema)
    for name in ("format", "description"):
        _given(schema, name, str, about)
    if (properties := _given(schema, "properties", dict, about)) is not None:
        found["properties"] = {
            name: _schema(_open(inner, f"{about}, column {name}"), f"{about}, column {name}")
            for name, inner in properties.items()
        }
    if schema.get("items") is not None:
        found["items"] = _schema(_open(schema["items"], about), f"{about}, items")
    for name in ("anyOf", "oneOf", "allOf"):
        for inner in _list(schema, name, about):
            _schema(_open(inner, about), about)
    _texts(schema, "required", about)
    if not named:  # an empty list of types would allow nothing
        found.pop("type", None)
    return {name: value for name, value in found.items() if value is not None}


def _open(schema: object, about: str) -> Mapping[str, Any]:
    if schema is True:
        return {}
    if isinstance(schema, dict):
        return schema
    msg = f"{about}: the schema must be an object or true, not {type_in_words(schema)}"
    raise SettingsError(msg)


def _given(entry: Mapping[str, Any], name: str, kind: type[Any], about: str) -> Any:  # noqa: ANN401  # any JSON
    value = entry.get(name)
    if isinstance(value, tuple):  # a tap's own, which has not been through JSON
        value = list(value)
    if value is None or isinstance(value, kind):
        return value
    wanted = "text" if kind is str else "an object" if kind is dict else "a list"
    msg = f"{about}: {name} must be {wanted}, not {type_in_words(value)}"
    raise SettingsError(msg)


def _list(entry: Mapping[str, Any], name: str, about: str) -> Iterator[Any]:
    yield from _given(entry, name, list, about) or ()


def _texts(entry: Mapping[str, Any], name: str, about: str) -> list[str] | None:
    texts: list[str] | None = _given(entry, name, list, about)
    if texts is not None and not all(isinstance(text, str) for text in texts):
        msg = f"{about}: {name} must be a list of names"
        raise SettingsError(msg)
    return texts
