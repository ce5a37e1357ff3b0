"""The guide's queries answer, on every database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docs.dbt import FOLDER

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
