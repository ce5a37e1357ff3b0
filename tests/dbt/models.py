"""Runs dbt on a database, and reads what it made."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
from psycopg.rows import dict_row

from tests.pipelines.meltano import PROJECT, bare_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.services.postgres import Server

Row = dict[str, Any]


@dataclass(frozen=True)
class PostgreSQL:
    """A database of a server, where the time zone is not UTC."""

    server: Server
    adapter = "postgres"

    @property
    def name(self) -> str:
        """The database's."""
        return self.server.database

    @classmethod
    def created(cls, server: Server, name: str) -> PostgreSQL:
        """A new one."""
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute(f"create database {name}")
            connection.execute(f"alter database {name} set timezone to 'Asia/Tokyo'")
        return cls(replace(server, database=name))

    @property
    def environment(self) -> dict[str, str]:
        """Where it is, as the loaders' variables."""
        return {
            "TARGET_POSTGRES_HOST": self.server.host,
            "TARGET_POSTGRES_PORT": str(self.server.port),
            "TARGET_POSTGRES_USER": self.server.user,
            "TARGET_POSTGRES_PASSWORD": "none is asked for",
            "TARGET_POSTGRES_DATABASE": self.server.database,
        }

    def execute(self, sql: str) -> list[Row]:
        """Rows of a query, none of another statement."""
        with psycopg.connect(self.server.dsn, row_factory=dict_row) as connection:
            found = connection.execute(sql)
            return [_plain(row) for row in found.fetchall()] if found.description else []

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""
        return self.execute(f"select * from {table}")  # noqa: S608  # a name of ours


@dataclass(frozen=True)
class DuckDB:
    """A file."""

    path: Path
    adapter = "duckdb"

    @property
    def name(self) -> str:
        """The file's."""
        return self.path.stem

    @property
    def environment(self) -> dict[str, str]:
        """Where it is, as the loaders' variables."""
        return {"TARGET_DUCKDB_PATH": str(self.path)}

    def execute(self, sql: str) -> list[Row]:
        """Rows of a query, none of another statement."""
        with duckdb.connect(str(self.path)) as connection:
            found = connection.execute(sql)
            names = [column[0] for column in found.description or []]
            return [_plain(dict(zip(names, row, strict=True))) for row in found.fetchall()]

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""
        return self.execute(f"select * from {table}")  # noqa: S608  # a name of ours


Database = PostgreSQL | DuckDB


@dataclass(frozen=True)
class Run:
    """A finished run: what each model and test came to, and what dbt said."""

    results: Mapping[str, str]
    output: str

    def bad(self) -> dict[str, str]:
        """What did not pass."""
        return {
            name: status
            for name, status in self.results.items()
            if status not in {"success", "pass"}
        }


class Dbt:
    """A dbt project on one database."""

    def __init__(self, database: Database, folder: Path, as_of: datetime | None = None) -> None:
        """Take the project's folder, and the moment for which late jobs are judged."""
        self._database = database
        self._folder = folder
        self._as_of = as_of
        self.target = folder / "target" / database.name

    def run(self, *arguments: str, fails: bool = False, **variables: object) -> Run:
        """Run a command that must succeed, or fail."""
        if self._as_of:
            variables["as_of"] = self._as_of.isoformat()
        results = self.target / "run_results.json"
        results.unlink(missing_ok=True)
        adapter = self._database.adapter
        command = [
            str(PROJECT / ".meltano" / "utilities" / f"dbt-{adapter}" / "venv" / "bin" / "dbt"),
            "--no-use-colors",
            *arguments,
        ]
        if arguments != ("deps",):
            command += ["--vars", json.dumps(variables)]
        environment = {
            **bare_environment(),
            **self._database.environment,
            "DBT_TARGET": adapter,
            "DBT_PROFILES_DIR": str(self._folder.parent),
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.target),
        }
        done = subprocess.run(  # noqa: S603  # dbt, in an environment of its own
            command,
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert bool(done.returncode) == fails, done.stdout[-6000:] + done.stderr[-2000:]
        found = json.loads(results.read_text("utf-8"))["results"] if results.exists() else []
        return Run({one["unique_id"]: one["status"] for one in found}, done.stdout)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What dbt knows of the project after a run."""
        found: dict[str, Any] = json.loads((self.target / "manifest.json").read_text("utf-8"))
        return found

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """All models by name."""
        return {
            node["name"]: node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "model"
        }

    @property
    def marts(self) -> list[str]:
        """Names of the marts."""
        return [
            name
            for name, node in self.models.items()
            if node["schema"] == "analytics" and not name.startswith("stg_")
        ]


def _plain(row: Row) -> Row:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:  # noqa: ANN401  # any value of a column
    """A value as JSON has it, numbers rounded as far as databases agree."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        return round(float(value), 6)
    return value
