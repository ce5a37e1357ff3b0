"""How XOi's past is cut: lists by time, and reports by jobs where events lead to them.

A pair has events all over the past, and its report comes with the newest one. So runs that share
the reports by time would bring a report several times, each with another ``changedAt``. They share
them by jobs instead; each of them reads all events, which takes few requests.

XOi gives no counts, so jobs are counted in short samples. The other lists follow them: events and
documentation are about jobs, and reports are one or two for each.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, Protocol

from tap_kit.errors import StreamError
from tap_kit.streams.backfill import Cell, Track
from tap_kit.streams.context import TapContext
from tap_kit.streams.density import Interval, Sampler
from tap_kit.streams.fields import moment, text
from tap_kit.streams.reader import Bookmark
from tap_kit.streams.schema import record_schema
from tap_kit.time.clock import format_time, parse_time
from tap_kit.time.windows import Length, Window, floor, next_edge, windows
from tap_xoi.client import Xoi
from tap_xoi.job_part import JobPart
from tap_xoi.queries import LIST_JOBS, Fields
from tap_xoi.readers.windows import date_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.streams.stream import RecordStream

_log = logging.getLogger(__name__)

_REPORTS: Final = 2.0
"""Requests for the reports of a job, with the one that tells its workflows."""
_LISTS: Final = {"jobs": 1, "documentation": None, "webhook_history": 4, "content": None}
"""About how many items a job has in each list; None: they don't come in pages of a known size."""
_DOCUMENTED: Final = 0.2
"""Requests for the documentation of a job."""
_PLACE = record_schema(
    text("id", "The job.", key=True),
    moment("createdAt", "When it was created."),
    extra_columns=False,
)


class CensusContext(TapContext, Protocol):
    """The tap, as its backfill sees it."""

    @property
    def selected(self) -> Mapping[str, Any]:
        """The selected streams by name."""

    def census(self, shards: int, xoi: Xoi) -> Sequence[Cell]:
        """What :func:`count_jobs` gives, once for all streams."""


def lists(tap: CensusContext, streams: Sequence[RecordStream], shards: int) -> Iterator[Track]:
    """The track of a list: a request for each of its pages."""
    cells = tap.census(shards, Xoi.of(tap, streams[0]))
    yield from _by_time(streams, cells, _work(tap, streams[0].name))


def reports(tap: CensusContext, streams: Sequence[RecordStream], shards: int) -> Iterator[Track]:
    """The tracks of reports: by time, or by jobs; none where the settings name the pairs."""
    source = tap.config["workflow_job_source"]
    if source == "config":
        return
    cells = tap.census(shards, Xoi.of(tap, streams[0]))
    if source != "webhook_history":
        yield from _by_time(streams, cells, _REPORTS)
    elif cells:
        jobs = sum(cell.weight for cell in cells)
        parts = _parts(shards, sum(_work(tap, name) for name in _LISTS if name in tap.selected))
        for number in range(1, parts + 1):
            part = {"workflow_job_part": str(JobPart(number, parts))} if parts > 1 else {}
            whole = Cell(None, cells[-1].end, jobs * _REPORTS / parts)
            yield Track(
                streams=[stream.name for stream in streams],
                cells=[whole],
                bookmarks=_bookmarks(streams, whole),
                part=part,
            )


def _work(tap: TapContext, name: str) -> float:
    """About how many requests of a list one job causes."""
    items: int | None = _LISTS[name]
    return _DOCUMENTED if items is None else items / tap.config["page_size"]


def _parts(shards: int, beside: float) -> int:
    """How many shards are for reports; at least one is left for the lists, if there are any."""
    fair = round(shards * _REPORTS / (_REPORTS + beside))
    return max(1, min(fair, shards - (beside > 0)))


def _by_time(streams: Sequence[RecordStream], jobs: Sequence[Cell], work: float) -> Iterator[Track]:
    if jobs:
        cells = [Cell(cell.start, cell.end, cell.weight * work + 1) for cell in jobs]
        yield Track(
            streams=[stream.name for stream in streams],
            cells=cells,
            bookmarks=_bookmarks(streams, cells[-1]),
        )


def _bookmarks(streams: Sequence[RecordStream], last: Cell) -> list[Bookmark]:
    return [Bookmark(stream.name, format_time(last.end)) for stream in streams]


def count_jobs(tap: TapContext, xoi: Xoi, shards: int) -> list[Cell]:
    """The windows that are over, weighed by the jobs that were created in them.

    There are none before the first job was created.
    """
    period = tap.period
    end = period.settled(period.window)
    jobs = _Jobs(xoi, tap.config["page_size"])
    first = period.start_date or jobs.first()
    if first is None or first >= end:
        return []
    beginning = first if period.start_date else min(next_edge(first, period.window), end)
    past = [
        *([Window(None, beginning)] if period.start_date is None else []),
        *windows(beginning, end, period.window),
    ]
    try:
        found = jobs.intervals(first, end, shards, period.window) if shards > 1 else []
    except StreamError as error:
        _log.info("shards are of equal time: XOi does not list the jobs (%s)", error)
        found = []
    return [Cell(one.start, one.end, _jobs_in(one, found)) for one in past]


def _jobs_in(window: Window, found: Sequence[Interval]) -> float:
    """The jobs of the interval that has a window, spread evenly over its time."""
    for one in found:
        if window.end <= one.end:
            return one.items_in(window)
    return 0.0


class _Jobs:
    def __init__(self, xoi: Xoi, page_size: int) -> None:
        self._page_size = page_size
        self._xoi = xoi
        self._fields = Fields(_PLACE, lambda _: True, needed=_PLACE["properties"])

    def first(self) -> datetime | None:
        """When the first job was created; None without jobs."""
        query = {"type": "CREATED_AT", "ascending": True}
        pages = self._xoi.pages(LIST_JOBS, self._fields, {"limit": 1, "dateQuery": query})
        times = (job["createdAt"] for page in pages for job in page.items if job.get("createdAt"))
        found = next(times, None)
        return None if found is None else parse_time(found)

    def intervals(
        self, start: datetime, end: datetime, parts: int, length: Length
    ) -> list[Interval]:
        """Intervals of whole windows, with about how many jobs were created in each."""
        sampler = Sampler(self._count, self._page_size, lambda at: floor(at, length))
        return sampler.intervals(start, end, parts)

    def _count(self, start: datetime, end: datetime) -> int:
        """How many jobs were created in an interval, up to those of one page."""
        query = date_query(Window(start, end), type="CREATED_AT")
        given: dict[str, Any] = {"limit": self._page_size, "dateQuery": query}
        return len(next(self._xoi.pages(LIST_JOBS, self._fields, given)).items)
