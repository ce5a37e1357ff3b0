"""The package as users have it: generated files, variables, documentation, Meltano."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from docs.columns import keys_of, name_of, schema_of
from docs.dbt import ACCEPTED, ADDITIONS, FOLDER, HEAD, files, snake_case
from docs.generate import TAPS
from sandbox import Sandbox
from tests.dbt.conftest import example_in
from tests.dbt.models import Dbt, DuckDB
from tests.pipelines.meltano import Project, install

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dbt.conftest import Built, Databases

STREAMS = {
    f"{tap.name.removeprefix('tap-')}.{name_of(stream)}": stream
    for tap in TAPS
    for stream in tap.stream_types
}


def test_nothing_is_left_of_streams_that_are_gone() -> None:
    current = {path for path, _ in files(TAPS)}
    written = {
        path
        for kind in ("*.sql", "*.yml")
        for path in FOLDER.rglob(kind)
        if HEAD in path.read_text(encoding="utf-8")
    }
    assert written == current
    assert len(current) > len(STREAMS)


def test_columns_of_a_stream_have_names_of_their_own() -> None:
    for name, stream in STREAMS.items():
        columns = [snake_case(column) for column in schema_of(stream)["properties"]]
        columns += ADDITIONS[name].columns if name in ADDITIONS else ()
        assert len(set(columns)) == len(columns), name
        assert {*map(snake_case, keys_of(stream))} <= {*columns}


def test_listed_values_belong_to_columns_that_exist() -> None:
    for column in ACCEPTED:
        stream, _, name = column.rpartition(".")
        assert name in schema_of(STREAMS[stream])["properties"] or name == "target", column
    assert set(ADDITIONS) <= set(STREAMS)


def test_the_variables_of_the_guide_are_those_of_the_project() -> None:
    project = yaml.safe_load((FOLDER / "dbt_project.yml").read_text(encoding="utf-8"))
    guide = (FOLDER.parent / "docs/pages/guides/dashboard.md").read_text(encoding="utf-8")
    for name in project["vars"]:
        assert f"`{name}`" in guide


def test_the_example_stands_as_it_is(tmp_path: Path) -> None:
    install("dbt-duckdb")
    example = example_in(tmp_path)
    dbt = Dbt(DuckDB(tmp_path / "none.duckdb"), example)
    dbt.run("deps")
    dbt.run("parse")
    assert "stg_flow__completed_jobs" in dbt.models


@pytest.mark.parametrize("built", ["target-pg", "target-duck"], indirect=True)
def test_freshness_goes_by_the_time_of_loading(built: Built) -> None:
    dbt = built.dbt
    dbt.run("source", "freshness")
    found = json.loads((dbt.target / "sources.json").read_text(encoding="utf-8"))["results"]
    ages = {one["unique_id"]: one for one in found}
    loaded = ages["source.frontline_taps.flow.completed_jobs"]
    assert loaded["status"] == "pass"
    assert loaded["max_loaded_at_time_ago_in_s"] < 3600
    assert {one["status"] for one in found} == {"pass"}
    # Nobody loads it, and that is no failure of the command.
    assert "source.frontline_taps.flow.job_snapshots" not in ages


@pytest.mark.parametrize("built", ["target-duck"], indirect=True)
def test_the_documentation_has_every_model(built: Built) -> None:
    built.dbt.run("docs", "generate", "--static")
    catalog = json.loads((built.dbt.target / "catalog.json").read_text(encoding="utf-8"))
    assert {name.split(".")[-1] for name in catalog["nodes"]} == set(built.dbt.models)
    assert not catalog["errors"]
    page = (built.dbt.target / "static_index.html").read_text(encoding="utf-8")
    assert "How long do jobs of each workflow take" in page


@pytest.mark.xdist_group("meltano")
def test_meltano_builds_the_models_behind_a_load(databases: Databases, tmp_path: Path) -> None:
    install("tap-crewmojo", "target-postgres", "dbt-postgres")
    database = databases("postgres", "with_meltano")
    settings = {**database.environment, "DBT_TARGET_PATH": str(tmp_path / "target")}
    settings["DBT_LOG_PATH"] = settings["DBT_TARGET_PATH"]
    settings["TARGET_POSTGRES_USE_COPY"] = "false"  # one of the reports has a quote in a heading
    (tmp_path / "project").mkdir()
    with Sandbox(scale=0.05, vendors=("crewmojo",)) as sandbox:
        for name, value in sandbox.settings("crewmojo").items():
            text = value if isinstance(value, str) else json.dumps(value)
            settings[f"TAP_CREWMOJO_{name.upper()}"] = text
        meltano = Project(tmp_path / "project", settings)
        output = meltano.run(
            "tap-crewmojo", "target-postgres", "dbt-postgres:build", MELTANO_ENVIRONMENT="prod"
        )
    assert "ERROR=0" in output
    assert "WARN=0" in output
    # None of the streams was loaded: all models are there, without rows.
    assert database.rows("analytics.flow_job_durations") == []
    assert database.rows("tap_crewmojo.oneonone_summary")
