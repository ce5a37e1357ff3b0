"""What a run sent and what arrived: counted on both ends."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from demo.place import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

_SUMMARY = re.compile(r"summary (stream=.*)$")


@dataclass
class Load:
    """One stream of a run.

    Attributes:
        tap: Name of the vendor.
        stream: Name of the stream.
        sent: Records that the tap sent.
        loaded: Rows that the loader wrote in this run, counted in the database.
        new: Rows that the table has more than before the run.
        total: Rows in the table.
        bookmark: How far the stream is complete.
        status: ``complete`` or what went wrong.
    """

    tap: str
    stream: str
    sent: int
    bookmark: str
    status: str
    loaded: int = 0
    new: int = 0
    total: int = 0

    @property
    def table(self) -> str:
        """Schema and table in the database."""
        return f"tap_{self.tap}.{self.stream}"


def read_summary(tap: str, output: Iterable[str]) -> list[Load]:
    """The streams of a run, from the summary lines that a tap ends with."""
    loads = []
    for line in output:
        if found := _SUMMARY.search(line):
            pairs = dict(pair.split("=", 1) for pair in shlex.split(found[1]) if "=" in pair)
            loads.append(
                Load(
                    tap,
                    pairs["stream"],
                    int(pairs["records"]),
                    _bookmark(pairs),
                    pairs["status"],
                )
            )
    return loads


def _bookmark(pairs: Mapping[str, str]) -> str:
    """The bookmark, as a time where it stands for one; empty for none."""
    found = (pairs[name] for name in ("bookmark_time", "bookmark_to"))
    return next((value for value in found if value != "-"), "")


def table_sizes() -> dict[str, int]:
    """Rows of every table that a tap's records are in, by ``schema.table``."""
    if not DATABASE.exists():
        return {}
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        names = database.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema like 'tap_%'"
        ).fetchall()
        return {f"{schema}.{table}": _count(database, schema, table) for schema, table in names}


def count_arrivals(loads: Iterable[Load], *, since: datetime, before: dict[str, int]) -> None:
    """Count in the database what arrived since a moment."""
    now = table_sizes()
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        for load in loads:
            load.total = now.get(load.table, 0)
            load.new = load.total - before.get(load.table, 0)
            if load.table in now:
                schema, table = load.table.split(".")
                load.loaded = _count(database, schema, table, since)


def _count(
    database: duckdb.DuckDBPyConnection, schema: str, table: str, since: datetime | None = None
) -> int:
    rows = f'select count(*) from "{schema}"."{table}"'  # noqa: S608  # names from the catalog
    if since is None:
        found = database.execute(rows).fetchone()
    else:
        found = database.execute(f"{rows} where _loaded_at >= ?", [since]).fetchone()
    return int(found[0]) if found else 0
