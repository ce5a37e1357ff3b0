"""What the demo shows at its end: the table of rows, sample queries, and how to go on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
from rich.table import Table

from demo.place import DATABASE, PROJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from demo.loads import Load

QUERIES: Sequence[tuple[str, str]] = (
    (
        "Which steps take the most minutes of a job?",
        """
        select workflow, step, jobs, executions as times,
               round(average_seconds_per_job / 60, 1) as minutes
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


def result(loads: Sequence[Load], *, first: bool) -> Table:
    """Rows sent and loaded by stream; after the first run also what is new."""
    table = Table(title=f"Into {DATABASE.relative_to(PROJECT)}; times are UTC")
    table.add_column("schema.stream", no_wrap=True)
    table.add_column("sent", justify="right", no_wrap=True)
    table.add_column("loaded", justify="right", no_wrap=True)
    if not first:
        table.add_column("new", justify="right", no_wrap=True)
    table.add_column("bookmark", no_wrap=True)
    for load in loads:
        equal = load.sent == load.loaded
        cells = [f"{load.sent:,}", f"{load.loaded:,}" if equal else f"[red]{load.loaded:,}[/]"]
        if not first:
            cells.append(f"{load.new:,}" if load.new else "")
        table.add_row(load.table, *cells, _short(load.bookmark))
    return table


def queries(console: Console) -> None:
    """Ask the marts, which dbt has built, some questions that the company might ask."""
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        for question, sql in QUERIES:
            answer = database.execute(sql)
            rows = answer.fetchall()
            table = Table(title=question, title_justify="left")
            for number, column in enumerate(answer.description or ()):
                numeric = all(isinstance(row[number], int | float) for row in rows)
                table.add_column(column[0], justify="right" if numeric else "left")
            for row in rows:
                table.add_row(*map(_cell, row))
            console.print(table)


def goodbye(console: Console, *, seconds: float, first: bool) -> None:
    """Where things are and how to go on."""
    database = DATABASE.relative_to(PROJECT)
    lines = [
        f"\nDone in {seconds:.0f} s. The data is in [bold]{database}[/].",
        "  A day later       make demo    (fetches only what is new)" if first else "",
        "  Look around       .venv/bin/python -m demo.ask 'from tap_xoi.jobs'",
        "  Your own account  cp .env.example .env, fill in one vendor's credentials, then",
        "                    .venv/bin/meltano run tap-flow target-duck",
        "  PostgreSQL        .venv/bin/meltano run tap-flow target-pg",
        "  Start over        rm -rf .demo && make demo",
    ]
    for line in filter(None, lines):
        console.print(line, soft_wrap=True)


def _short(bookmark: str) -> str:
    """A time to the minute, a date without its year."""
    try:
        moment = datetime.fromisoformat(bookmark.replace("Z", "+00:00"))
    except ValueError:
        return bookmark
    return f"{moment:%d %b %H:%M}" if "T" in bookmark else f"{moment:%d %b}"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
