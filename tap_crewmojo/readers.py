"""What reads a report: one slice per window."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tap_crewmojo.days import DAY, Days, midnight
from tap_kit.http.download import Download
from tap_kit.streams.context import TapContext
from tap_kit.streams.reader import Bookmark, Page, Reader, WindowSlice
from tap_kit.tables import ROW_ID, is_empty, read_table
from tap_kit.tables.pages import can_stay_structs, sized, table_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tap_crewmojo.client import CrewmojoClient, ReportRequest
    from tap_crewmojo.report import Report
    from tap_kit.errors import StreamError
    from tap_kit.streams.stream import RecordStream
    from tap_kit.tables import TableShape
    from tap_kit.time.period import Period

_log = logging.getLogger(__name__)


class CrewmojoContext(TapContext, Protocol):
    """The tap, as its readers see it."""

    @property
    def crewmojo(self) -> CrewmojoClient:
        """The client of Crewmojo's download API."""

    @property
    def last_day(self) -> date:
        """The last day that is read."""


class ReportReader(Reader):
    """Reads one report.

    Args:
        tap: The tap.
        stream: The report's stream.
        report: Its settings.
        shape: Its columns.
        failure: Why discovery could not find them, if so.
    """

    def __init__(
        self,
        tap: CrewmojoContext,
        stream: RecordStream,
        *,
        report: Report,
        shape: TableShape,
        failure: StreamError | None,
    ) -> None:
        super().__init__([stream], tap.client, tap.stats_of(stream.name))
        self._stream = stream
        self._report = report
        self._shape = shape
        self._failure = failure
        self._crewmojo = tap.crewmojo
        # The bookmark never passes the last day that is over.
        self._yesterday = tap.started_at.date() - DAY
        self._last_day = tap.last_day
        self._period = _period(tap, report)
        self._windows = self._to_read(tap)
        self._can_stay_structs = can_stay_structs(stream)

    @classmethod
    def make(cls, tap: CrewmojoContext, streams: Sequence[Any]) -> list[Reader]:
        """Make the readers of report streams: one for each."""
        return [
            cls(tap, stream, report=stream.report, shape=stream.shape, failure=stream.failure)
            for stream in streams
        ]

    def slices(self) -> Iterator[Iterator[Page]]:
        """One for each window.

        Raises:
            StreamError: Discovery failed in this run: without columns, rows have no lasting id.
        """
        if self._failure is not None:
            raise self._failure
        for days in self._windows:
            pages = self._pages(days)
            yield pages if days is None else self._slice(pages, days)

    def _slice(self, pages: Iterator[Page], days: Days) -> Iterator[Page]:
        """The pages of a window; a slice of its own kind if the next run reads it again."""
        bookmark = midnight(min(self._yesterday, self._last_day))
        since = self._period.reads_again(midnight(days.start), bookmark)
        if since is None:
            return pages
        return WindowSlice(
            pages,
            stream=self.name,
            partition=None,
            start=days.start.isoformat(),
            since=since.date().isoformat(),
            reached={"end_date": days.end.isoformat()},
            # The hash of row_id holds the window's first day, too.
            own_keys=not {ROW_ID, "start_date"}.isdisjoint(self._stream.primary_keys),
        )

    def probe(self) -> None:
        """Request the last day, or the report without dates; a job is not waited for."""
        if self._failure is not None:
            raise self._failure
        for days in self._windows[-1:]:
            day = Days(days.end, days.end) if days else None
            response = self._crewmojo.request(
                self._crewmojo.request_of(self._report, day), self.stats
            )
            if isinstance(response, Download):
                response.close()

    def _pages(self, days: Days | None) -> Iterator[Page]:
        request = self._crewmojo.request_of(self._report, days)
        download = yield from self._crewmojo.fetch(request, self.stats, self._shape)
        with download:
            if is_empty(download):
                _log.warning("stream %s: the response is entirely empty: %s", self.name, request)
            else:
                yield from self._read(download, request)
        yield Page(bookmarks=self._bookmarks(days))

    def _read(self, download: Download, request: ReportRequest) -> Iterator[Page]:
        days = request.days
        start, end = (days.start.isoformat(), days.end.isoformat()) if days else (None, None)
        decoder = self._shape.decoder(
            (request.report, start),
            {"report": request.report, "start_date": start, "end_date": end},
        )
        blocks = sized(read_table(download), download.file)
        return table_pages(
            blocks, decoder, self.stats, label=str(request), can_stay_structs=self._can_stay_structs
        )

    def _bookmarks(self, days: Days | None) -> Sequence[Bookmark]:
        if days is None or not self._stream.incremental:
            return ()
        complete = min(days.end, self._yesterday)
        return [Bookmark(self.name, complete.isoformat() if complete >= days.start else None)]

    def _to_read(self, tap: CrewmojoContext) -> Sequence[Days | None]:
        """The windows of whole days, oldest first; one None for a report without dates."""
        if not self._report.dated:
            return [None]
        bookmark = tap.bookmarks.bookmark(self.name) if self._stream.incremental else None
        windows = self._period.windows(bookmark, midnight(tap.last_day + DAY), of=self.name)
        return [Days.of(window) for window in windows]


def _period(tap: CrewmojoContext, report: Report) -> Period:
    """The report's period, in whole days."""
    period = report.period(tap.period)
    start = period.start_date
    return replace(period, start_date=midnight(start.date()) if start else None)
