"""Catalogs as users edit them: taken, or refused in a line that names stream and column."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_kit.errors import SettingsError
from tap_kit.inputs.catalog import checked_catalog
from tap_kit.tables.types import Column, ColumnType, columns_of
from tests.tap_kit.example import CONFIG, ExampleTap


def _catalog() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ExampleTap(config=CONFIG).catalog_json_text)
    return found


def _root(catalog: dict[str, Any], stream: str) -> dict[str, Any]:
    (entry,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == stream)
    (root,) = (item["metadata"] for item in entry["metadata"] if not item["breadcrumb"])
    found: dict[str, Any] = root
    return found


@pytest.mark.parametrize(("text", "selected"), [("false", False), ("true", True), ("False", False)])
def test_selected_may_be_text(text: str, *, selected: bool) -> None:
    catalog = _catalog()
    _root(catalog, "things")["selected"] = text
    tap = ExampleTap(config=CONFIG, catalog=catalog)
    assert ("things" in tap.selected) is selected


@pytest.mark.parametrize("keys", [["count"], ["id", "count"]])
@pytest.mark.parametrize("place", ["metadata", "entry"])
def test_other_keys_than_the_streams_own_are_refused(keys: list[str], place: str) -> None:
    catalog = _catalog()
    if place == "metadata":
        _root(catalog, "things")["table-key-properties"] = keys
    else:
        catalog["streams"][2]["key_properties"] = keys
        assert catalog["streams"][2]["tap_stream_id"] == "things"
    with pytest.raises(SettingsError, match="stream things: table-key-properties must be id"):
        assert ExampleTap(config=CONFIG, catalog=catalog).streams


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (None, "streams.0 must be an object, not null"),
        ({}, "streams.0 must have a tap_stream_id"),
        ({"schema": []}, "stream x: schema must be an object, not a list"),
        ({"schema": {"properties": {"a": "text"}}}, "stream x, column a: the schema must be"),
        (
            {"schema": {"properties": {"a": {"type": "uuid"}}}},
            "stream x, column a: the type 'uuid'",
        ),
        ({"metadata": {}}, "stream x: metadata must be a list, not an object"),
        ({"metadata": [{"breadcrumb": "a", "metadata": {}}]}, "breadcrumb must be a list"),
        ({"metadata": [{"breadcrumb": ["a"], "metadata": {}}]}, "breadcrumb must be \\[\\] or"),
        (
            {"metadata": [{"breadcrumb": ["properties", "a"], "metadata": {"selected": "maybe"}}]},
            "stream x, column a: selected must be true or false",
        ),
    ],
)
def test_what_is_no_catalog_names_the_place(entry: Any, told: str) -> None:  # noqa: ANN401  # any JSON
    if entry:
        entry = {"tap_stream_id": "x", **entry}
    with pytest.raises(SettingsError, match=told):
        checked_catalog({"streams": [entry]})


def test_columns_keep_their_type_whatever_format_a_loader_wants() -> None:
    number, text = Column(ColumnType.NUMBER, strict=True), Column(ColumnType.STRING)
    schemas: dict[str, dict[str, Any]] = {
        "decimal": {"type": ["number", "null"], "format": "singer.decimal"},
        "either": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "uuid": {"type": ["string", "null"], "format": "uuid"},
        "mail": {"type": "string", "format": "email"},
        "anything": {},
        "day": {"type": ["string", "null"], "format": "date"},
    }
    assert columns_of(schemas) == {
        "decimal": number,
        "either": number,
        "uuid": text,
        "mail": text,
        "anything": text,
        "day": Column(ColumnType.DATE),
    }
