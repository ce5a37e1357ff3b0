"""A tenant of XOi in the sandbox, and the tap run against it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world import Clock
from tap_xoi.tap import TapXoi
from tests.harness import Harness, Record
from tests.tap_xoi.plates import without_plate_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Sandbox

REPORTS = ("workflow_job_reports", "workflow_job_step_values")


class Tenant(Harness):
    """XOi some days ago: time may pass, and every run ends at the sandbox's present."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(TapXoi, sandbox, concurrency=8)

    @property
    def now(self) -> str:
        return self.sandbox.now().isoformat()

    def truth(
        self,
        stream: str,
        source: str = "webhook_history",
        **options: Any,  # noqa: ANN401  # as above
    ) -> list[Record]:
        """What a run brings now, with the workflow jobs from one source."""
        return super().truth(stream, source=source, **options)

    def asked(self, route: str) -> list[str]:
        """Paths that were asked for, with GraphQL bodies."""
        return [entry.path + entry.body for entry in self.requests(route)]

    def comparable(self, row: Record) -> Record:
        return without_plate_keys(row)


@pytest.fixture
def tenant_of(open_sandbox: Callable[..., Sandbox]) -> Callable[..., Tenant]:
    """Makes tenants; variants are given as keywords."""

    def make(*, scale: float = 0.2, **variants: str) -> Tenant:
        clock = Clock(frozen_at=datetime.now(timezone.utc) - timedelta(days=5))
        return Tenant(open_sandbox("xoi", variants, clock=clock, scale=scale))

    return make


@pytest.fixture
def tenant(tenant_of: Callable[..., Tenant]) -> Tenant:
    return tenant_of()
