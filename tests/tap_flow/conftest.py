"""A team of Onsight Flow in the sandbox, and the tap run against it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, faults
from sandbox.faults import Fault
from sandbox.world import Clock
from tap_flow.tap import TapFlow
from tap_kit.time.clock import parse_time, utc_now
from tests.singer import Output, discover, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sandbox.faults import Exchange

Record = dict[str, Any]

JOB_STREAMS = (
    "completed_jobs",
    "job_steps",
    "job_substeps",
    "job_attachments",
    "job_attachment_thumbnails",
    "job_reports",
)
KEYS: dict[str, tuple[str, ...]] = {
    vars(stream)["name"]: vars(stream)["primary_keys"] for stream in TapFlow.stream_types
}


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


class Team:
    """The sandbox, with the tap at the same moment; time may pass between runs."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.config: dict[str, Any] = {
            **sandbox.settings("flow"),
            "window": "year",
            "concurrency": 8,
        }

    def run(
        self,
        *streams: str,
        state: dict[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
        without: Sequence[tuple[str, str]] = (),
        **settings: Any,  # noqa: ANN401  # settings have all types
    ) -> Output:
        config = {**self.config, **settings}
        if streams:
            catalog = select(full_catalog(), *streams, without=without)
        return sync(TapFlow, config, catalog=catalog, state=state)

    def by_updated(self, *streams: str) -> dict[str, Any]:
        """A catalog in which completed jobs are replicated by `updated`."""
        catalog = select(full_catalog(), *streams)
        for entry in catalog["streams"]:
            if entry["tap_stream_id"] == "completed_jobs":
                (root,) = (item for item in entry["metadata"] if not item["breadcrumb"])
                root["metadata"]["replication-key"] = "updated"
        return catalog

    def truth(self, stream: str) -> dict[tuple[Any, ...], Record]:
        """What a complete run brings now, by key, in plain JSON."""
        rows = json.loads(json.dumps(self.sandbox.truth("flow", stream)))
        return {tuple(row[key] for key in KEYS[stream]): row for row in rows}

    def meanwhile(self, happen: Callable[[], None], **where: Any) -> None:  # noqa: ANN401  # fields of Fault
        """Let something happen just before a request is answered."""
        self.sandbox._plan.add(Meanwhile(vendor="flow", happen=happen, **where))

    def asked(self, route: str) -> list[str]:
        """Bodies or paths that were sent to a route."""
        journal = self.sandbox.journal.for_route("flow", route)
        return [entry.body or f"{entry.path}?{entry.query}" for entry in journal]

    def queries(self) -> list[str]:
        """The GraphQL documents that were sent."""
        return [json.loads(body)["query"] for body in self.asked("graphql")]


@cache
def full_catalog() -> dict[str, Any]:
    """What discovery gives, whatever the settings, with credentials for everything."""
    return discover(TapFlow, {"client_id": "made-up", "client_secret": "made-up"})


@pytest.fixture
def team_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Team]]:
    """Makes teams; variants are given as keywords."""
    opened: list[Sandbox] = []

    def make(*, scale: float = 0.2, frozen: bool = False, **variants: str) -> Team:
        sandbox = Sandbox(
            clock=Clock(frozen_at=EPOCH) if frozen else Clock(offset=EPOCH - utc_now()),
            scale=scale,
            vendors=["flow"],
            variants={f"flow.{name}": choice for name, choice in variants.items()},
        )
        opened.append(sandbox.__enter__())
        monkeypatch.setattr("tap_kit.tap.utc_now", sandbox.now)
        for fault in (Meanwhile, Forgetful):
            monkeypatch.setitem(faults._NAMES, fault, fault.__name__)
        return Team(sandbox)

    yield make
    for sandbox in opened:
        sandbox.__exit__(None, None, None)


@pytest.fixture
def team(team_of: Callable[..., Team]) -> Team:
    return team_of()


def assert_complete(team: Team, output: Output, *streams: str, once: bool = True) -> None:
    """Each stream holds what the vendor has, and with ``once`` nothing twice."""
    for stream in streams:
        truth = team.truth(stream)
        found = output.by_key(stream, *KEYS[stream])
        assert found.keys() == truth.keys(), stream
        known = frozenset[str]().union(*truth.values())
        for key, row in truth.items():
            expected = {name: row.get(name) for name in known}
            assert {name: found[key].get(name) for name in known} == expected, (stream, key)
            assert not found[key].get("extra_columns"), (stream, key)
        if once:
            assert len(output.records[stream]) == len(truth), stream


DAY = timedelta(days=1)
