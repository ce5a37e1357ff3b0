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

if TYPE_CHECKING:
    from tests.dbt.conftest import Built

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
