"""A tenant of Crewmojo in the sandbox, and the tap run against it at the same moment."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from sandbox.crewmojo.vendor import Crewmojo
from sandbox.world import Clock
from tap_crewmojo.tap import TapCrewmojo
from tests.singer import Output, discover, select, sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Record = dict[str, Any]

NOON = datetime(2025, 6, 2, 12, tzinfo=timezone.utc)
FIRST_DAY = "2025-03-04"
"""Where the sandbox's history begins: 90 days before."""
YESTERDAY = "2025-06-01"
DEFAULT = (
    "custom_headings",
    "goals_slow",
    "objectives_detail",
    "oneonone_summary",
    "people_custom",
)


class Tenant:
    """The sandbox at noon of 2 June 2025; its time stands still between runs."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.config: dict[str, Any] = {**sandbox.settings("crewmojo"), "poll_interval": 0.005}

    def run(
        self,
        *reports: str | dict[str, Any],
        state: dict[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
        **settings: Any,  # noqa: ANN401  # each has its own
    ) -> Output:
        """Run the tap with some reports: identifiers, or items of the setting; by default all."""
        return sync(
            TapCrewmojo, self.configured(*reports, **settings), catalog=catalog, state=state
        )

    def discover(self, *reports: str | dict[str, Any], **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        """The catalog with everything selected."""
        catalog = discover(TapCrewmojo, self.configured(*reports, **settings))
        return select(catalog, *(entry["tap_stream_id"] for entry in catalog["streams"]))

    def configured(self, *reports: str | dict[str, Any], **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        items = [item if isinstance(item, dict) else {"report": item} for item in reports]
        return {**self.config, **({"reports": items} if items else {}), **settings}

    def truth(self, stream: str, *, as_csv: bool | None = None) -> list[Record]:
        vendor = self.sandbox.vendor("crewmojo")
        assert isinstance(vendor, Crewmojo)
        rows: list[Record] = json.loads(json.dumps(list(vendor.truth(stream, as_csv=as_csv))))
        return rows

    def questions(self, report: str = "") -> list[dict[str, Any]]:
        """The bodies with which reports were asked for."""
        return [
            json.loads(entry.body)
            for entry in self.sandbox.journal.for_route("crewmojo", "report")
            if entry.path.endswith(report)
        ]

    def polls(self) -> list[str]:
        """What was polled, below the endpoint, with the query."""
        return [
            f"{entry.path.rpartition('/download/')[2]}?{entry.query}".rstrip("?")
            for entry in self.sandbox.journal.for_route("crewmojo", "poll")
        ]


@pytest.fixture
def tenant_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Tenant]]:
    """Makes tenants; variants are given as keywords."""
    opened: list[Sandbox] = []

    def make(**variants: str) -> Tenant:
        sandbox = Sandbox(
            clock=Clock(frozen_at=NOON),
            vendors=["crewmojo"],
            variants={f"crewmojo.{name}": choice for name, choice in variants.items()},
        )
        opened.append(sandbox.__enter__())
        monkeypatch.setattr("tap_kit.tap.utc_now", sandbox.now)
        return Tenant(sandbox)

    yield make
    for sandbox in opened:
        sandbox.__exit__(None, None, None)


@pytest.fixture
def tenant(tenant_of: Callable[..., Tenant]) -> Tenant:
    return tenant_of()


def counted(rows: list[Record], like: list[Record]) -> Counter[str]:
    """Rows without what the truth leaves out (row_id; dates where they play no part)."""
    names = {name for row in like for name in row}
    return Counter(
        json.dumps({name: row.get(name) for name in sorted(names)}, sort_keys=True) for row in rows
    )


def assert_complete(
    tenant: Tenant, output: Output, *streams: str, as_csv: bool | None = None
) -> None:
    """Each stream holds what the vendor has, no row more or less, each with an id of its own."""
    for stream in streams:
        truth = tenant.truth(stream, as_csv=as_csv)
        records = output.records[stream]
        assert truth, stream
        assert counted(records, truth) == counted(truth, truth), stream
        assert len({record["row_id"] for record in records}) == len(records), stream
        assert not any(record.get("extra_columns") for record in records), stream


def bookmark(day: str) -> dict[str, str]:
    return {"replication_key": "end_date", "replication_key_value": day}


def state_at(day: str, stream: str = "objectives_detail") -> dict[str, Any]:
    return {"bookmarks": {stream: bookmark(day)}}


def asked_days(tenant: Tenant, report: str) -> list[tuple[int, int]]:
    return [(body["startDate"], body["endDate"]) for body in tenant.questions(report)]


def ids(records: list[dict[str, Any]]) -> set[str]:
    return {record["row_id"] for record in records}
