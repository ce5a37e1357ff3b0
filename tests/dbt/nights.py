"""What taps bring in a night, and how loaders take it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.behaviours.taps import TAPS
from tests.pipelines.meltano import BIN, PROJECT, bare_environment
from tests.singer import arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sandbox import Sandbox
    from tests.dbt.models import Database

Truth = dict[str, dict[str, list[dict[str, Any]]]]

_REPORT = "oneonone.summary"
_STREAMS: Mapping[str, tuple[str, ...]] = {
    "flow": (
        "completed_jobs",
        "job_steps",
        "workflows",
        "scheduled_jobs",
        "scheduled_job_tasks",
        "users",
    ),
    "giosg": ("source_data", "step_source_data", "workflows"),
    "crewmojo": ("oneonone_summary",),
    "xoi": (
        "jobs",
        "documentation",
        "webhook_history",
        "workflow_job_reports",
        "workflow_job_step_values",
    ),
}
"""Streams that the marts are made of."""


@dataclass(frozen=True)
class Night:
    """Singer messages by vendor, the state after them, and what the vendors had."""

    now: datetime
    messages: Mapping[str, Path]
    truth: Truth

    @classmethod
    def of(cls, sandbox: Sandbox, folder: Path, before: Night | None = None) -> Night:
        """Run all four taps, from the state of the night before."""
        folder.mkdir()
        messages = {}
        for vendor in _STREAMS:
            config = sandbox.settings(vendor)
            if vendor == "crewmojo":
                config["reports"] = [one for one in config["reports"] if one["report"] == _REPORT]
            if vendor == "flow":
                config["lookback_days"] = 3  # the sandbox is a day behind the tap's clock
            state = _state(before.messages[vendor]) if before else None
            messages[vendor] = folder / f"{vendor}.jsonl"
            (folder / vendor).mkdir()
            with messages[vendor].open("wb") as out:
                done = subprocess.run(  # noqa: S603  # the tap's command
                    arguments(f"tap-{vendor}", config, folder / vendor, state=state),
                    stdout=out,
                    stderr=subprocess.PIPE,
                    check=False,
                )
            assert done.returncode == 0, done.stderr[-2000:]
        cases = {case.vendor: case for case in TAPS}
        truth = {
            vendor: {name: cases[vendor].truth_of(sandbox, vendor, name) for name in streams}
            for vendor, streams in _STREAMS.items()
        }
        return cls(sandbox.now(), messages, json.loads(json.dumps(truth)))


def _state(messages: Path) -> dict[str, Any]:
    lines = messages.read_text(encoding="utf-8").splitlines()
    states = [line for line in lines if line.startswith('{"type":"STATE"')]
    value: dict[str, Any] = json.loads(states[-1])["value"]
    return value


@dataclass(frozen=True)
class Loader:
    """A loader as the project has it.

    Attributes:
        database: What it loads.
        settings: Its configuration, by the database's environment and the schema.
        program: Its command.
        each_night: Whether models are built after each night, or after the last one.
    """

    database: str
    settings: Callable[[Mapping[str, str], str], dict[str, Any]]
    program: Path
    each_night: bool = False


def _server(place: Mapping[str, str]) -> dict[str, Any]:
    names = ("host", "user", "password", "database")
    found = {name: place[f"TARGET_POSTGRES_{name.upper()}"] for name in names}
    return {**found, "port": int(place["TARGET_POSTGRES_PORT"])}


def _program_of_meltano(name: str) -> Path:
    return PROJECT / ".meltano" / "loaders" / name / "venv" / "bin" / name


LOADERS: Mapping[str, Loader] = {
    "target-pg": Loader(
        "postgres",
        lambda place, schema: {**_server(place), "schema": schema},
        BIN / "target-pg",
        each_night=True,
    ),
    "target-duck": Loader(
        "duckdb",
        lambda place, schema: {"path": place["TARGET_DUCKDB_PATH"], "schema": schema},
        BIN / "target-duck",
        each_night=True,
    ),
    "target-postgres": Loader(
        "postgres",
        lambda place, schema: {**_server(place), "default_target_schema": schema},
        _program_of_meltano("target-postgres"),
    ),
    "target-duckdb": Loader(
        "duckdb",
        lambda place, schema: {
            "path": place["TARGET_DUCKDB_PATH"],
            "default_target_schema": schema,
            "add_metadata_columns": True,
        },
        _program_of_meltano("target-duckdb"),
    ),
}


def load(name: str, night: Night, database: Database) -> None:
    """Load what the taps brought."""
    for vendor, messages in night.messages.items():
        config = messages.with_suffix(f".{name}.json")
        config.write_text(json.dumps(LOADERS[name].settings(database.environment, f"tap_{vendor}")))
        with messages.open("rb") as lines:
            done = subprocess.run(  # noqa: S603  # the loader's command
                [LOADERS[name].program, "--config", config],
                stdin=lines,
                capture_output=True,
                env={**bare_environment(), "PGTZ": "UTC"},
                check=False,
            )
        assert done.returncode == 0, done.stderr[-3000:]
