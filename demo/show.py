"""What the demo shows: progress, the table of rows, sample queries, and how to go on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb
from rich.table import Table

from demo.place import DATABASE, PROJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from demo.loads import Load

_MODEL = re.compile(r" (\d+ of \d+) (?:OK|PASS|WARN) ")
_STREAM = re.compile(r"stream (\w+): ([\d,]+ records.*?)(?:\s+cmd_type|$)")

QUERIES: Sequence[tuple[str, str]] = (
    (
        "Which steps take the time?",
        """
        select workflow, step, jobs, executions,
               round(average_seconds_per_job / 60, 1) as minutes_per_job
        from analytics.flow_step_durations
        where jobs > 20
        order by average_seconds_per_job desc limit 5
        """,
    ),
    (
        "How many events does each workflow bring a week?",
        """
        select workflow, sum(events)::bigint as events, min(day) as first, max(day) as last,
               round(sum(events) * 7 / (date_diff('day', min(day), max(day)) + 1), 1) as a_week
        from analytics.giosg_daily_events
        where target = 'default'
        group by 1 having sum(events) > 20 order by 2 desc limit 5
        """,
    ),
    (
        "What do technicians measure most, and what do they read?",
        """
        select reference_key, count(*) as readings, round(min(reading), 1) as lowest,
               round(avg(reading), 1) as mean, round(max(reading), 1) as highest, unit
        from analytics.xoi_readings
        group by reference_key, unit having count(*) > 20 order by readings desc limit 5
        """,
    ),
)


def progress_of(line: str) -> str:
    """What a line of Meltano's output says about progress; empty where it says nothing."""
    if found := _STREAM.search(line):
        return f"{found[1]}: {found[2]}"
    found = _MODEL.search(line)
    return f"{found[1]} models and tests" if found else ""


def result(loads: Sequence[Load], *, first: bool) -> Table:
    """Rows sent and loaded by stream; after the first run also what is new."""
    table = Table(title="Into " + str(DATABASE.relative_to(PROJECT)))
    table.add_column("schema.stream", no_wrap=True)
    table.add_column("rows sent", justify="right", no_wrap=True)
    table.add_column("rows loaded", justify="right", no_wrap=True)
    if not first:
        table.add_column("new", justify="right", no_wrap=True)
    table.add_column("bookmark", overflow="ellipsis", max_width=19)
    for load in loads:
        equal = load.sent == load.loaded
        cells = [f"{load.sent:,}", f"{load.loaded:,}" if equal else f"[red]{load.loaded:,}[/]"]
        if not first:
            cells.append(f"{load.new:,}" if load.new else "")
        table.add_row(load.table, *cells, load.bookmark[:19])
    return table


def queries(console: Console) -> None:
    """Ask the marts, which dbt has built, some questions that the company might ask."""
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        for question, sql in QUERIES:
            answer = database.execute(sql)
            table = Table(
                *(column[0] for column in answer.description or ()),
                title=question,
                title_justify="left",
            )
            for row in answer.fetchall():
                table.add_row(*(str(value) for value in row))
            console.print(table)


def goodbye(console: Console, *, seconds: float, first: bool) -> None:
    """Where things are and how to go on."""
    database = DATABASE.relative_to(PROJECT)
    lines = [
        f"\nDone in {seconds:.0f} s. The data is in [bold]{database}[/].",
        "  A day later       make demo    (fetches only what is new)" if first else "",
        "  Look around       .venv/bin/python -m demo.ask 'from analytics.flow_job_durations'",
        "  Your own account  cp .env.example .env, fill in one vendor's credentials, then",
        "                    .venv/bin/meltano --environment=prod run tap-flow target-duck",
        "  PostgreSQL        .venv/bin/meltano --environment=prod run tap-flow target-pg",
        "  Start over        rm -rf .demo && make demo",
    ]
    for line in filter(None, lines):
        console.print(line, soft_wrap=True)
