"""Run after run: what is new, late or edited comes, and bookmarks keep their limits."""

from __future__ import annotations

import copy
import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.time.clock import parse_time
from tap_kit.time.windows import Length, floor
from tests.behaviours.pipeline import Target
from tests.behaviours.taps import TAPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviours.pipeline import Pipeline

WITH_TIMES = [pytest.param(case, id=case.name) for case in TAPS if not case.cursors]


def test_the_next_days_bring_what_is_new_late_or_edited(pipeline: Pipeline) -> None:
    names = pipeline.names
    before: dict[str, Counter[str]] = {name: Counter() for name in names}
    target = Target()
    output = pipeline.run()
    for _ in range(4):
        for name in names:
            before[name] |= pipeline.compared(output.records[name], pipeline.truth(name))
        target.take(output.lines)
        pipeline.sandbox.advance(days=1)
        output = pipeline.run(state=target.state)
        assert not output.failures
        for name in names:
            held = target if name in pipeline.case.incremental else Target()
            rows = held.take(output.lines).rows(name)
            truth = pipeline.truth(name)
            found = Counter(dict.fromkeys(pipeline.compared(rows, truth), 1))
            expected = Counter(dict.fromkeys(pipeline.compared(truth, truth), 1))
            assert not expected - found, (name, sorted(expected - found)[:2])
            # What the vendor has no more, a target may still hold.
            besides = found - expected
            assert not besides - before[name], (name, sorted(besides - before[name])[:2])


def test_a_second_run_at_once_brings_the_look_back_and_full_tables(pipeline: Pipeline) -> None:
    first = pipeline.run()
    second = pipeline.run(state=first.state)
    assert second.state == first.state
    for name in pipeline.names:
        again = [json.dumps(record) for record in second.records[name]]
        if name in pipeline.case.incremental:
            assert set(again) <= {json.dumps(record) for record in first.records[name]}
            assert len(again) < len(first.records[name])
        else:
            assert again == [json.dumps(record) for record in first.records[name]]


@pytest.mark.parametrize("case", WITH_TIMES)
def test_a_state_of_the_future_reads_the_look_back(pipeline: Pipeline) -> None:
    streams = pipeline.case.incremental
    first = pipeline.run(*streams)
    state = copy.deepcopy(first.state)
    for bookmark in _bookmarks(state):
        bookmark["replication_key_value"] = "2031-01-01T00:00:00Z"
    output = pipeline.run(*streams, state=state)
    assert not output.failures
    assert output.state == state  # a bookmark never moves back
    for name in streams:
        again = {json.dumps(record) for record in output.records[name]}
        assert again < {json.dumps(record) for record in first.records[name]}


def test_start_date_is_where_the_first_run_begins(pipeline: Pipeline) -> None:
    late = pipeline.run(start_date="2025-04-20")
    whole = pipeline.run()
    for name in pipeline.case.incremental:
        assert 0 < len(late.records[name]) < len(whole.records[name])
    for name in set(pipeline.names) - set(pipeline.case.incremental):
        assert late.records[name] == whole.records[name]


def test_no_bookmark_passes_the_end_date(pipeline: Pipeline) -> None:
    end = "2025-05-20T00:00:00Z"
    whole = pipeline.run()
    backfill = pipeline.run(start_date="2025-04-01", end_date=end)
    for bookmark in _bookmarks(backfill.state):
        reached = bookmark["replication_key_value"]
        assert pipeline.case.cursors or parse_time(reached) <= parse_time(end)
    for name in pipeline.case.incremental:
        assert len(backfill.records[name]) < len(whole.records[name])
    shard = pipeline.run(start_date="2025-04-01", end_date=end, state=whole.state)
    assert shard.state == whole.state


def test_shards_and_what_follows_make_the_whole(pipeline: Pipeline) -> None:
    window: Length = pipeline.case.tap.config_jsonschema["properties"]["window"]["default"]
    edge = floor(pipeline.sandbox.now() - timedelta(days=30), window).isoformat()
    shard = pipeline.run(*pipeline.case.incremental, end_date=edge)
    rest = pipeline.run(*pipeline.case.incremental, start_date=edge)
    target = Target().take(shard.lines).take(rest.lines)
    pipeline.assert_complete(target, *pipeline.case.incremental)


def _bookmarks(state: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for bookmark in state.get("bookmarks", {}).values():
        for entry in bookmark.get("partitions", [bookmark]):
            if "replication_key_value" in entry:
                yield entry
