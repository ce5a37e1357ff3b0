"""What fetches a report: one slice per window, side by side."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_crewmojo.days import Days
from tap_kit.http.download import Download
from tap_kit.streams.reader import Bookmark, Page, Reader
from tap_kit.tables import is_empty, read_table
from tap_kit.tables.pages import only_to_write, sized, table_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tap_crewmojo.api import Question
    from tap_crewmojo.desk import Desk
    from tap_crewmojo.streams import ReportStream
    from tap_kit.stats import StreamStats

_log = logging.getLogger(__name__)


class ReportReader(Reader):
    """The rows of one report.

    Args:
        stream: The report's stream.
        desk: Where to ask.
        windows: Oldest first; one None for a report without dates.
        yesterday: The last day that is over: the bookmark never passes it.
        stats: The stream's.
    """

    def __init__(
        self,
        stream: ReportStream,
        desk: Desk,
        windows: Sequence[Days | None],
        yesterday: date,
        stats: StreamStats,
    ) -> None:
        super().__init__([stream], desk.api.client, stats)
        self._stream = stream
        self._desk = desk
        self._windows = windows
        self._yesterday = yesterday
        self._typed = only_to_write(stream)

    def slices(self) -> Iterator[Iterator[Page]]:
        """One for each window.

        Raises:
            StreamError: Discovery failed in this run: without columns, rows have no lasting id.
        """
        if self._stream.failure is not None:
            raise self._stream.failure
        for days in self._windows:
            yield self._pages(days)

    def probe(self) -> None:
        """Ask for the last day (or for the report without dates), without waiting for a job."""
        if self._stream.failure is not None:
            raise self._stream.failure
        for days in self._windows[-1:]:
            day = Days(days.end, days.end) if days else None
            answer = self._desk.api.ask(self._desk.question(self._stream.report, day), self.stats)
            if isinstance(answer, Download):
                answer.close()

    def _pages(self, days: Days | None) -> Iterator[Page]:
        question = self._desk.question(self._stream.report, days)
        download = yield from self._desk.delivered(question, self.stats)
        with download:
            if is_empty(download):
                _log.warning("stream %s: the answer is entirely empty: %s", self.name, question)
            else:
                yield from self._read(download, question)
        yield Page(bookmarks=self._bookmarks(days))

    def _read(self, download: Download, question: Question) -> Iterator[Page]:
        days = question.days
        start, end = (days.start.isoformat(), days.end.isoformat()) if days else (None, None)
        decoder = self._stream.shape.decoder(
            (question.report, start),
            {"report": question.report, "start_date": start, "end_date": end},
        )
        blocks = sized(read_table(download), download.file)
        return table_pages(blocks, decoder, self.stats, answer=str(question), typed=self._typed)

    def _bookmarks(self, days: Days | None) -> Sequence[Bookmark]:
        if days is None or not self._stream.incremental:
            return ()
        complete = min(days.end, self._yesterday)
        return [Bookmark(self.name, complete.isoformat())] if complete >= days.start else ()
