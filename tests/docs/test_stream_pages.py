"""The pages of the streams: one for each, rows of today's columns, queries that run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from docs.columns import keys_of, name_of, schema_of, type_of
from docs.first_queries import QUERIES
from docs.generate import TAPS
from docs.samples import read, sample
from docs.stream_pages import folder_of, pages
from tests.docs.typed import blocks

if TYPE_CHECKING:
    from tap_kit.streams.stream import RecordStream
    from tap_kit.tap import KitTap

WITH_STREAMS = [tap for tap in TAPS if tap.stream_types]
NAMES = [tap.name for tap in WITH_STREAMS]
_TYPES = {"integer": "bigint", "number": "double", "boolean": "boolean", "string": "text"}
_TYPES |= {"date-time": "timestamptz", "date": "date"}
DISCOVERED = {"workflow_sidedata", "source_data", "step_source_data"}
"""Streams of which the vendor's columns come on top of the declared ones."""


@pytest.mark.parametrize("tap", WITH_STREAMS, ids=NAMES)
def test_there_are_pages_of_today_s_streams_only(tap: type[KitTap]) -> None:
    assert {path for path, _ in pages(tap)} == set(folder_of(tap).iterdir())


@pytest.mark.parametrize("tap", WITH_STREAMS, ids=NAMES)
def test_rows_have_columns_that_exist(tap: type[KitTap]) -> None:
    streams = {name_of(stream): stream for stream in tap.stream_types}
    rows = sample(tap.name)
    assert rows.keys() <= streams.keys()
    for name, row in rows.items():
        assert row.keys() >= set(keys_of(streams[name]))
        if name not in DISCOVERED:
            assert row.keys() <= schema_of(streams[name])["properties"].keys(), name


def test_rows_are_those_of_a_run() -> None:
    rows = read("xoi")
    assert rows.keys() == sample("tap-xoi").keys()
    assert "127.0.0.1" not in str(rows)
    lists = [value for row in rows.values() for value in row.values() if isinstance(value, list)]
    assert any(value[1:] == ["…"] for value in lists)
    assert max(len(value) for value in lists) == 2


@pytest.mark.parametrize("tap", WITH_STREAMS, ids=NAMES)
def test_every_query_runs(tap: type[KitTap]) -> None:
    assert QUERIES[tap.name].keys() >= sample(tap.name).keys()
    with duckdb.connect() as database:
        database.execute(f"create schema {tap.name.replace('-', '_')}")
        for stream in tap.stream_types:
            database.execute(_table(tap, stream))
        for name, query in QUERIES[tap.name].items():
            (shown,) = (
                block.text
                for block in blocks(folder_of(tap) / f"{name}.md")
                if block.language == "sql"
            )
            assert shown.strip() == query.strip()
            assert f".{name}" in query
            database.execute(query)


def _table(tap: type[KitTap], stream: type[RecordStream]) -> str:
    """What target-duck would make of a stream's schema."""
    columns: dict[str, Any] = schema_of(stream)["properties"]
    fields = ", ".join(
        f'"{name}" {_TYPES.get(type_of(declared), "json")}' for name, declared in columns.items()
    )
    return f"create table {tap.name.replace('-', '_')}.{name_of(stream)} ({fields})"
