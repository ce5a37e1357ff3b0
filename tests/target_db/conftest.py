"""One PostgreSQL server for the loaders' tests; each test has a database or a file of its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.services.postgres import postgres
from tests.target_db.loading import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.postgres import Server

_NUMBERS = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with TemporaryDirectory() as folder, postgres(Path(folder)) as server:
        yield server


def duck(folder: Path) -> Warehouse:
    """A file that is not there yet."""
    path = folder / "warehouse.duckdb"
    return Warehouse("target-duck", {"path": str(path), "schema": "loaded"}, folder)


def pg(server: Server, folder: Path) -> Warehouse:
    """An empty database, whose clock on the wall is not UTC."""
    name = f"loads{next(_NUMBERS)}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        connection.execute(f"alter database {name} set timezone to 'Asia/Tokyo'")
    url = f"postgresql://{server.user}:none@{server.host}:{server.port}/{name}"
    settings = {"url": url, "schema": "loaded"}
    return Warehouse("target-pg", settings, folder, replace(server, database=name))


@pytest.fixture(params=["duck", "pg"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    if request.param == "duck":
        return duck(tmp_path)
    return pg(request.getfixturevalue("postgres_server"), tmp_path)
