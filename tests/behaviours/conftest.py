"""Every test here runs once for each tap, against a sandbox of its own."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from sandbox.world import Clock
from tests.behaviours.pipeline import Pipeline
from tests.behaviours.taps import TAPS, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox import Sandbox

NOW = datetime(2025, 5, 31, 15, 30, tzinfo=timezone.utc)
"""A Saturday: a week and a month end within the next days."""


@pytest.fixture(params=TAPS, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def pipeline_of(
    case: Case, open_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Pipeline]]:
    """Makes pipelines whose time stands still, and sees that all their requests have a route."""
    monkeypatch.setattr("tap_kit.http.retry.LONGEST_BACKOFF", 0.01)
    made: list[Pipeline] = []

    def make(**variants: str) -> Pipeline:
        clock = Clock(frozen_at=NOW)
        sandbox = open_sandbox(case.vendor, variants, clock=clock, scale=case.scale)
        made.append(Pipeline(case, sandbox))
        return made[-1]

    yield make
    for pipeline in made:
        assert not {entry.path for entry in pipeline.requests() if entry.route is None}


@pytest.fixture
def pipeline(pipeline_of: Callable[..., Pipeline]) -> Pipeline:
    return pipeline_of()
