"""How the past of completed jobs is cut: by the time of their last change, at midnights.

The cursor is taken first. Jobs that are uploaded while the shards run come after it, and those that
are edited then have a later ``updated`` than any shard reads: both come with the runs from the
plan's state. Flow gives no counts, so jobs are counted in short samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_flow.cursor_state import CURSOR, UPDATED
from tap_flow.job_pages import MOST_JOBS
from tap_kit.streams.backfill import Cell, Track
from tap_kit.streams.density import Sampler
from tap_kit.streams.reader import Bookmark
from tap_kit.time.clock import format_time
from tap_kit.time.windows import Window, floor, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tap_flow.job_pages import JobPager
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream
    from tap_kit.stats import StreamStats

_EMPTY = 0.001
"""The weight of a day without jobs, in jobs."""


def tracks(tap: FlowContext, streams: Sequence[FlowStream], shards: int) -> Iterator[Track]:
    """The one track of completed jobs and of what is nested in them; none without jobs."""
    by_cursor = tap.streams[streams[0].head().name].replication_key == CURSOR
    stats = tap.stats_of(streams[0].name)
    newest = tap.jobs.newest(stats)
    period = tap.period
    end = period.settled(None if by_cursor else period.window)
    first = period.start_date or tap.jobs.earliest(stats) or end
    if newest is None or (period.start_date and period.start_date >= end):
        return
    cells = _cells(tap.jobs, first, end, shards, stats)
    state: dict[str, Any] = {"filters": tap.jobs.filters.fingerprint}
    if by_cursor:
        value = newest.cursor
        state |= {"replication_key": CURSOR, "started": format_time(end), "backfill": None}
    else:
        value = format_time(end)
        state |= {"replication_key": UPDATED}
    yield Track(
        streams=[stream.name for stream in streams],
        cells=cells,
        bookmarks=[
            Bookmark(stream.name, value, ordered=not by_cursor, extra=state) for stream in streams
        ],
    )


def _cells(
    jobs: JobPager, first: datetime, end: datetime, shards: int, stats: StreamStats
) -> list[Cell]:
    """Cells from midnight to midnight, weighed by their jobs."""
    if shards == 1 or first >= end:
        return [Cell(None, end, 1.0)]

    def count(start: datetime, stop: datetime) -> int:
        return jobs.count(Window(start, stop), stats)

    sampler = Sampler(count, MOST_JOBS, lambda moment: floor(moment, "day"))
    found = sampler.intervals(first, end, shards)
    return [
        Cell(day.start, day.end, one.items_in(day) + _EMPTY)
        for one in found
        for day in windows(one.start, one.end, "day")
    ]
