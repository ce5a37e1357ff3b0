"""Files and variables: what is wrong with them is one line that names them, before any request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.behaviours.taps import TAPS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.behaviours.pipeline import Pipeline
    from tests.behaviours.taps import Case

BROKEN: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\t", "is empty"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
    "UTF-16 without a mark": ('{"a": 1}'.encode("utf-16-le"), "not UTF-8"),
    "latin-1": ('{"a": "é"}'.encode("latin-1"), "not UTF-8"),
    "cut off": (b'{"a": [1, 2', "not JSON"),
    "two values": (b'{"bookmarks": {}}\n{"bookmarks": {}}', "more than one value"),
    "a list": (b"[1]", "must hold a JSON object, not a list"),
    "null": (b"null", "must hold a JSON object, not null"),
    "text": (b'"a"', "must hold a JSON object, not a string"),
    "not a number": (b'{"a": NaN}', "a number that is not JSON"),
    "half a character": (b'{"a": "\\ud83d"}', "half of a character"),
    "deep": (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
    "not so deep": (b'{"a":' * 300 + b"1" + b"}" * 300, "nested too deeply"),
}


@pytest.mark.parametrize("option", ["config", "catalog", "state"])
def test_a_file_that_can_t_be_read_is_named(
    pipeline: Pipeline, tmp_path: Path, option: str
) -> None:
    path = tmp_path / f"broken {option}.json"
    for kind, (content, told) in BROKEN.items():
        path.write_bytes(content)
        assert told in _refused(pipeline, tmp_path, f"--{option}={path}", str(path)), kind
    path.unlink()
    assert "No such file" in _refused(pipeline, tmp_path, f"--{option}={path}", str(path))
    assert "directory" in _refused(pipeline, tmp_path, f"--{option}={tmp_path}", str(tmp_path))


def test_a_byte_order_mark_is_no_fault(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "marked.json").write_bytes(json.dumps(pipeline.config).encode("utf-8-sig"))
    output = pipeline.command(
        tmp_path, f"--config={tmp_path / 'marked.json'}", "--discover", config={}
    )
    assert output.exit_code == 0, output.stderr


WRONG_STATES: tuple[tuple[Any, str], ...] = (
    ({"bookmarks": None}, "bookmarks must be an object, not null"),
    ({"bookmarks": {"x": None}}, "bookmarks.x must be an object, not null"),
    ({"bookmarks": {"x": {"partitions": None}}}, "bookmarks.x.partitions must be a list"),
    ({"bookmarks": {"x": {"partitions": [None]}}}, "bookmarks.x.partitions.0 must be an object"),
    ({"bookmarks": {"x": {"partitions": [{}]}}}, "bookmarks.x.partitions.0.context must be"),
    ({"bookmarks": {"x": {"replication_key_value": {}}}}, "replication_key_value must be text"),
    ({"bookmarks": {"x": {"replication_key_value": 5}}}, "replication_key_value must be text"),
    ({"bookmarks": {"x": {"replication_key": 0}}}, "bookmarks.x.replication_key must be text"),
    ({"singer_state": {"bookmarks": {}}}, "has no bookmarks, but singer_state"),
    ({"type": "STATE", "value": None}, "value must be an object, not null"),
)


def test_what_is_no_state_is_told_and_not_ignored(pipeline: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    for state, told in WRONG_STATES:
        path.write_text(json.dumps(state))
        line = _refused(pipeline, tmp_path, f"--state={path}", str(path))
        assert told in line
        with pytest.raises(Exception, match=r"^state"):
            pipeline.case.tap(config=pipeline.config, catalog=pipeline.catalog, state=state)
        pipeline.sandbox.clear_journal()


def test_a_whole_state_message_is_taken_for_its_value(pipeline: Pipeline) -> None:
    names = pipeline.case.incremental
    first = pipeline.run(*names, start_date="2025-05-12")
    message = {"type": "STATE", "value": first.state}
    assert (
        pipeline.run(*names, state=message).state == pipeline.run(*names, state=first.state).state
    )


@pytest.mark.parametrize("case", TAPS, ids=lambda case: case.name)
def test_later_files_of_settings_count_for_more(
    case: Case, pipeline: Pipeline, tmp_path: Path
) -> None:
    (tmp_path / "more.json").write_text('{"concurrency": 99}')
    more = f"--config={tmp_path / 'more.json'}"
    assert case is pipeline.case
    assert "concurrency must be at most 32" in _refused(pipeline, tmp_path, more)


WRONG_VARIABLES: Mapping[str, tuple[str, str]] = {
    "CONCURRENCY": ("four", "concurrency must be an integer"),
    "MAX_ATTEMPTS": ("2.5", "max_attempts must be an integer"),
    "LOOKBACK_DAYS": ("nan", "lookback_days must be a number"),
    "REQUEST_TIMEOUT": ("Infinity", "request_timeout must be a number"),
    "INCLUDE_SECRETS": ("maybe", "include_secrets must be a boolean"),
    "STREAM_MAPS": ("{", "stream_maps must be an object"),
    "START_DATE": ("soon", "start_date must be a date"),
}


def test_a_wrong_variable_is_named(pipeline: Pipeline, tmp_path: Path) -> None:
    for name, (value, told) in WRONG_VARIABLES.items():
        env = {_variable(pipeline, name): value}
        assert told in _refused(pipeline, tmp_path, "--config=ENV", env=env)


def test_variables_are_read_as_people_write_them(pipeline: Pipeline, tmp_path: Path) -> None:
    values = {
        "CONCURRENCY": "3.0",
        "MAX_ATTEMPTS": "",
        "INCLUDE_SECRETS": "Yes",
        "USER_AGENT": " acme/1\n",
        "LOOKBACK_DAYS": "0.5",
    }
    env = {_variable(pipeline, name): value for name, value in values.items()}
    output = pipeline.command(tmp_path, "--config=ENV", "--discover", env=env)
    assert output.exit_code == 0, output.stderr
    if pipeline.case.token is False:  # discovery sends requests
        agents = {entry.headers["user-agent"] for entry in pipeline.sandbox.journal}
        assert agents == {"acme/1"}


def test_a_list_in_a_variable_must_be_one(tmp_path: Path, pipeline: Pipeline) -> None:
    lists = {"tap-crewmojo": "reports", "tap-giosg": "step_indexes", "tap-xoi": "workflow_jobs"}
    name = lists.get(pipeline.case.name)
    if name is None:  # tap-flow has no list at the top
        return
    for value in ("text", "[1", "{}", "7"):
        env = {_variable(pipeline, name.upper()): value}
        line = _refused(pipeline, tmp_path, "--config=ENV", env=env)
        assert f"{name} must be an array" in line or f"{name}.0 must be" in line


def _variable(pipeline: Pipeline, name: str) -> str:
    return f"{pipeline.case.name.upper().replace('-', '_')}_{name}"


def _refused(
    pipeline: Pipeline,
    folder: Path,
    option: str,
    named: str = "",
    env: Mapping[str, str] | None = None,
) -> str:
    output = pipeline.command(folder, option, env=env)
    assert output.exit_code == 1, output.stderr
    assert len(pipeline.sandbox.journal) == 0
    lines = [line for line in output.stderr.splitlines() if "INFO" not in line]
    assert len(lines) == 1, output.stderr
    assert named in lines[0]
    assert "unexpected" not in lines[0]
    return lines[0]
