"""How giosg's past is cut: workflow by workflow, and one with many events by time, too.

Sidedata tells how many events there are: a request for each workflow, and a few more for those with
many.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from tap_giosg.readers.base import GiosgContext, WindowedReader
from tap_kit.errors import StreamError
from tap_kit.streams.backfill import Cell, Track
from tap_kit.streams.reader import Bookmark
from tap_kit.threads.prefetch import parallel_map
from tap_kit.time.clock import format_time
from tap_kit.time.windows import Window, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_kit.stats import StreamStats

_log = logging.getLogger(__name__)

_FINER = 4
"""A workflow that is cut is counted in so many parts for each of its shards."""
_REQUEST = 1.0
"""The weight of a window without events, in events."""


class CensusContext(GiosgContext, Protocol):
    """The tap, as its backfill sees it."""

    def census(self, shards: int, stats: StreamStats) -> Mapping[str, Sequence[Cell]]:
        """What :func:`count_events` gives, once for all streams."""


def tracks(tap: CensusContext, streams: Sequence[Any], shards: int) -> Iterator[Track]:
    """The tracks of a stream: one for each workflow that has some of it."""
    for stream in streams:
        (reader,) = stream.reader(tap, [stream])
        assert isinstance(reader, WindowedReader)  # noqa: S101  # only their streams declare this
        for workflow in reader.workflows():
            cells = tap.census(shards, reader.stats).get(workflow.id)
            partitions = reader.partitions(workflow) if cells else []
            if cells and partitions:
                end = format_time(cells[-1].end)
                yield Track(
                    streams=[stream.name],
                    cells=cells,
                    bookmarks=[Bookmark(stream.name, end, one) for one in partitions],
                    only={"workflow_ids": [workflow.id]},
                )


def count_events(tap: GiosgContext, shards: int, stats: StreamStats) -> dict[str, Sequence[Cell]]:
    """The windows of each workflow that are over, weighed by their events.

    Workflows have no entry as long as they have no such window.

    Args:
        tap: The tap.
        shards: Into how many parts all of it is to be cut.
        stats: Takes the counts of requests.
    """
    period = tap.period
    end = period.settled(period.window)
    past: dict[str, list[Window]] = {}
    for workflow in tap.organization.workflows(stats):
        beginning = period.start_date or workflow.first_event
        if beginning is not None and beginning < end:
            past[workflow.id] = [*windows(beginning, end, period.window)]
    return _Counter(tap, stats).weighed(past, shards)


class _Counter:
    def __init__(self, tap: GiosgContext, stats: StreamStats) -> None:
        self._giosg = tap.giosg
        self._organization = tap.organization
        self._stats = stats

    def weighed(
        self, past: Mapping[str, Sequence[Window]], shards: int
    ) -> dict[str, Sequence[Cell]]:
        counts = self._counts([*past.items()]) if shards > 1 else None
        if counts is None:
            return {workflow: _even(windows_, 0.0) for workflow, windows_ in past.items()}
        shard = sum(counts) / shards
        return {
            workflow: self._cells(workflow, windows_, count, shard)
            for (workflow, windows_), count in zip(past.items(), counts, strict=True)
        }

    def _cells(
        self, workflow: str, past: Sequence[Window], events: float, shard: float
    ) -> list[Cell]:
        pieces = min(int(_FINER * events / shard), len(past)) if events > shard else 1
        if pieces == 1:
            return _even(past, events)
        edges = [len(past) * number // pieces for number in range(pieces + 1)]
        parts = [past[edges[number] : edges[number + 1]] for number in range(pieces)]
        counts = self._counts([(workflow, part) for part in parts])
        if counts is None:
            return _even(past, events)
        return [
            cell for part, found in zip(parts, counts, strict=True) for cell in _even(part, found)
        ]

    def _counts(self, asked: Sequence[tuple[str, Sequence[Window]]]) -> list[float] | None:
        """The events of each workflow in some windows; None where giosg doesn't tell of all."""

        def count(one: tuple[str, Sequence[Window]]) -> float:
            workflow, past = one
            whole = Window(past[0].start, past[-1].end)
            organization_id = self._organization.id(self._stats)
            return _events(
                self._giosg.sidedata(organization_id, workflow, whole, self._stats) or {}
            )

        try:
            return parallel_map(count, asked, workers=self._organization.concurrency)
        except StreamError as error:
            _log.info("shards are of equal time: giosg does not count the events (%s)", error)
            return None


def _even(past: Sequence[Window], events: float) -> list[Cell]:
    return [Cell(one.start, one.end, events / len(past) + _REQUEST) for one in past]


def _events(figures: Mapping[str, Any]) -> float:
    """How many events a workflow's figures are about; only their proportions count.

    Those of page-navigation workflows have events by hour or weekday. Other workflows have counts
    that are not documented, of which the largest is taken.
    """
    stat = figures.get("timeframe_stat")
    tables = stat.values() if isinstance(stat, dict) else ()
    sums = [
        sum(_number(pair[0]) for pair in table if isinstance(pair, list) and pair)
        for table in tables
        if isinstance(table, list)
    ]
    return max([*sums, *map(_number, figures.values())], default=0.0)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
