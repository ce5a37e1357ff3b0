"""Both loaders as commands, and what their tables hold afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg

from tests.singer import BIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.services.postgres import Server

Row = dict[str, Any]
_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Loaded:
    """A run of a loader that has ended."""

    code: int
    states: list[Any]
    said: str


@dataclass
class Warehouse:
    """A database, and the loader into it.

    Attributes:
        command: The loader's.
        config: Its settings.
        folder: Where its files may be.
    """

    command: str
    config: dict[str, Any]
    folder: Path
    server: Server | None = None
    _runs: list[Path] = field(default_factory=list)

    @property
    def is_duck(self) -> bool:
        return self.server is None

    def started(self, **settings: object) -> subprocess.Popen[bytes]:
        """The loader at work, reading from a pipe."""
        path = self.folder / f"config{len(self._runs)}.json"
        path.write_text(json.dumps({**self.config, **settings}), encoding="utf-8")
        self._runs.append(path)
        return subprocess.Popen(  # noqa: S603  # our own command
            [BIN / self.command, "--config", path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TZ": "Asia/Tokyo"},
        )

    def wait_for_lock(self, process: subprocess.Popen[bytes]) -> None:
        """Go on once the loader, which runs, waits for a lock that another session holds."""
        assert self.server is not None
        waits = (
            "select true from pg_stat_activity where application_name = 'target-pg' "
            "and datname = current_database() and wait_event_type = 'Lock'"
        )
        with psycopg.connect(self.server.dsn, autocommit=True) as watch:
            while not watch.execute(waits).fetchone():
                assert process.poll() is None
                time.sleep(0.01)

    def load(self, lines: Iterable[object], **settings: object) -> Loaded:
        """Load messages; texts and bytes are lines as they are."""
        process = self.started(**settings)
        out, said = process.communicate(as_bytes(lines), timeout=_PATIENCE_SECONDS)
        states = [json.loads(line) for line in out.splitlines()]
        return Loaded(process.returncode, states, said.decode())

    def rows(self, query: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query; ``?`` stand for parameters."""
        if self.server is None:
            with duckdb.connect(self.config["path"], read_only=True) as database:
                database.execute("set TimeZone = 'UTC'")
                return database.execute(query, list(parameters)).fetchall()
        with psycopg.connect(self.server.dsn, options="-c timezone=UTC") as connection:
            query = query.replace("%", "%%").replace("?", "%s")
            return connection.execute(query, list(parameters)).fetchall()

    def run(self, statement: str) -> None:
        """Run a statement that changes something."""
        if self.server is None:
            with duckdb.connect(self.config["path"]) as database:
                database.execute(statement)
            return
        with psycopg.connect(self.server.dsn) as connection:
            connection.execute(statement)

    def place(self, table: str) -> str:
        """A table's name in SQL."""
        return f'"{self.config["schema"]}".{quoted(table)}'

    def types(self, table: str) -> dict[str, str]:
        """Types of a table's columns, in lower case."""
        found = self.rows(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = ? and table_name = ? order by ordinal_position",
            [self.config["schema"], table],
        )
        return {name: kind.lower() for name, kind in found}

    def tables(self) -> list[str]:
        """Names of the tables."""
        return sorted(
            row[0]
            for row in self.rows(
                "select table_name from information_schema.tables where table_schema = ?",
                [self.config["schema"]],
            )
        )

    def texts(self, table: str, columns: Mapping[str, str] | None = None) -> list[Row]:
        """A table's rows, every value as text, under names of columns or those given for them."""
        names = list(columns or (name for name in self.types(table) if not name.startswith("_")))
        if not names:
            return [{} for _ in self.rows(f"select 1 from {self.place(table)}")]  # noqa: S608
        selected = ", ".join(f"cast({quoted(name)} as varchar)" for name in names)
        found = self.rows(f"select {selected} from {self.place(table)}")  # noqa: S608  # quoted
        labels = [columns[name] for name in names] if columns else names
        return [dict(zip(labels, row, strict=True)) for row in found]


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def as_bytes(lines: Iterable[object]) -> bytes:
    """Messages as a tap writes them."""
    return b"".join(
        (
            line
            if isinstance(line, bytes)
            else line.encode()
            if isinstance(line, str)
            else _json(line)
        )
        + b"\n"
        for line in lines
    )


def _json(message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()


def schema(stream: str, properties: Mapping[str, Any], keys: Iterable[str] = ("id",)) -> Row:
    """A SCHEMA message."""
    declared = {
        name: {"type": [kind, "null"]} if isinstance(kind, str) else kind
        for name, kind in properties.items()
    }
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"type": "object", "properties": declared},
        "key_properties": list(keys),
    }


def record(stream: str, row: Mapping[str, Any], **more: object) -> Row:
    """A RECORD message."""
    return {"type": "RECORD", "stream": stream, "record": dict(row), **more}


def state(value: object) -> Row:
    """A STATE message."""
    return {"type": "STATE", "value": value}
