"""The guide's queries answer, on every database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from docs.columns import name_of
from docs.dbt import FOLDER
from docs.first_queries import QUERIES as FIRST_QUERIES
from docs.generate import TAPS
from docs.samples import sample
from tests.docs.typed import blocks

if TYPE_CHECKING:
    from tests.dbt.conftest import Built, Databases

PAGE = FOLDER.parent / "docs" / "pages" / "guides" / "dashboard.md"
_QUERY = re.compile(r'^```sql title="(\w+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
QUERIES = dict(_QUERY.findall(PAGE.read_text(encoding="utf-8")))


def test_there_is_a_query_for_each_mart(built: Built) -> None:
    assert set(QUERIES) == set(built.dbt.marts)


def test_queries_have_answers(built: Built) -> None:
    for mart, query in QUERIES.items():
        assert built.database.execute(query), mart


@pytest.mark.parametrize("built", ["target-pg", "target-duck"], indirect=True)
def test_first_queries_have_answers(built: Built) -> None:
    for tap in TAPS:
        for stream in tap.stream_types:
            # `files` is there only where a place for files is given.
            if stream.selected_by_default and name_of(stream) in sample(tap.name):
                query = FIRST_QUERIES[tap.name][name_of(stream)]
                assert built.database.execute(query), name_of(stream)


@pytest.mark.parametrize("adapter", ["postgres", "duckdb"])
def test_the_latest_load_of_each_window_is_what_remains(adapter: str, databases: Databases) -> None:
    (query,) = (
        block.text for block in blocks(PAGE.with_name("late-data.md")) if block.language == "sql"
    )
    database = databases(adapter, "latest_load")
    database.execute("create schema tap_giosg")
    database.execute(
        "create table tap_giosg.source_data (row_id varchar, workflow_id varchar, target varchar, "
        "interval_start timestamptz, _loaded_at timestamptz)"
    )
    database.execute(
        "insert into tap_giosg.source_data values "
        # Loaded again the next day, when one of two rows had been changed; in two flushes.
        "('changed', 'w', 't', '2026-01-05', '2026-01-12 03:20+00'),"
        "('as it is now', 'w', 't', '2026-01-05', '2026-01-13 03:20+00'),"
        "('as it was', 'w', 't', '2026-01-05', '2026-01-13 03:50+00'),"
        # Not loaded again, since nothing had been changed.
        "('older', 'w', 't', '2025-12-29', '2026-01-12 03:20+00'),"
        "('of another target', 'w', 'u', '2026-01-05', '2026-01-12 03:20+00')"
    )
    found = {row["row_id"] for row in database.execute(query)}
    assert found == {"as it is now", "as it was", "older", "of another target"}
