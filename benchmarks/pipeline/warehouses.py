"""Where pipelines load to: a place of its own for each, and what stands there afterwards."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import psycopg
from psycopg import sql

from benchmarks.pipeline.piped import cpu_of_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.postgres import Server

SCHEMA = "bench"
TABLE = "completed_jobs"


class Found(NamedTuple):
    """What a table holds.

    Attributes:
        rows: How many rows.
        keys: How many keys.
        updated: Sum of all times of the last change, in ms: another one where an edit is missing.
    """

    rows: int
    keys: int
    updated: int


class Warehouse(Protocol):
    """A database that holds one pipeline's rows."""

    def settings(self) -> dict[str, Any]:
        """Where it is, for whoever loads."""

    def found(self, key: str) -> Found:
        """What the table holds; ``key`` is the column of its key."""

    def cpu(self) -> float:
        """Processor time of the server up to now, in seconds; 0 where there is none."""


@dataclass(frozen=True)
class PostgresWarehouse:
    """A database of its own in a server."""

    server: Server
    pid: int

    @classmethod
    def made(cls, server: Server, folder: Path, name: str) -> PostgresWarehouse:
        """Make the database, empty.

        Args:
            server: Runs.
            folder: Of the server.
            name: Of the database.
        """
        identifier = sql.Identifier(name)
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {}").format(identifier))
            connection.execute(sql.SQL("create database {}").format(identifier))
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        return cls(replace(server, database=name), pid)

    def settings(self) -> dict[str, Any]:
        """As loaders name them."""
        server = self.server
        return {
            "host": server.host,
            "port": server.port,
            "user": server.user,
            "password": "none is asked for",
            "database": server.database,
        }

    def found(self, key: str) -> Found:
        """Count."""
        with psycopg.connect(self.server.dsn) as connection:
            row = connection.execute(
                sql.SQL(
                    "select count(*), count(distinct {}), "
                    "sum(round(extract(epoch from updated) * 1000))::bigint from {}"
                ).format(sql.Identifier(key), sql.Identifier(SCHEMA, TABLE))
            ).fetchone()
        assert row is not None  # noqa: S101  # an aggregate has a row
        return Found(*row)

    def cpu(self) -> float:
        """Of the server and all its processes."""
        return cpu_of_all(self.pid)


@dataclass(frozen=True)
class DuckWarehouse:
    """A file of DuckDB.

    Attributes:
        path: The file.
        python: An interpreter whose DuckDB reads it; the loaders' versions differ.
    """

    path: Path
    python: str = sys.executable

    def settings(self) -> dict[str, Any]:
        """As loaders name it."""
        return {"path": str(self.path)}

    def found(self, key: str) -> Found:
        """Count, in a process of its own."""
        code = (
            "import duckdb, sys\n"
            "print(*duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2]).fetchone())"
        )
        query = (
            f'select count(*), count(distinct "{key}"), '  # noqa: S608  # our own names
            f"sum(epoch_ms(updated))::bigint from {SCHEMA}.{TABLE}"
        )
        done = subprocess.run(
            [self.python, "-c", code, str(self.path), query],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return Found(*map(int, done.stdout.split()))

    def cpu(self) -> float:
        """Nothing: the database is a part of the loader."""
        return 0.0
