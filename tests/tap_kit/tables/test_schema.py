"""Schemas of discovered columns, and the way back from a catalog."""

from __future__ import annotations

import pytest
from singer_sdk import typing as th
from singer_sdk.singerlib import Catalog

from tap_kit.errors import SettingsError
from tap_kit.streams.schema import record_schema
from tap_kit.tables import Column, ColumnType, declared_columns
from tap_kit.tables.schema import catalog_columns, table_schema

OWN = record_schema(
    th.Property("report", th.StringType, description="Which."),
    th.Property("row_id", th.StringType, required=True),
)
COLUMNS = {
    "code": Column(ColumnType.STRING),
    "count": Column(ColumnType.NUMBER, strict=True),
    "day": Column(ColumnType.DATE),
    "tags": Column(ColumnType.ARRAY, strict=True),
    "more": Column(ColumnType.OBJECT, strict=True),
}


def test_columns_stand_between_the_envelope_and_extra_columns() -> None:
    schema = table_schema(OWN, COLUMNS)
    assert list(schema["properties"]) == ["report", "row_id", *COLUMNS, "extra_columns"]
    assert schema["required"] == ["row_id"]
    assert schema["properties"]["count"] == {"type": ["number", "null"]}


def test_primary_keys_are_never_null() -> None:
    schema = table_schema(OWN, COLUMNS, ["code", "report"])
    assert schema["required"] == ["code", "report"]
    assert schema["properties"]["code"]["type"] == ["string"]
    assert schema["properties"]["report"] == {"type": ["string"], "description": "Which."}


def catalog() -> Catalog:
    entry = {
        "tap_stream_id": "rows",
        "stream": "rows",
        "schema": table_schema(OWN, COLUMNS, ["code"]),
        "metadata": [],
    }
    return Catalog.from_dict({"streams": [entry]})


def test_a_catalog_gives_the_columns_back() -> None:
    assert catalog_columns(catalog(), "rows", OWN, {}) == COLUMNS
    assert catalog_columns(catalog(), "unknown", OWN, {}) == {}


def test_a_type_that_no_column_can_have_names_stream_and_column() -> None:
    edited = catalog()
    entry = edited.get_stream("rows")
    assert entry is not None
    assert entry.schema.properties is not None
    entry.schema.properties["count"].type = ["integer", "boolean"]
    with pytest.raises(SettingsError, match="stream rows: column count can't be of type"):
        catalog_columns(edited, "rows", OWN, {})


def test_declared_types_count_where_the_catalog_has_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    declared = declared_columns({"count": "number", "day": "date-time", "other": "string"})
    columns = catalog_columns(catalog(), "rows", OWN, declared)
    assert columns == {**COLUMNS, "count": Column(ColumnType.NUMBER)}
    (message,) = caplog.messages
    assert "the column day is date in the catalog and date-time in the settings" in message
