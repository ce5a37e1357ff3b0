"""The vendor on two nights: completed jobs of 90 days, and 20 hours of news after them."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from benchmarks.cases import PAGE, catalog, token
from benchmarks.pipeline.warehouses import Found
from benchmarks.server import SandboxProcess
from tap_flow.streams.completed_jobs import CompletedJobs
from tap_kit.streams.graphql import selection
from tap_kit.time.clock import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

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


@dataclass(frozen=True)
class Vendor:
    """Two sandboxes with the same history, whose clocks stand still 20 hours apart."""

    evenings: Sequence[Evening]

    def catalog(self, folder: Path) -> Path:
        """Our tap's catalog with the stream selected."""
        config = folder / "config.json"
        config.write_text(json.dumps(self.evenings[0].settings))
        path = folder / "catalog.json"
        path.write_text(json.dumps(catalog("flow", (STREAM,), config)))
        return path


@contextmanager
def vendor_of(jobs: int) -> Iterator[Vendor]:
    """A vendor with about so many completed jobs.

    Its servers remember their responses, so that they take little of the machine.
    """
    # The tap's clock is the real one: it asks for windows up to now.
    present = datetime.now(timezone.utc).replace(microsecond=0)
    epoch = present - _BETWEEN
    options = {"scale": jobs / _JOBS_AT_SCALE_1, "epoch": epoch.isoformat()}
    with ExitStack() as stack:
        servers = [
            SandboxProcess(
                "flow", options={**options, "now": now.isoformat()}, remember=True, stopped=True
            )
            for now in (epoch, present)
        ]
        yield Vendor([_evening(stack.enter_context(server), epoch) for server in servers])


def _evening(sandbox: RemoteSandbox, epoch: datetime) -> Evening:
    start = (epoch - timedelta(days=_DAYS)).replace(hour=0, minute=0, second=0)
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
        "headers": token(f"{config['accounts_url']}/connect/token", config),
    }
    jobs = [
        round(parse_time(job["updated"]).timestamp() * 1000)
        for job in sandbox.truth("flow", STREAM)
        if job["updated"] >= since
    ]
    return Evening(settings, spec, Found(len(jobs), len(jobs), sum(jobs)))
