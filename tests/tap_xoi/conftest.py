"""A tenant of XOi in the sandbox, and the tap run against it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from sandbox.world import Clock
from sandbox.xoi.vendor import Xoi
from tap_xoi.tap import TapXoi
from tests.singer import Output, discover, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Record = dict[str, Any]

REPORTS = ("workflow_job_reports", "workflow_job_step_values")


class Tenant:
    """The sandbox some days ago: time may pass, and every run ends at the sandbox's present."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.config: dict[str, Any] = {**sandbox.settings("xoi"), "concurrency": 8}

    def run(
        self,
        *streams: str,
        state: dict[str, Any] | None = None,
        without: Sequence[tuple[str, str]] = (),
        **settings: Any,  # noqa: ANN401  # each has its own
    ) -> Output:
        config = {**self.config, "end_date": self.now, **settings}
        catalog = select(discover(TapXoi, config), *streams, without=without) if streams else None
        return sync(TapXoi, config, catalog=catalog, state=state)

    @property
    def now(self) -> str:
        return self.sandbox.now().isoformat()

    def truth(self, stream: str, source: str = "webhook_history") -> list[Record]:
        vendor = self.sandbox.vendor("xoi")
        assert isinstance(vendor, Xoi)
        return json.loads(json.dumps(list(vendor.truth(stream, source))))  # type: ignore[no-any-return]

    def asked(self, route: str) -> list[str]:
        """Paths that were asked for, with GraphQL bodies."""
        return [entry.path + entry.body for entry in self.sandbox.journal.for_route("xoi", route)]


@pytest.fixture
def tenant_of() -> Iterator[Callable[..., Tenant]]:
    """Makes tenants; variants are given as keywords."""
    opened: list[Sandbox] = []

    def make(*, scale: float = 0.2, **variants: str) -> Tenant:
        sandbox = Sandbox(
            clock=Clock(frozen_at=datetime.now(timezone.utc) - timedelta(days=5)),
            scale=scale,
            vendors=["xoi"],
            variants={f"xoi.{name}": choice for name, choice in variants.items()},
        )
        opened.append(sandbox.__enter__())
        return Tenant(sandbox)

    yield make
    for sandbox in opened:
        sandbox.__exit__(None, None, None)


@pytest.fixture
def tenant(tenant_of: Callable[..., Tenant]) -> Tenant:
    return tenant_of()


def as_set(rows: list[Record], truth: list[Record]) -> tuple[Counter[str], Counter[str]]:
    """Rows and truth, comparable, by the columns that the truth knows."""
    known = frozenset[str]().union(*truth)

    def frozen(row: Record) -> str:
        row = {name: row.get(name) for name in known}
        if isinstance(row.get("value_json"), str):
            row["value_json"] = json.loads(row["value_json"])
        if isinstance(data := row.get("stepData"), dict):
            # Which plate stands under which key means nothing.
            row["stepData"] = [sorted(data), sorted(map(json.dumps, data.values()))]
        return json.dumps(row, sort_keys=True)

    return Counter(map(frozen, rows)), Counter(map(frozen, truth))
