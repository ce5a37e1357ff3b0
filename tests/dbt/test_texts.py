"""What loaders and vendors may put into a table: texts for times, and names of any kind."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tests.dbt.models import Dbt

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dbt.conftest import Databases

_PARTS = (
    (("2024", "2023", "1900", "2000", "0001", "9999"), ("0000", "24", "20240")),
    (("-02", "-12", "-04"), ("-00", "-13", "-2")),
    (("-01", "-28", "-29", "-30", "-31"), ("-00", "-32", "-1", "")),
    (("T10:05", " 23:59:59.5", "T00:00:00"), ("", "T25:00:00", "T10:60:00", "T10:00:61", "T10")),
    (("", "Z", "+02:00", "-0530", "+14", " +05"), ("+23:00", "+02:75", " UTC", "\n", "T")),
)
"""Parts of a text that make a time, and others."""
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?(?: ?(Z|[+-]\d\d)(?::?(\d\d))?)?)?"
)


def time_of(text: str) -> str | None:
    """A text as a time in UTC; none where it is none, or its zone is farther away than any."""
    found = _ISO.fullmatch(text)
    if not found:
        return None
    day, clock, seconds, fraction, hours, minutes = found.groups()
    plain = f"{day}T{clock or '00:00'}{seconds or ':00'}"
    try:
        moment = datetime.strptime(plain, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007  # its zone follows
    except ValueError:
        return None
    if hours and hours != "Z":
        away = timedelta(hours=abs(int(hours)), minutes=int(minutes or 0))
        if away >= timedelta(hours=16) or int(minutes or 0) > 59:
            return None
        moment -= away if hours.startswith("+") else -away
    moment += timedelta(seconds=float(fraction or 0))
    return moment.replace(tzinfo=timezone.utc).isoformat()[:19]


@pytest.mark.parametrize("adapter", ["postgres", "duckdb"])
def test_a_text_that_is_no_time_is_null_and_breaks_nothing(
    adapter: str, databases: Databases, project: Path
) -> None:
    database = databases(adapter, "times_as_text")
    text = "text" if adapter == "postgres" else "varchar"
    draw = random.Random(19)  # noqa: S311  # texts for a test
    texts = {
        "".join(draw.choice(draw.choices(kinds, (9, 1))[0]) for kinds in _PARTS)
        for _ in range(4000)
    }
    # Beyond the years that Python has.
    texts = {text for text in texts if not text.startswith(("0001-01-01", "9999-12-31"))}
    texts |= {"", "now", "yesterday", "epoch", "infinity", "-infinity", "1714557600", "10:00"}
    expected = {text: time_of(text) for text in texts}
    assert 300 < sum(value is not None for value in expected.values()) < len(texts) - 300
    database.execute("create schema tap_xoi")
    database.execute(f"create table tap_xoi.webhook_history (row_id {text}, firedat {text})")
    values = ", ".join(f"('{text}', '{text}')" for text in sorted(texts))
    database.execute(f"insert into tap_xoi.webhook_history values {values}")  # noqa: S608  # ours
    run = Dbt(database, project).run("build", "--select", "+stg_xoi__webhook_history")
    assert not run.bad()
    rows = database.rows("analytics_staging.stg_xoi__webhook_history")
    found = {
        row["row_id"]: row["fired_at"] and row["fired_at"][:19].replace(" ", "T") for row in rows
    }
    assert {text: found[text] for text in texts if found[text] != expected[text]} == {}


@pytest.mark.parametrize("adapter", ["postgres", "duckdb"])
def test_columns_with_names_like_others_are_all_there(
    adapter: str, databases: Databases, project: Path
) -> None:
    """Names that differ in case or only behind what PostgreSQL keeps of a name."""
    database = databases(adapter, "like_others")
    text = "text" if adapter == "postgres" else "varchar"
    question = "HowLikelyAreYouToRecommendOurServiceToAFriendOrColleague"  # longer in snake case
    names = [f"{question}1", f"{question}2", "order", 'a "b"', "Timestamp", "action"]
    names += ["Target", "Action"] if adapter == "postgres" else []  # DuckDB can't have both
    database.execute("create schema tap_giosg")
    columns = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" {text}' for name in names)
    database.execute(
        f"create table tap_giosg.source_data (row_id {text}, workflow_id {text}, target {text}, "
        f"{columns})"
    )
    values = ", ".join(f"'{number}'" for number in range(len(names)))
    database.execute(f"insert into tap_giosg.source_data values ('id', 'w', 'goal', {values})")  # noqa: S608  # ours
    Dbt(database, project).run("run", "--select", "stg_giosg__source_data")
    (row,) = database.rows("analytics_staging.stg_giosg__source_data")
    assert (row["row_id"], row["target"], row["event_action"]) == ("id", "goal", "5")
    assert {str(number) for number in range(len(names))} <= {*row.values()}
