"""``python -m benchmarks.nights``: rows that three nights write to a database, for the docs.

Only streams with a bookmark count; those that are read as a whole are written every night.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from benchmarks.page import PAGE, grouped, renew, table
from sandbox import Sandbox
from sandbox.world import Clock
from tap_kit.tap import KitTap
from tests.behaviours.pipeline import Pipeline
from tests.behaviours.taps import TAPS
from tests.singer import BIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.behaviours.taps import Case

_NOW = datetime(2026, 3, 20, 3, tzinfo=timezone.utc)
"""The moment of the first two nights, some weeks into a month."""
LATE_DATA = PAGE.parent / "guides" / "late-data.md"


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        tap: Its name.
        window: Of its requests.
        nights: Rows written in each night, by ``skip_unchanged``.
    """

    tap: str
    window: str
    nights: Mapping[bool, list[int]]


def rows(case: Case, window: str | None) -> Row:
    """Three nights of a tap: a first load, nothing new, and one day that is.

    Args:
        case: The tap.
        window: By default the tap's own.
    """
    settings = {"window": window} if window else {}
    declared = case.tap.config_jsonschema["properties"]["window"]["default"]
    nights = {skip: _nights(case, {**settings, "skip_unchanged": skip}) for skip in (True, False)}
    return Row(case.name, window or declared, nights)


def _nights(case: Case, settings: Mapping[str, Any]) -> list[int]:
    written = []
    with (
        Sandbox(vendors=[case.vendor], clock=Clock(frozen_at=_NOW)) as sandbox,
        _clock_of(sandbox),
        tempfile.TemporaryDirectory() as folder,
    ):
        pipeline = Pipeline(case, sandbox)
        warehouse = _Warehouse(Path(folder))
        state = None
        for night in range(3):
            if night == 2:  # noqa: PLR2004  # the third
                sandbox.advance(days=1)
            run = pipeline.run(*case.incremental, state=state, **settings)
            state = run.state
            written.append(warehouse.load(run.lines))
    return written


class _Warehouse:
    """A DuckDB file that target-duck loads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "warehouse.duckdb"
        self._config = folder / "config.json"
        self._config.write_text(json.dumps({"path": str(self._path), "schema": "nights"}))

    def load(self, lines: list[dict[str, Any]]) -> int:
        """Load a run's messages; how many rows it has written."""
        before = self._newest()
        subprocess.run(
            [BIN / "target-duck", "--config", self._config],
            input="".join(f"{json.dumps(line)}\n" for line in lines),
            stdout=subprocess.DEVNULL,
            text=True,
            check=True,
        )
        with duckdb.connect(str(self._path), read_only=True) as connection:
            return sum(
                _count(connection, name, f"_loaded_at > '{before}'") for name in _tables(connection)
            )

    def _newest(self) -> str:
        if not self._path.exists():
            return "2000-01-01T00:00:00Z"
        with duckdb.connect(str(self._path), read_only=True) as connection:
            return max(_newest(connection, name) for name in _tables(connection))


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'nights'"
    )
    return [name for (name,) in found.fetchall()]


def _count(connection: duckdb.DuckDBPyConnection, name: str, condition: str) -> int:
    query = f'select count(*) from nights."{name}" where {condition}'  # noqa: S608  # our own names
    ((count,),) = connection.execute(query).fetchall()
    return int(count)


def _newest(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    query = f'select cast(max(_loaded_at) as text) from nights."{name}"'  # noqa: S608  # our own names
    ((newest,),) = connection.execute(query).fetchall()
    return newest or ""


@contextmanager
def _clock_of(sandbox: Sandbox) -> Iterator[None]:
    """Give the taps the sandbox's present."""
    own = KitTap.__dict__["clock"]
    KitTap.clock = staticmethod(sandbox.now)
    try:
        yield
    finally:
        KitTap.clock = own


def main() -> int:
    """Run them, and renew the table of the page on late data."""
    found = []
    for case in TAPS:
        windows = (None, "day") if case.vendor in ("giosg", "crewmojo") else (None,)
        for window in windows:
            found.append(rows(case, window))
            print(found[-1], flush=True)
    renew({"nights": _table(found)}, LATE_DATA)
    return 0


def _table(found: list[Row]) -> Iterator[str]:
    header = (
        "",
        "`window`",
        "first load",
        "nothing new",
        "before",
        "one new day",
        "before",
    )
    yield from table(
        header,
        [
            (
                row.tap,
                row.window,
                grouped(row.nights[True][0]),
                *(grouped(row.nights[skip][night]) for night in (1, 2) for skip in (True, False)),
            )
            for row in found
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
