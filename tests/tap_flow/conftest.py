"""A team of Onsight Flow in the sandbox, and the tap run against it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import faults
from sandbox.faults import Fault
from sandbox.world import Clock
from tap_flow.streams import FILE_STREAMS
from tap_flow.tap import TapFlow
from tap_kit.time.clock import parse_time, utc_now
from tests.harness import Harness, Record
from tests.singer import Output, discover, select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox import Sandbox
    from sandbox.faults import Exchange

JOB_STREAMS = (
    "completed_jobs",
    "job_steps",
    "job_substeps",
    "job_attachments",
    "job_attachment_thumbnails",
    "job_reports",
)
KEYS: dict[str, tuple[str, ...]] = {
    vars(stream)["name"]: vars(stream)["primary_keys"]
    for stream in TapFlow.stream_types
    if stream not in FILE_STREAMS
}
"""Of the streams that need no place for files; see test_files.py."""


EPOCH = parse_time("2024-05-15T09:30:00Z")
"""When all of this happens."""


@dataclass(frozen=True, kw_only=True)
class Meanwhile(Fault):
    """Something happens between two requests; the request itself is answered as ever."""

    happen: Callable[[], None]

    def play(self, exchange: Exchange) -> None:  # noqa: ARG002  # the answer stays
        self.happen()


@dataclass(frozen=True, kw_only=True)
class Forgetful(Fault):
    """Where there is a cursor, the Query API takes no notice of the bounds of time."""

    def play(self, exchange: Exchange) -> None:
        request = exchange.request
        body = re.sub(rb', updated\w+: \\"[^"]*\\"', b"", request.body)
        exchange.answer = lambda: exchange.route.handler(replace(request, body=body))


class Team(Harness):
    """A team of Flow's; time may pass between runs."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(TapFlow, sandbox, window="year", concurrency=8)

    def discover(self, **_: Any) -> dict[str, Any]:  # noqa: ANN401  # settings have all types
        """The catalog, which is the same whatever the settings."""
        return full_catalog()

    def by_updated(self, *streams: str) -> dict[str, Any]:
        """A catalog in which completed jobs are replicated by `updated`."""
        catalog = select(full_catalog(), *streams)
        for entry in catalog["streams"]:
            if entry["tap_stream_id"] == "completed_jobs":
                (root,) = (item for item in entry["metadata"] if not item["breadcrumb"])
                root["metadata"]["replication-key"] = "updated"
        return catalog

    def by_key(self, stream: str) -> dict[tuple[Any, ...], Record]:
        """What a complete run brings now, by key."""
        return {tuple(row[key] for key in KEYS[stream]): row for row in self.truth(stream)}

    def meanwhile(self, happen: Callable[[], None], **where: Any) -> None:  # noqa: ANN401  # fields of Fault
        """Let something happen just before a request is answered."""
        self.sandbox.plan.add(Meanwhile(vendor="flow", happen=happen, **where))

    def answer_jobs(self, jobs: Sequence[Record]) -> None:
        """Let the REST list hold these jobs and no others."""
        for skip in range(len(jobs) + 1):
            self.sandbox.fault(
                "status",
                route="jobs",
                contains=f"skip={skip}&",
                status=200,
                body=json.dumps(jobs[skip:]),
                times=None,
            )

    def asked(self, route: str) -> list[str]:
        """Bodies or paths that were sent to a route."""
        entries = self.requests(route)
        return [entry.body or f"{entry.path}?{entry.query}" for entry in entries]

    def queries(self) -> list[str]:
        """The GraphQL documents that were sent."""
        return [json.loads(body)["query"] for body in self.asked("graphql")]


@cache
def full_catalog() -> dict[str, Any]:
    """What discovery gives, whatever the settings, with credentials for everything."""
    return discover(TapFlow, {"client_id": "made-up", "client_secret": "made-up"})


@pytest.fixture
def team_of(
    open_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Team]:
    """Makes teams; variants are given as keywords."""
    for fault in (Meanwhile, Forgetful):
        monkeypatch.setitem(faults._NAMES, fault, fault.__name__)

    def make(*, scale: float = 0.2, frozen: bool = False, **variants: str) -> Team:
        clock = Clock(frozen_at=EPOCH) if frozen else Clock(offset=EPOCH - utc_now())
        return Team(open_sandbox("flow", variants, clock=clock, scale=scale))

    return make


@pytest.fixture
def team(team_of: Callable[..., Team]) -> Team:
    return team_of()


def assert_complete(team: Team, output: Output, *streams: str, once: bool = True) -> None:
    """Each stream holds what the vendor has, and with ``once`` nothing twice."""
    for stream in streams:
        every = output.records[stream]
        rows = every if once else [*output.by_key(stream, *KEYS[stream]).values()]
        team.assert_same(rows, team.truth(stream), stream)
        assert not any(row.get("extra_columns") for row in every), stream


DAY = timedelta(days=1)
