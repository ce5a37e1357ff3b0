"""The two schedules of tap-flow: what each loads, and that they keep one state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from tap_flow.tap import TapFlow
from tests.pipelines.warehouse import read_tables
from tests.singer import discover
from tests.tap_flow.conftest import JOB_STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.pipelines.conftest import Databases, Projects
    from tests.pipelines.meltano import Project

pytestmark = pytest.mark.xdist_group("meltano")

_STATE = "sandbox:tap-flow-to-target-pg"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=0.1, vendors=["flow"]) as sandbox:
        yield sandbox


def _bookmarks(project: Project) -> dict[str, Any]:
    said = project.meltano("--log-level=error", "state", "get", _STATE).output
    found: dict[str, Any] = json.loads(said[said.index("{") :])["singer_state"]["bookmarks"]
    return {name: value for name, value in found.items() if value}


def test_one_has_the_cursor_and_the_other_the_full_tables(
    databases: Databases, projects: Projects, sandbox: Sandbox
) -> None:
    server = databases("schedules")
    project = projects(sandbox, server)

    hourly = project.meltano("schedule", "run", "flow-hourly")
    assert hourly.code == 0, hourly.output[-3000:]
    assert set(read_tables(server.dsn, "tap_flow")) == {*JOB_STREAMS}
    bookmarks = _bookmarks(project)
    assert bookmarks["completed_jobs"]

    daily = project.meltano("schedule", "run", "flow-daily")
    assert daily.code == 0, daily.output[-3000:]
    streams = discover(TapFlow, sandbox.settings("flow"))["streams"]
    selected = {
        stream["stream"]
        for stream in streams
        if all(
            item["metadata"].get("selected", True)
            for item in stream["metadata"]
            if not item["breadcrumb"]
        )
    }
    assert set(read_tables(server.dsn, "tap_flow")) == selected
    assert _bookmarks(project)["completed_jobs"] == bookmarks["completed_jobs"]

    again = project.meltano("schedule", "run", "flow-hourly")
    assert again.code == 0, again.output[-3000:]
    assert "stream=users " not in again.output
    assert "stream=completed_jobs " in again.output
