"""A tenant of Crewmojo in the sandbox, and the tap run against it at the same moment."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world import Clock
from tap_crewmojo.tap import TapCrewmojo
from tests.harness import Harness
from tests.singer import Output, select

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox import Sandbox

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


class Tenant(Harness):
    """Crewmojo at noon of 2 June 2025; its time stands still between runs."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(TapCrewmojo, sandbox, poll_interval=0.005)

    def run(
        self,
        *reports: str | dict[str, Any],
        state: Mapping[str, Any] | None = None,
        catalog: dict[str, Any] | None = None,
        **settings: Any,  # noqa: ANN401  # each has its own
    ) -> Output:
        """Run the tap with some reports: identifiers, or items of the setting; by default all."""
        return super().run(state=state, catalog=catalog, **self.with_reports(*reports), **settings)

    def discover(self, *reports: str | dict[str, Any], **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        """The catalog with everything selected."""
        catalog = super().discover(**self.with_reports(*reports), **settings)
        return select(catalog, *(entry["tap_stream_id"] for entry in catalog["streams"]))

    def configured(self, *reports: str | dict[str, Any], **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
        return {**self.config, **self.with_reports(*reports), **settings}

    @staticmethod
    def with_reports(*reports: str | dict[str, Any]) -> dict[str, Any]:
        """The setting ``reports``, where there are any."""
        items = [item if isinstance(item, dict) else {"report": item} for item in reports]
        return {"reports": items} if items else {}

    def questions(self, report: str = "") -> list[dict[str, Any]]:
        """The bodies with which reports were asked for."""
        return [
            json.loads(entry.body)
            for entry in self.requests("report")
            if entry.path.endswith(report)
        ]

    def polls(self) -> list[str]:
        """What was polled, below the endpoint, with the query."""
        return [
            f"{entry.path.rpartition('/download/')[2]}?{entry.query}".rstrip("?")
            for entry in self.requests("poll")
        ]


@pytest.fixture
def tenant_of(open_sandbox: Callable[..., Sandbox]) -> Callable[..., Tenant]:
    """Makes tenants; variants are given as keywords."""
    return lambda **variants: Tenant(
        open_sandbox("crewmojo", variants, clock=Clock(frozen_at=NOON))
    )


@pytest.fixture
def tenant(tenant_of: Callable[..., Tenant]) -> Tenant:
    return tenant_of()


def assert_complete(
    tenant: Tenant, output: Output, *streams: str, as_csv: bool | None = None
) -> None:
    """Each stream holds what the vendor has, no row more or less, each with an id of its own."""
    for stream in streams:
        truth = tenant.truth(stream, as_csv=as_csv)
        records = output.records[stream]
        assert truth, stream
        tenant.assert_same(records, truth, stream)
        assert len({record["row_id"] for record in records}) == len(records), stream
        assert not any(record.get("extra_columns") for record in records), stream


def bookmark(day: str) -> dict[str, str]:
    return {"replication_key": "end_date", "replication_key_value": day}


def state_at(day: str, stream: str = "objectives_detail") -> dict[str, Any]:
    return {"bookmarks": {stream: bookmark(day)}}


def reached(output: Output) -> dict[str, Any]:
    """The bookmarks of a run's last state, without what stands beside them."""
    return {
        "bookmarks": {
            stream: {name: value for name, value in entry.items() if name != "digests"}
            for stream, entry in output.state["bookmarks"].items()
        }
    }


def asked_days(tenant: Tenant, report: str) -> list[tuple[int, int]]:
    return [(body["startDate"], body["endDate"]) for body in tenant.questions(report)]


def ids(records: list[dict[str, Any]]) -> set[str]:
    return {record["row_id"] for record in records}
