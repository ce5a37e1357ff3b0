"""Every recipe of the documentation does what the page says; those with Meltano: pipelines."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from sandbox import Sandbox
from sandbox.world import Clock
from tests.recipes.blocks import recipes
from tests.singer import BIN, Output, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[[str], Output]

NOW = datetime(2026, 2, 20, 12, tzinfo=timezone.utc)
"""The month that the page names is complete then."""
RECIPES = recipes()
TESTED = {
    "select-streams",
    "backfill-window",
    "stream-maps",
    "rename-column",
    "flatten",
    "batch-jsonl",
    "batch-parquet",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(frozen_at=NOW), scale=0.1, vendors=("xoi",)) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Run:
    """Runs a recipe in a folder with the page's files; what it wrote to ``messages.jsonl``."""
    for name, text in RECIPES.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "config.json").write_text(json.dumps(sandbox.settings("xoi")))

    def script(name: str) -> Output:
        done = subprocess.run(  # noqa: S603  # the page's own script
            ["bash", "-euo", "pipefail", "-c", RECIPES.scripts[name]],  # noqa: S607  # as users do
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return Output(read((tmp_path / "messages.jsonl").read_text().splitlines()), done.stderr)

    return script


def test_every_recipe_is_tested() -> None:
    assert {name for name in RECIPES.scripts if not name.endswith("-meltano")} == TESTED


def test_some_streams_are_selected(run: Run) -> None:
    assert set(run("select-streams").records) == {"jobs", "users"}


def test_a_window_is_read(run: Run, sandbox: Sandbox) -> None:
    found = run("backfill-window").records["jobs"]
    window = json.loads(RECIPES.files["window.json"])
    expected = {
        job["id"]
        for job in sandbox.truth("xoi", "jobs")
        if window["start_date"] <= job["createdAt"] < window["end_date"]
    }
    assert expected
    assert {job["id"] for job in found} == expected


def test_stream_maps_hash_remove_and_filter(run: Run, sandbox: Sandbox) -> None:
    records = run("stream-maps").records
    seed = json.loads(RECIPES.files["maps.json"])["stream_map_config"]["hash_seed"]
    users = {user["id"]: user["email"] for user in sandbox.truth("xoi", "users")}
    assert len(records["users"]) == len(users)
    for user in records["users"]:
        assert user.keys() == {"id", "email"}
        email = users[user["id"]]
        hashed = email and hashlib.md5(f"{seed}{email}".encode()).hexdigest()  # noqa: S324  # the SDK's
        assert user["email"] == hashed
    jobs = [job for job in sandbox.truth("xoi", "jobs") if job["completedAt"] is not None]
    assert {job["id"] for job in records["jobs"]} == {job["id"] for job in jobs}
    assert not {"customerName", "customerEmail"} & records["jobs"][0].keys()


def test_a_column_is_renamed(run: Run, sandbox: Sandbox) -> None:
    names = {user["id"]: user["given_name"] for user in sandbox.truth("xoi", "users")}
    users = run("rename-column").records["users"]
    assert {user["id"]: user["first_name"] for user in users} == names
    assert "given_name" not in users[0]


def test_objects_become_columns(run: Run) -> None:
    output = run("flatten")
    columns = output.schemas["jobs"]["schema"]["properties"]
    assert "deepLinks__visionWeb__viewJob" in columns
    for record in output.records["jobs"]:
        assert not any(isinstance(value, (dict, list)) for value in record.values())


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_batches_hold_all_rows(run: Run, sandbox: Sandbox, form: str) -> None:
    output = run(f"batch-{form}")
    assert not output.records
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in output.lines:
        if line["type"] == "BATCH":
            assert line["encoding"]["format"] == form
            for url in line["manifest"]:
                rows[line["stream"]] += _read(Path(url.removeprefix("file://")), form)
    for stream in ("jobs", "users", "workflow_job_reports"):
        truth = sandbox.truth("xoi", stream)
        key = "id" if stream != "workflow_job_reports" else "workflowJobId"
        assert sorted(row[key] for row in rows[stream]) == sorted(row[key] for row in truth)


def _read(path: Path, form: str) -> list[dict[str, Any]]:
    if form == "parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
