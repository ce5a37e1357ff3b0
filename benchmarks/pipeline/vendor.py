"""The vendor on two nights: completed jobs of 90 days, and 20 hours of news after them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.cases import PAGE, catalog
from benchmarks.pipeline.warehouses import Found
from benchmarks.server import SandboxProcess
from tap_flow.streams.completed_jobs import CompletedJobs
from tap_kit.streams.graphql import selection

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from sandbox.remote import RemoteSandbox

STREAM = "completed_jobs"
_JOBS_AT_SCALE_1 = 250
_BETWEEN = timedelta(hours=20)
_DAYS = 91
NIGHTS = ("first load", "a night after it")


@dataclass(frozen=True)
class Evening:
    """One of the two: where the vendor is, and what it has.

    Attributes:
        settings: Of our tap.
        spec: What the others are told.
        truth: What a warehouse must hold afterwards.
    """

    settings: dict[str, Any]
    spec: dict[str, Any]
    truth: Found


class Vendor:
    """Two sandboxes with the same history, whose clocks stand still 20 hours apart.

    Both remember their answers, so that they take little of the machine from their clients.

    Args:
        jobs: About how many completed jobs there are.
    """

    def __init__(self, jobs: int) -> None:
        # The tap's clock is the real one: it asks for windows up to now.
        self._present = datetime.now(timezone.utc).replace(microsecond=0)
        self._epoch = self._present - _BETWEEN
        self._scale = jobs / _JOBS_AT_SCALE_1

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.evenings = [
                self._evening(stack.enter_context(self._server(now)))
                for now in (self._epoch, self._present)
            ]
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def catalog(self, folder: Path) -> Path:
        """Our tap's catalog with the stream selected."""
        config = folder / "config.json"
        config.write_text(json.dumps(self.evenings[0].settings))
        path = folder / "catalog.json"
        path.write_text(json.dumps(catalog("flow", (STREAM,), config)))
        return path

    def _server(self, now: datetime) -> SandboxProcess:
        options = {"scale": self._scale, "epoch": self._epoch.isoformat(), "now": now.isoformat()}
        return SandboxProcess("flow", options=options, remember=True, stopped=True)

    def _evening(self, sandbox: RemoteSandbox) -> Evening:
        start = (self._epoch - timedelta(days=_DAYS)).replace(hour=0, minute=0, second=0)
        since = start.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        config = sandbox.settings("flow")
        settings = {
            **config,
            # The last window ends now, in each run at another moment: the shorter it is, the less
            # has the sandbox to make anew.
            "window": "day",
            "start_date": start.isoformat(),
        }
        fields = selection(CompletedJobs.schema, lambda _: True)
        spec = {
            "url": config["gateway_url"],
            "path": "/query/v2/graph",
            "query": (
                "query ($cursor: String, $since: String) "
                f'{{ jobs(limit: {PAGE}, order: "asc", cursor: $cursor, updatedSince: $since) '
                f"{{ {fields} }} }}"
            ),
            "since": since,
            "headers": _token(config),
        }
        jobs = [
            _milliseconds(job["updated"])
            for job in sandbox.truth("flow", STREAM)
            if job["updated"] >= since
        ]
        return Evening(settings, spec, Found(len(jobs), len(jobs), sum(jobs)))


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def _token(config: dict[str, Any]) -> dict[str, str]:
    answer = requests.post(
        f"{config['accounts_url']}/connect/token",
        data={
            "grant_type": "client_credentials",
            "client_id": config["client_id"],
            "client_secret": config["client_secret"],
        },
        timeout=60,
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
