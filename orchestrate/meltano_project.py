"""What ``meltano.yml`` says that DAGs are made of."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from meltano_commands import PROJECT

_NO_POOL = "default_pool"
_POOLS = Path(__file__).with_name("pools.json")
_NEVER = ("@once", "@manual", "@none")


class Schedule(NamedTuple):
    """A schedule.

    Attributes:
        name: Its name in ``meltano.yml``.
        interval: A cron expression or preset; None runs by hand only.
        pool: Airflow's pool to run in: its tap's.
    """

    name: str
    interval: str | None
    pool: str


@cache
def _document() -> dict[str, Any]:
    with (PROJECT / "meltano.yml").open(encoding="utf-8") as file:
        # The parser written in C, where it is there: DAG files are read every few seconds.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document: dict[str, Any] = yaml.load(file, loader)  # noqa: S506  # both are safe loaders
        return document


def _names(kind: str) -> list[str]:
    return [plugin["name"] for plugin in _document()["plugins"].get(kind, [])]


def extractors() -> list[str]:
    """Names of the taps."""
    return _names("extractors")


def loaders() -> list[str]:
    """Names of the loaders that more than one run can load with at a time: not those of a file."""
    return [name for name in _names("loaders") if "duck" not in name]


def schedules() -> list[Schedule]:
    """All schedules."""
    jobs = {job["name"]: str(job["tasks"]) for job in _document().get("jobs", [])}
    return [
        Schedule(
            each["name"],
            None if each["interval"] in _NEVER else each["interval"],
            _pool(jobs.get(each.get("job", ""), "") or str(each.get("extractor", ""))),
        )
        for each in _document().get("schedules", [])
    ]


def shards_at_once(tap: str) -> int | None:
    """How many shards of a tap may run at once; None where ``pools.json`` doesn't say."""
    pools = json.loads(_POOLS.read_text(encoding="utf-8"))
    slots: int | None = pools.get(tap, {}).get("slots")
    return slots


def _pool(tasks: str) -> str:
    return next((name for name in extractors() if name in tasks), _NO_POOL)


ENVIRONMENT: str = os.environ.get("MELTANO_ENVIRONMENT") or _document()["default_environment"]
