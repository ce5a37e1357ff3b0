"""Selection, a window of the past and a full refresh, as the page of recipes has them."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from sandbox import Sandbox
from sandbox.world import Clock
from tests.pipelines.meltano import BIN, PROJECT
from tests.recipes.blocks import recipes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.pipelines.conftest import Databases, Projects
    from tests.pipelines.meltano import Project
    from tests.services.postgres import Server

pytestmark = pytest.mark.xdist_group("meltano")

NOW = datetime(2026, 2, 20, 12, tzinfo=timezone.utc)
"""The month that the page names is complete then."""
NIGHTLY = "prod:tap-xoi-to-target-postgres"
RECIPES = recipes()


class Nightly:
    """A pipeline as in production: its settings come from variables alone."""

    def __init__(self, project: Project, sandbox: Sandbox, server: Server) -> None:
        self._project = project
        self._sandbox = sandbox
        self._server = server
        select = yaml.safe_load(RECIPES.files["select.yml"])["plugins"]["extractors"][0]
        assert select["name"] == "tap-xoi"
        self._settings = {f"TAP_XOI_{k.upper()}": v for k, v in sandbox.settings("xoi").items()}
        self._settings |= {"TAP_XOI__SELECT": json.dumps(select["select"])}

    def run(self, script: str) -> str:
        """Run a script as a user would; what it said on stdout."""
        environment = self._project.environment(**self._settings)
        environment["PATH"] = f"{BIN}:{environment['PATH']}"
        done = subprocess.run(  # noqa: S603  # the page's own script
            ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607  # as users do
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
        return done.stdout

    def bookmark(self) -> dict[str, Any]:
        """The nightly run's state."""
        told: dict[str, Any] = json.loads(
            self.run(f"meltano --environment=prod state get {NIGHTLY}")
        )
        return told

    def sql(self, query: str) -> list[Any]:
        """Rows of a query to the warehouse, none for a change."""
        with psycopg.connect(self._server.dsn) as connection:
            found = connection.execute(query)
            return [row[0] for row in found.fetchall()] if found.description else []

    def jobs(self) -> list[str]:
        """Ids of the jobs in the warehouse."""
        return sorted(self.sql("select id from tap_xoi.jobs"))

    def truth(self, begin: str = "", end: str = "9") -> list[str]:
        """Ids of the vendor's jobs that were created in a window."""
        jobs = self._sandbox.truth("xoi", "jobs")
        return sorted(job["id"] for job in jobs if begin <= job["createdAt"] < end)


@pytest.fixture
def nightly(databases: Databases, projects: Projects) -> Iterator[Nightly]:
    with Sandbox(clock=Clock(frozen_at=NOW), scale=0.1, vendors=("xoi",)) as sandbox:
        server = databases("one_off")
        yield Nightly(projects(sandbox, server), sandbox, server)


def test_one_off_runs_beside_the_nightly_one(nightly: Nightly) -> None:
    nightly.run("meltano --environment=prod run tap-xoi target-postgres")
    assert nightly.jobs() == nightly.truth()
    tables = "select table_name from information_schema.tables where table_schema = 'tap_xoi'"
    assert sorted(nightly.sql(tables)) == ["jobs", "users"]
    columns = "select column_name from information_schema.columns where table_name = 'users'"
    assert "phone_number" not in nightly.sql(columns)
    bookmark = nightly.bookmark()

    nightly.sql("delete from tap_xoi.jobs")
    window = RECIPES.scripts["backfill-window-meltano"]
    begin, end = re.findall(r"_DATE=(\S+)", window)
    nightly.run(window)
    assert nightly.jobs() == nightly.truth(begin, end)
    assert 0 < len(nightly.jobs()) < len(nightly.truth())
    assert nightly.bookmark() == bookmark

    nightly.run(RECIPES.scripts["full-refresh-meltano"])
    assert nightly.jobs() == nightly.truth()


def test_every_recipe_with_meltano_is_tested() -> None:
    found = {name for name in RECIPES.scripts if name.endswith("-meltano")}
    assert found == {"backfill-window-meltano", "full-refresh-meltano"}
