"""With ``flattening_enabled`` open objects arrive in PostgreSQL, as text, with their content."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from sandbox.world import Clock
from tests.behaviours.taps import TAPS
from tests.pipelines.warehouse import read_tables
from tests.singer import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviours.taps import Case
    from tests.pipelines.conftest import Databases, Projects

pytestmark = pytest.mark.xdist_group("meltano")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    clock = Clock(frozen_at=datetime.now(timezone.utc) - timedelta(hours=1))
    with Sandbox(clock=clock, scale=0.1) as sandbox:
        yield sandbox


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("case", TAPS, ids=lambda case: case.name)
def test_open_objects_arrive_as_text(
    case: Case, depth: int, sandbox: Sandbox, databases: Databases, projects: Projects
) -> None:
    config = {**sandbox.settings(case.vendor), **case.settings}
    streams = discover(case.tap, config)["streams"]
    server = databases(f"flat_{case.vendor}_{depth}")
    prefix = case.name.upper().replace("-", "_")
    flattening = {
        f"{prefix}_FLATTENING_ENABLED": "true",
        f"{prefix}_FLATTENING_MAX_DEPTH": str(depth),
    }
    projects(sandbox, server).run(case.name, "target-postgres", **flattening)
    tables = read_tables(server.dsn, f"tap_{case.vendor}")
    assert tables
    compared = 0
    for entry in streams:
        table = tables.get(entry["tap_stream_id"])
        if table is None:  # not selected by default
            continue
        truth = case.truth_of(sandbox, case.vendor, entry["tap_stream_id"])
        for name in _open_objects(entry["schema"]):
            assert table.types[name] == "text", (entry["tap_stream_id"], name)
            expected = Counter(_text(case.comparable(row)[name]) for row in truth if row.get(name))
            arrived = [{**row, name: json.loads(row[name])} for row in table.rows if row[name]]
            found = Counter(_text(case.comparable(row)[name]) for row in arrived)
            assert found.keys() >= expected.keys(), (entry["tap_stream_id"], name)
            compared += expected.total()
    if any(name != "extra_columns" for entry in streams for name in _open_objects(entry["schema"])):
        assert compared


def _open_objects(schema: dict[str, Any]) -> list[str]:
    return [
        name
        for name, declared in schema["properties"].items()
        if "object" in declared.get("type", ()) and not declared.get("properties")
    ]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
