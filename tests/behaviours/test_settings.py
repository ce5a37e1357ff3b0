"""Wrong settings end in one line that says what is right, before any request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.behaviours.pipeline import Pipeline

WRONG: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no date": ({"start_date": "last week"}, "start_date must be a date"),
    "no time": ({"end_date": "2024-13-01"}, "end_date must be a date"),
    "backwards": (
        {"start_date": "2024-02-01", "end_date": "2024-01-01"},
        "end_date must be after start_date",
    ),
    "window": ({"window": "decade"}, "window must be one of: day, week, month, quarter, year"),
    "lookback": ({"lookback_days": -1}, "lookback_days must be at least 0"),
    "none at once": ({"concurrency": 0}, "concurrency must be at least 1"),
    "too many at once": ({"concurrency": 33}, "concurrency must be at most 32"),
    "rate": ({"requests_per_second": 0}, "requests_per_second must be greater than 0"),
    "time-out": ({"request_timeout": 0}, "request_timeout must be greater than 0"),
    "attempts": ({"max_attempts": 0}, "max_attempts must be at least 1"),
    "type": ({"include_secrets": "maybe"}, "include_secrets must be a boolean"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_common_setting_is_one_line(pipeline: Pipeline, tmp_path: Path, wrong: str) -> None:
    settings, told = WRONG[wrong]
    assert told in _refused(pipeline, tmp_path, {**pipeline.config, **settings})


def test_a_wrong_setting_of_its_own_is_one_line(pipeline: Pipeline, tmp_path: Path) -> None:
    line = _refused(pipeline, tmp_path, {**pipeline.config, **pipeline.case.wrong})
    assert all(name in line for name in pipeline.case.wrong)


@pytest.mark.parametrize(
    "url", ["http://vendor.example/api", "ftp://127.0.0.1/", "https://", "nowhere"]
)
def test_urls_are_https_but_for_this_machine(pipeline: Pipeline, tmp_path: Path, url: str) -> None:
    name = pipeline.case.url
    line = _refused(pipeline, tmp_path, {**pipeline.config, name: url})
    assert f"{name} must be an https:// address" in line


def test_a_secret_of_a_wrong_type_is_not_shown(pipeline: Pipeline, tmp_path: Path) -> None:
    for name in pipeline.case.secrets:
        line = _refused(pipeline, tmp_path, {**pipeline.config, name: ["hush-hush"]})
        assert name in line
        assert "hush" not in line


def test_missing_credentials_are_named(pipeline: Pipeline, tmp_path: Path) -> None:
    for name in pipeline.case.secrets:
        config = {key: value for key, value in pipeline.config.items() if key != name}
        assert name in _refused(pipeline, tmp_path, config)


def test_all_wrong_settings_are_told_at_once(pipeline: Pipeline, tmp_path: Path) -> None:
    wrong = {"concurrency": 0, "max_attempts": 0, "window": "decade"}
    line = _refused(pipeline, tmp_path, {**pipeline.config, **wrong})
    assert all(name in line for name in wrong)


def test_the_user_agent_is_sent_with_every_request(pipeline: Pipeline) -> None:
    streams = (*pipeline.case.broken, *pipeline.case.others)
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    pipeline.run(*streams, user_agent="acme-warehouse/2 (data@acme.example)")
    agents = {entry.headers["user-agent"] for entry in pipeline.sandbox.journal}
    assert agents == {"acme-warehouse/2 (data@acme.example)"}


def test_settings_come_from_the_environment_too(pipeline: Pipeline, tmp_path: Path) -> None:
    prefix = pipeline.case.name.upper().replace("-", "_")
    env = {
        f"{prefix}_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in {**pipeline.config, "concurrency": 2}.items()
    }
    output = pipeline.command(tmp_path, "--discover", "--config=ENV", config={}, env=env)
    assert output.exit_code == 0, output.stderr
    assert all(f'"{name}"' in output.stderr for name in pipeline.names)


def _refused(pipeline: Pipeline, folder: Path, config: Mapping[str, Any]) -> str:
    """The line about wrong settings; all else that must not happen, didn't."""
    output = pipeline.command(folder, config=config)
    assert output.exit_code == 1
    assert output.lines == []
    assert len(pipeline.sandbox.journal) == 0
    problems = [line for line in output.stderr.splitlines() if "INFO" not in line]
    (line,) = problems
    for name in pipeline.case.secrets:
        assert str(pipeline.config[name]) not in output.stderr
    return line
