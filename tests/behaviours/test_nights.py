"""Nights after a first load: those with nothing new write nothing, the others little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.behaviours.pipeline import Target
from tests.behaviours.taps import TAPS, Case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.behaviours.pipeline import Pipeline

LONG: Mapping[str, Any] = {"window": "day", "lookback_days": 80}


@pytest.fixture(params=["tap-giosg", "tap-crewmojo"])
def case(request: pytest.FixtureRequest) -> Case:
    """The taps that read whole tables by windows."""
    return next(case for case in TAPS if case.name == request.param)


def test_three_nights(pipeline: Pipeline) -> None:
    streams = pipeline.case.incremental
    first = pipeline.run(*streams, **LONG)

    nothing_new = pipeline.run(*streams, state=first.state, **LONG)
    assert not nothing_new.records
    assert nothing_new.state == first.state

    pipeline.sandbox.advance(days=1)
    one_day = pipeline.run(*streams, state=nothing_new.state, **LONG)
    everything = pipeline.run(*streams, state=nothing_new.state, skip_unchanged=False, **LONG)
    count = {
        name: sum(map(len, run.records.values()))
        for name, run in (("one day", one_day), ("everything", everything))
    }
    assert 0 < count["one day"] <= count["everything"] / 10, count
    assert one_day.state["bookmarks"].keys() == first.state["bookmarks"].keys()
    for stream in streams:
        both = Target().take(first.lines).take(one_day.lines)
        all_ = Target().take(first.lines).take(everything.lines)
        assert _by_key(both, stream) == _by_key(all_, stream)


def test_another_setting_writes_what_it_touches(pipeline: Pipeline) -> None:
    stream = pipeline.case.incremental[0]
    first = pipeline.run(stream)
    without = pipeline.run(stream, state=first.state, request_timeout=60)
    assert not without.records
    again = pipeline.run(stream, state=first.state, include_secrets=True)
    assert again.records[stream]


def _by_key(target: Target, stream: str) -> list[str]:
    """Rows without how far their window had been read when they were written."""
    moving = {"interval_end", "end_date"}
    return sorted(
        repr(sorted((name, repr(value)) for name, value in row.items() if name not in moving))
        for row in target.rows(stream)
    )
