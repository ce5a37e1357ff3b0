"""What happens to a pipeline that is killed, and to one that is started twice."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import psycopg
import pytest

from sandbox import Sandbox
from sandbox.world import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.pipelines.conftest import Databases, Projects
    from tests.pipelines.meltano import Project
    from tests.services.postgres import Server

pytestmark = pytest.mark.xdist_group("meltano")

_PIPELINE = ("tap-xoi", "target-postgres")
_KEYS = {
    "jobs": ("id",),
    "workflow_job_reports": ("jobId", "workflowJobId"),
    "users": ("id",),
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    clock = Clock(frozen_at=datetime.now(timezone.utc))
    with Sandbox(clock=clock, scale=0.1, vendors=("xoi",)) as sandbox:
        yield sandbox


@pytest.fixture
def server(databases: Databases, request: pytest.FixtureRequest) -> Server:
    return databases(re.sub(r"\W", "_", request.node.name))


@pytest.fixture
def project(projects: Projects, sandbox: Sandbox, server: Server) -> Project:
    return projects(sandbox, server)


def test_after_a_killed_tap_nothing_is_missing(
    project: Project, sandbox: Sandbox, server: Server
) -> None:
    sandbox.fault("latency", vendor="xoi", milliseconds=150, times=None)
    with project.started("run", *_PIPELINE) as meltano:
        tap = meltano.wait_for(lambda: meltano.plugin("tap-xoi"), "tap-xoi syncs")
        meltano.wait_for(lambda: _reports_read(sandbox) > 5, "reports are read")
        tap.kill()
        run = meltano.ended()
    assert run.code == 1
    assert "tap-xoi" in run.output
    sandbox.clear_faults()
    project.run(*_PIPELINE)
    _assert_complete(sandbox, server)


def test_a_second_run_is_refused_and_after_a_killed_meltano_nothing_is_missing(
    project: Project, sandbox: Sandbox, server: Server
) -> None:
    sandbox.fault("latency", vendor="xoi", milliseconds=400, times=None)
    with project.started("run", *_PIPELINE) as meltano:
        meltano.wait_for(lambda: meltano.plugin("tap-xoi"), "tap-xoi syncs")
        second = project.meltano("run", *_PIPELINE)
        assert second.code == 1
        assert "'sandbox:tap-xoi-to-target-postgres' pipeline is already running" in second.output
        meltano.wait_for(lambda: _reports_read(sandbox) > 5, "reports are read")
        plugins = [meltano.plugin(name) for name in _PIPELINE]
        meltano.process.kill()
        meltano.process.wait()
        for plugin in filter(None, plugins):
            plugin.wait(60)  # what the dead one leaves behind ends by itself
    sandbox.clear_faults()
    # Meltano takes the dead run for running as long as its last sign of life is not five minutes
    # old; whoever knows better says so.
    assert "is already running" in project.meltano("run", *_PIPELINE).output
    project.run("--force", *_PIPELINE)
    _assert_complete(sandbox, server)


def _reports_read(sandbox: Sandbox) -> int:
    return sum(entry.route == "workflow_job_report" for entry in list(sandbox.journal))


def _assert_complete(sandbox: Sandbox, server: Server) -> None:
    with psycopg.connect(server.dsn) as connection:
        for stream, keys in _KEYS.items():
            columns = ", ".join(f'"{key}"' for key in keys)
            found = connection.execute(f"select {columns} from tap_xoi.{stream}")  # noqa: S608  # our own names
            truth = [tuple(row[key] for key in keys) for row in sandbox.truth("xoi", stream)]
            assert sorted(found.fetchall()) == sorted(truth), stream
