"""What a backfill meets: the vendors, a warehouse, and a database for Airflow and for Meltano."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psycopg

from sandbox import Sandbox
from sandbox.world import Clock
from tests.behaviours.taps import TAPS
from tests.pipelines.warehouse import read_tables
from tests.services.postgres import Server, postgres
from tests.singer import arguments, discover, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.behaviours.taps import Case
    from tests.pipelines.warehouse import Row

_BEHIND = timedelta(hours=20)
"""How far the vendors' clock is behind: the next night comes when it moves on."""
_DAYS_OF_HISTORY = 90
CASES = {case.name: case for case in TAPS}


@dataclass(frozen=True)
class Company:
    """One company's vendors, and the databases of its data team."""

    sandbox: Sandbox
    server: Server
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """Environment variables with which Meltano runs."""
        start = self.sandbox.now() - timedelta(days=_DAYS_OF_HISTORY)
        return {
            "MELTANO_ENVIRONMENT": "sandbox",
            "MELTANO_DATABASE_URI": self.database("meltano", "postgresql+psycopg"),
            "SANDBOX_URL": self.sandbox.url,
            "SANDBOX_START_DATE": start.date().isoformat(),
            "TAP_FLOW_LOOKBACK_DAYS": "3",
            "TARGET_PG_HOST": self.server.host,
            "TARGET_PG_PORT": str(self.server.port),
            "TARGET_PG_USER": self.server.user,
            "TARGET_PG_DATABASE": "warehouse",
        }

    def database(self, name: str, scheme: str = "postgresql+psycopg2") -> str:
        """SQLAlchemy's URL of a database."""
        return f"{scheme}://{self.server.user}@{self.server.host}:{self.server.port}/{name}"

    def next_night(self) -> None:
        """Move the vendors' clock on: jobs are uploaded and edited."""
        self.sandbox.advance(hours=_BEHIND.total_seconds() / 3600)

    def differences(
        self, tap: str, streams: tuple[str, ...] = (), was: Mapping[str, Counter[str]] | None = None
    ) -> list[str]:
        """Where the warehouse and the vendor differ by key and value.

        Args:
            tap: Whose tables to compare.
            streams: By default all that there are.
            was: What the tables held before. Nothing tells of what a vendor deleted since: such
                rows stay, and are no difference.
        """
        case = CASES[tap]
        tables = read_tables(replace(self.server, database="warehouse").dsn, f"tap_{case.vendor}")
        found = []
        for stream in streams or sorted(tables):
            if stream not in tables:
                found.append(f"{tap}.{stream}: no table")
                continue
            table = tables[stream]
            truth = table.typed(self._truth(case, stream))
            columns = self._columns(case, stream)
            expected = _counted(truth, case, columns)
            loaded = _counted(table.rows, case, columns)
            lost, besides = (
                expected - loaded,
                loaded - expected - (was or {}).get(stream, Counter()),
            )
            if lost or besides:
                found.append(
                    f"{tap}.{stream}: {lost.total()} of {expected.total()} rows are missing "
                    f"{sorted(lost)[:1]}, {besides.total()} are besides {sorted(besides)[:1]}"
                )
        return found

    def rows(self, tap: str) -> dict[str, Counter[str]]:
        """What the warehouse holds, by stream, as ``differences`` takes it."""
        case = CASES[tap]
        tables = read_tables(replace(self.server, database="warehouse").dsn, f"tap_{case.vendor}")
        return {
            name: _counted(table.rows, case, self._columns(case, name))
            for name, table in sorted(tables.items())
        }

    def _truth(self, case: Case, stream: str) -> list[Row]:
        rows: list[Row] = json.loads(json.dumps(case.truth_of(self.sandbox, case.vendor, stream)))
        return rows

    def _columns(self, case: Case, stream: str) -> frozenset[str]:
        return frozenset[str]().union(*self._truth(case, stream))

    def plan(self, tap: str, shards: int) -> dict[str, Any]:
        """A plan for the streams with bookmarks, as the tap's command prints it."""
        case = CASES[tap]
        settings = {
            **self.sandbox.settings(case.vendor),
            "start_date": self.settings["SANDBOX_START_DATE"],
        }
        catalog = select(discover(case.tap, settings), *case.incremental)
        option = f"--plan-backfill={shards}"
        done = subprocess.run(  # noqa: S603  # the tap under test
            arguments(tap, settings, self.folder, option, catalog=catalog),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        made: dict[str, Any] = json.loads(done.stdout)
        return made


@contextmanager
def company(*, scale: float, latency_ms: float = 0) -> Iterator[Company]:
    """A company whose vendors' clock stands still between nights."""
    clock = Clock(frozen_at=datetime.now(timezone.utc) - _BEHIND)
    with (
        Sandbox(clock=clock, scale=scale, vendors=("flow", "xoi"), journal=False) as sandbox,
        TemporaryDirectory() as folder,
        postgres(_made(Path(folder))) as server,
    ):
        for vendor in sandbox.vendors:
            sandbox.settings(vendor)  # the links that the truth has are those of the settings
        if latency_ms:
            sandbox.fault("latency", milliseconds=latency_ms, times=None)
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            for name in ("airflow", "meltano", "warehouse"):
                connection.execute(f"create database {name}")
        yield Company(sandbox, server, Path(folder))


def _made(folder: Path) -> Path:
    """A folder of PostgreSQL's own, whose account may enter all that lead there."""
    folder.chmod(0o755)
    made = folder / "postgres"
    made.mkdir()
    return made


def _counted(rows: list[Row], case: Case, columns: frozenset[str]) -> Counter[str]:
    return Counter(
        json.dumps(
            case.comparable({name: row.get(name) for name in columns}),
            sort_keys=True,
            ensure_ascii=False,
        )
        for row in rows
    )
