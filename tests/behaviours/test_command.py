"""The command line: what a user types and sees."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.singer import command, select

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviours.pipeline import Pipeline

FIGURES = {
    "stream",
    "status",
    "records",
    "requests",
    "retries",
    "waited_seconds",
    "unchanged",
    "unchanged_windows",
    "bookmark_from",
    "bookmark_to",
    "drifted_fields",
}


def test_the_installed_command_runs(pipeline: Pipeline, tmp_path: Path) -> None:
    start = {"start_date": "2025-05-25", "end_date": "2025-06-04"}
    file = tmp_path / "runs.jsonl"
    config = {**pipeline.config, **start, "summary_json": str(file)}
    output = command(pipeline.case.name, config, tmp_path)
    assert output.exit_code == 0, output.stderr
    assert {line["type"] for line in output.lines} == {"SCHEMA", "RECORD", "STATE"}
    assert output.lines[-1]["type"] == "STATE"
    figures = _summary(output.stderr)
    assert set(figures) == set(output.schemas)
    for name, pairs in figures.items():
        assert set(pairs) >= FIGURES
        assert pairs["status"] == "complete"
        assert int(pairs["records"]) == len(output.records[name])
        assert int(pairs["requests"]) >= 0
        assert float(pairs["waited_seconds"]) >= 0
    run = json.loads(file.read_text(encoding="utf-8"))
    assert (run["tap"], run["status"]) == (pipeline.case.name, "complete")
    assert {one["stream"]: str(one["records"]) for one in run["streams"]} == {
        name: pairs["records"] for name, pairs in figures.items()
    }
    asked = sum(int(pairs["requests"]) for pairs in figures.values())
    assert 0 < asked <= len(pipeline.sandbox.journal)


def _summary(stderr: str) -> dict[str, dict[str, str]]:
    """The figures by stream, read as a monitor would."""
    found = {}
    for line in stderr.splitlines():
        if match := re.search(r"\bsummary (stream=.*)", line):
            pairs = dict(pair.split("=", 1) for pair in shlex.split(match[1]))
            assert pairs["stream"] not in found
            found[pairs["stream"]] = pairs
    return found


def test_a_stream_that_fails_is_told_at_the_end(pipeline: Pipeline, tmp_path: Path) -> None:
    catalog = pipeline.chosen(*pipeline.case.broken, *pipeline.case.others)
    (tmp_path / "chosen.json").write_text(json.dumps(catalog))
    pipeline.fault("status", status=400, times=None, body='{"message": "Not like this"}')
    output = pipeline.command(tmp_path, f"--catalog={tmp_path / 'chosen.json'}")
    assert output.exit_code == 1
    figures = _summary(output.stderr)
    for name in pipeline.case.broken:
        assert figures[name]["status"] == "failed"
    for name in pipeline.case.others:
        assert figures[name]["status"] == "complete"
    behind = output.stderr.rpartition("summary stream=")[2]
    # One cause is one line, which names all streams that it ended.
    [line] = [line for line in behind.splitlines() if "Not like this" in line]
    assert not [name for name in pipeline.case.broken if name not in line]
    assert "Traceback" not in output.stderr


def test_version_and_about_need_no_settings(pipeline: Pipeline, tmp_path: Path) -> None:
    assert pipeline.case.name in pipeline.command(tmp_path, "--version", config={}).stderr
    about = pipeline.command(tmp_path, "--about", "--format=json", config={})
    assert about.exit_code == 0
    told: dict[str, Any] = json.loads(about.stderr[about.stderr.index("{") :].strip())
    settings = told["settings"]["properties"]
    for name in pipeline.case.secrets:
        assert settings[name]["secret"]
    assert all(declared.get("description") for declared in settings.values())
    markdown = pipeline.command(tmp_path, "--about", "--format=markdown", config={})
    assert f"# `{pipeline.case.name}`" in markdown.stderr
    assert len(pipeline.sandbox.journal) == 0


def test_discover_prints_the_catalog(pipeline: Pipeline, tmp_path: Path) -> None:
    with_log = pipeline.command(tmp_path, "--discover")
    assert with_log.exit_code == 0
    printed = with_log.stderr[with_log.stderr.index("{\n") :]
    catalog, _ = json.JSONDecoder().raw_decode(printed)
    assert catalog == pipeline.catalog


def test_test_says_which_streams_can_be_read(pipeline: Pipeline, tmp_path: Path) -> None:
    output = pipeline.command(tmp_path, "--test")
    assert output.exit_code == 0, output.stderr
    verdicts = dict(re.findall(r"^(\w+): (.*)$", output.stderr, re.MULTILINE))
    selected = {
        name
        for name, stream in pipeline.case.tap(config=pipeline.config).streams.items()
        if stream.selected
    }
    assert set(verdicts) == selected
    assert set(verdicts.values()) == {"works"}
    pipeline.fault("status", status=403, times=None, body='{"message": "Not for you"}')
    output = pipeline.command(tmp_path, "--test")
    assert output.exit_code == 1
    verdicts = dict(re.findall(r"^(\w+): (.*)$", output.stderr, re.MULTILINE))
    assert set(verdicts) == selected
    for name in selected & set(pipeline.case.broken):
        assert pipeline.case.remedy in verdicts[name]
    for name in pipeline.case.others:
        assert verdicts[name] == "works"


@pytest.mark.parametrize("first", [True, False])
def test_test_looks_at_the_streams_that_the_catalog_selects(
    pipeline: Pipeline,
    tmp_path: Path,
    first: bool,  # noqa: FBT001
) -> None:
    name = pipeline.case.others[-1]
    catalog = tmp_path / "selection.json"
    options = (
        ("--test", "--catalog", str(catalog)) if first else ("--catalog", str(catalog), "--test")
    )

    catalog.write_text(json.dumps(pipeline.chosen(name)))
    output = pipeline.command(tmp_path, *options)

    assert output.exit_code == 0, output.stderr
    assert re.findall(r"^\w+: .*$", output.stderr, re.MULTILINE) == [f"{name}: works"]

    catalog.write_text(json.dumps(select(pipeline.catalog)))
    output = pipeline.command(tmp_path, *options)

    assert output.exit_code == 0, output.stderr
    assert "no stream is selected" in output.stderr


def test_a_test_that_there_is_not_is_refused(pipeline: Pipeline, tmp_path: Path) -> None:
    output = pipeline.command(tmp_path, "--test=everything")

    assert output.exit_code == 2
    assert "'everything' is not one of 'all', 'schema', 'disabled'" in output.stderr
    assert len(pipeline.sandbox.journal) == 0


def test_stream_maps_flattening_and_batches_work(pipeline: Pipeline, tmp_path: Path) -> None:
    name = pipeline.case.others[-1]
    plain = pipeline.run(name)
    (key,) = plain.schemas[name]["key_properties"]
    maps = {name: {"__alias__": "mapped", "same": key, "__else__": None, key: key}}
    mapped = pipeline.run(name, stream_maps=maps)
    assert mapped.records["mapped"] == [
        {key: record[key], "same": record[key]} for record in plain.records[name]
    ]
    flat = pipeline.run(name, flattening_enabled=True, flattening_max_depth=2)
    for record in flat.records[name]:
        assert not any(isinstance(value, dict) for value in record.values())
    assert len(flat.records[name]) == len(plain.records[name])
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{tmp_path}"},
    }
    batched = pipeline.run(name, batch_config=batch)
    assert [line["type"] for line in batched.lines if line["type"] == "BATCH"]
    assert not batched.records[name]


@pytest.mark.parametrize("wanted", [True, False])
def test_versions_are_activated_behind_full_tables(pipeline: Pipeline, wanted: bool) -> None:  # noqa: FBT001
    name = pipeline.case.others[-1]
    output = pipeline.run(name, pipeline.case.broken[0], emit_activate_version_messages=wanted)
    activated = [line for line in output.lines if line["type"] == "ACTIVATE_VERSION"]
    assert {line["stream"] for line in activated} == ({name} if wanted else set())
    if wanted:
        records = [line for line in output.lines if line.get("stream") == name]
        assert records[-1] == activated[-1]
        versions = {line["version"] for line in records if line["type"] == "RECORD"}
        assert versions == {activated[-1]["version"]}
