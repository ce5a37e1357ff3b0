"""Two nights of all four pipelines into PostgreSQL: what arrives, with which types and keys."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from sandbox.world import Clock
from tests.behaviours.taps import TAPS
from tests.pipelines.warehouse import Row, Table, expected_type, read_tables
from tests.singer import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviours.taps import Case
    from tests.pipelines.conftest import Databases, Projects
    from tests.pipelines.meltano import Project
    from tests.services.postgres import Server

pytestmark = pytest.mark.xdist_group("meltano")

_BETWEEN = timedelta(hours=20)
_OF_THE_RUN = frozenset({"end_date", "interval_end"})
"""Columns with the moment of the run, where the last window ends."""
_WINDOW = {"workflow_sidedata": "interval_start", "oneonone_summary": "start_date"}
"""Streams with rows for each window, and where it begins."""
_RENAMED = {'Roll, "övrigt"': "role"}
"""By the stream map of the sandbox's environment, since target-duckdb can't load that name."""


@dataclass(frozen=True)
class Night:
    """What a run said, what each tap's tables held after it, and what its vendor had then."""

    output: str
    now: datetime
    tables: dict[str, dict[str, Table]]
    truth: dict[str, dict[str, list[Row]]]

    @classmethod
    def of(cls, output: str, sandbox: Sandbox, server: Server) -> Night:
        tables = {case.name: read_tables(server.dsn, f"tap_{case.vendor}") for case in TAPS}
        truth = {
            case.name: {
                stream: table.typed(_truth(case, sandbox, stream))
                for stream, table in tables[case.name].items()
            }
            for case in TAPS
        }
        return cls(output, sandbox.now(), tables, truth)

    def rows(self, case: Case, stream: str) -> Counter[str]:
        """The rows of a table, by the columns that the truth knows."""
        rows = self.tables[case.name][stream].rows
        if stream in _WINDOW:  # the taps' clock is ahead, perhaps in another window
            rows = [row for row in rows if row[_WINDOW[stream]] <= self.now.isoformat()]
        return self._counted(rows, case, stream)

    def expected(self, case: Case, stream: str) -> Counter[str]:
        """What these rows have to be."""
        return self._counted(self.truth[case.name][stream], case, stream)

    def _counted(self, rows: list[Row], case: Case, stream: str) -> Counter[str]:
        truth = self.truth[case.name][stream]
        columns = frozenset[str]().union(*truth) - _OF_THE_RUN
        return Counter(
            json.dumps(
                case.comparable({name: row.get(name) for name in columns}),
                sort_keys=True,
                ensure_ascii=False,
            )
            for row in rows
        )


@pytest.fixture(scope="module")
def sandbox(loader: str) -> Iterator[Sandbox]:  # noqa: ARG001  # one for each
    """Stands still while a pipeline runs: then it can be told what the run had to bring."""
    clock = Clock(frozen_at=datetime.now(timezone.utc) - _BETWEEN)
    with Sandbox(clock=clock, scale=0.2, variants={"giosg.edges": "half_open"}) as sandbox:
        for case in TAPS:
            sandbox.settings(case.vendor)
        yield sandbox


@pytest.fixture(scope="module", params=["target-postgres", "target-pg"])
def loader(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def pipelines(loader: str) -> list[str]:
    return [name for case in TAPS for name in (case.name, loader)]


@pytest.fixture(scope="module")
def server(databases: Databases, loader: str) -> Server:
    return databases(f"nights_{loader.replace('-', '_')}")


@pytest.fixture(scope="module")
def project(projects: Projects, sandbox: Sandbox, server: Server) -> Project:
    return projects(sandbox, server)


@pytest.fixture(scope="module")
def first(project: Project, pipelines: list[str], sandbox: Sandbox, server: Server) -> Night:
    return Night.of(project.run(*pipelines), sandbox, server)


@pytest.fixture(scope="module")
def second(
    first: Night, project: Project, pipelines: list[str], sandbox: Sandbox, server: Server
) -> Night:
    assert first.tables
    sandbox.advance(hours=_BETWEEN.total_seconds() / 3600)
    return Night.of(project.run(*pipelines), sandbox, server)


each_tap = pytest.mark.parametrize("case", TAPS, ids=lambda case: case.name)


@each_tap
def test_all_rows_arrive_with_their_values(first: Night, case: Case) -> None:
    for stream in first.tables[case.name]:
        expected, found = first.expected(case, stream), first.rows(case, stream)
        assert expected, f"{stream}: the sandbox has nothing to show"
        missing, besides = expected - found, found - expected
        assert not missing, (stream, missing.total(), sorted(missing)[:1], sorted(besides)[:1])
        assert not besides, (stream, besides.total(), sorted(besides)[:1])


@each_tap
def test_columns_have_types_and_tables_have_keys(
    first: Night, case: Case, sandbox: Sandbox
) -> None:
    found = first.tables[case.name]
    streams = _catalog(case, sandbox)
    assert {name for name, stream in streams.items() if _selected(stream)} == set(found)
    for name, table in found.items():
        assert table.keys == sorted(streams[name]["key_properties"]), name
        declared = _renamed(streams[name]["schema"]["properties"])
        assert set(table.types) == set(declared), name
        for column, kind in table.types.items():
            assert kind in expected_type(declared[column]), (name, column)


@each_tap
def test_meltano_understands_the_structured_log(first: Night, case: Case) -> None:
    told = [line for line in first.output.splitlines() if f" {case.name} " in line]
    streams = first.tables[case.name]
    assert sum("metric_name=record_count" in line for line in told) == len(streams)
    assert not [line for line in told if '{"' in line]


@each_tap
def test_the_next_night_adds_and_changes_rows(first: Night, second: Night, case: Case) -> None:
    assert first.truth[case.name] != second.truth[case.name]
    for stream in second.tables[case.name]:
        expected, found = second.expected(case, stream), second.rows(case, stream)
        missing = expected - found
        assert not missing, (stream, missing.total(), sorted(missing)[:1])
        # Nothing tells of what the vendor has deleted; and where a row is known by its content
        # alone, its older version stays.
        besides = found - expected
        assert besides <= first.rows(case, stream), (stream, besides.total(), sorted(besides)[:1])


def _truth(case: Case, sandbox: Sandbox, stream: str) -> list[Row]:
    rows = json.loads(json.dumps(case.truth_of(sandbox, case.vendor, stream)))
    return [_renamed(row) for row in rows]


def _renamed(row: Row) -> Row:
    return {_RENAMED.get(name, name): value for name, value in row.items()}


def _catalog(case: Case, sandbox: Sandbox) -> dict[str, Any]:
    config = sandbox.settings(case.vendor)
    return {stream["stream"]: stream for stream in discover(case.tap, config)["streams"]}


def _selected(stream: dict[str, Any]) -> bool:
    root = next(item for item in stream["metadata"] if not item["breadcrumb"])
    return bool(root["metadata"].get("selected", True))
