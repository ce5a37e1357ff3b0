"""Every test here runs once for each tap, against a sandbox of its own."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox
from sandbox.world import Clock
from tests.behaviours.pipeline import Pipeline
from tests.behaviours.taps import TAPS, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2025, 5, 31, 15, 30, tzinfo=timezone.utc)
"""A Saturday: a week and a month end within the next days."""


@pytest.fixture(params=TAPS, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def pipeline_of(case: Case, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Pipeline]]:
    """Makes pipelines whose time stands still, and sees to it that they only read."""
    monkeypatch.setattr("tap_kit.http.retry.LONGEST_BACKOFF", 0.01)
    opened: list[Sandbox] = []

    def make(**variants: str) -> Pipeline:
        sandbox = Sandbox(
            clock=Clock(frozen_at=NOW),
            scale=case.scale,
            vendors=(case.vendor,),
            variants={f"{case.vendor}.{name}": choice for name, choice in variants.items()},
        )
        opened.append(sandbox.__enter__())
        monkeypatch.setattr("tap_kit.tap.utc_now", sandbox.now)
        return Pipeline(case, sandbox)

    yield make
    for sandbox in opened:
        sandbox.__exit__(None, None, None)
        assert not sandbox.journal.writes()
        strangers = {entry.path for entry in sandbox.journal if entry.route is None}
        assert not strangers


@pytest.fixture
def pipeline(pipeline_of: Callable[..., Pipeline]) -> Pipeline:
    return pipeline_of()
