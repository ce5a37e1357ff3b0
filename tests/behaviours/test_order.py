"""Requests run side by side within the limits; what comes out does not depend on it."""

from __future__ import annotations

import random
import time
from math import inf
from typing import TYPE_CHECKING

from tests.behaviours.pipeline import Target

if TYPE_CHECKING:
    import pytest

    from tests.behaviours.pipeline import Line, Pipeline


def test_output_does_not_depend_on_concurrency(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_kit.engine.state.RECORDS_BETWEEN", 50)
    monkeypatch.setattr("tap_kit.engine.state.SECONDS_BETWEEN", inf)
    streams = (*pipeline.case.broken, *pipeline.case.others)
    alone = pipeline.run(*streams, concurrency=1)
    assert len(alone.states) > 1
    _jitter(pipeline)
    many = pipeline.run(*streams, concurrency=8)
    assert list(map(_timeless, many.lines)) == list(map(_timeless, alone.lines))


def _jitter(pipeline: Pipeline) -> None:
    """Each of the next requests has a delay of its own, so that answers overtake each other."""
    chance = random.Random(1)  # noqa: S311  # repeatable
    for number in range(60):
        pipeline.sandbox.fault("latency", milliseconds=chance.choice((0, 5, 60)), skip=number)


def _timeless(line: Line) -> Line:
    return {name: value for name, value in line.items() if name != "time_extracted"}


def test_no_more_requests_are_in_flight_than_allowed(pipeline: Pipeline) -> None:
    chosen = pipeline.chosen
    assert chosen()
    pipeline.sandbox.clear_journal()
    pipeline.sandbox.fault("latency", milliseconds=20, times=None)
    output = pipeline.run(concurrency=3, start_date="2025-05-12")
    assert not output.failures
    assert 1 < pipeline.sandbox.journal.max_in_flight <= 3


def test_requests_keep_their_distance(pipeline: Pipeline) -> None:
    streams = (*pipeline.case.broken, *pipeline.case.others)
    assert pipeline.catalog
    pipeline.sandbox.clear_journal()
    before = time.monotonic()
    output = pipeline.run(*streams, start_date="2025-04-15", requests_per_second=30, concurrency=8)
    assert not output.failures
    began = [entry.started for entry in pipeline.sandbox.journal]
    assert len(began) > 5
    # None can come too early, tokens included; a slow machine may only delay them.
    assert all(moment - before >= number / 30 for number, moment in enumerate(began))


def test_a_run_brings_all_that_the_vendor_has(pipeline: Pipeline) -> None:
    output = pipeline.run()
    assert not output.failures
    pipeline.assert_complete(Target().take(output.lines))
    for name, records in output.records.items():
        if name not in pipeline.case.incremental:  # else a row on an edge comes from both windows
            keys = output.schemas[name]["key_properties"]
            assert len(output.by_key(name, *keys)) == len(records), f"{name}: a key comes twice"
        assert not any(record.get("extra_columns") for record in records), name
