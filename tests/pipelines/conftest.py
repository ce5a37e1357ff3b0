"""One PostgreSQL server for all pipelines; each test's data are in a database of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest

from sandbox.vendors import VENDORS
from tests.pipelines.meltano import Project, install
from tests.services.postgres import Server, postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox

    Databases = Callable[[str], Server]
    Projects = Callable[[Sandbox, Server], Project]

_DAYS_OF_HISTORY = 90


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Makes databases by name."""
    # Not pytest's folder: the account that runs PostgreSQL may not enter it.
    with TemporaryDirectory() as folder, postgres(Path(folder)) as server:

        def make(name: str) -> Server:
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute(f"create database {name}")
                # A server of some company's, where the clock on the wall is not UTC.
                connection.execute(f"alter database {name} set timezone to 'Asia/Tokyo'")
            return replace(server, database=name)

        yield make


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Projects:
    """Makes projects whose pipelines lead from a sandbox to a database."""
    install(*(f"tap-{vendor}" for vendor in VENDORS), "target-postgres", "target-pg")

    def make(sandbox: Sandbox, server: Server) -> Project:
        start = sandbox.now() - timedelta(days=_DAYS_OF_HISTORY)
        settings = {
            "SANDBOX_URL": sandbox.url,
            "SANDBOX_START_DATE": start.date().isoformat(),
            # Sandboxes are up to a day behind the taps' clock.
            "TAP_FLOW_LOOKBACK_DAYS": "3",
            "TARGET_POSTGRES_HOST": server.host,
            "TARGET_POSTGRES_PORT": str(server.port),
            "TARGET_POSTGRES_USER": server.user,
            "TARGET_POSTGRES_PASSWORD": "none is asked for",
            "TARGET_POSTGRES_DATABASE": server.database,
            "TARGET_PG_URL": f"postgresql://{server.user}:none@{server.host}:{server.port}/{server.database}",
        }
        return Project(tmp_path_factory.mktemp("project"), settings)

    return make
