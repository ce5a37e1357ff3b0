"""Completed jobs by windows of ``updated``, and what all readers of completed jobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow.cursor_state import UPDATED
from tap_flow.empty_pages import EmptyPagesError
from tap_flow.filters import FOREVER, updated_at
from tap_flow.job_query import JobQuery
from tap_kit.errors import StreamError
from tap_kit.streams.reader import Bookmark, Page, Reader
from tap_kit.time.clock import format_time
from tap_kit.time.windows import Window, floor, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from tap_flow.cursor_state import NewestJob
    from tap_flow.job_pages import JobPage
    from tap_flow.job_query import Query
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream


class JobReader(Reader):
    """Completed jobs and what belongs to them: one request a page for all streams."""

    streams: Sequence[FlowStream]

    key: str = UPDATED
    """The replication key in the state, for the children too."""

    def __init__(
        self,
        tap: FlowContext,
        streams: Sequence[FlowStream],
        query: Callable[[Sequence[FlowStream]], Query] = JobQuery,
    ) -> None:
        """Take the streams, parents first, and what makes their query."""
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self.query = query
        self.pager = tap.jobs
        self.period = tap.period
        self.started = tap.started_at
        self.until = tap.until
        self.tree = query(streams)

    def probe(self) -> None:
        """Ask for one job."""
        self.pager.probe(self.stats)

    def page(self, found: JobPage, bookmarks: Sequence[Bookmark] = ()) -> Page:
        """The records of a page of jobs."""
        return Page(self.tree.records(found.jobs), bookmarks, found.size)

    def window(self, tree: Query, window: Window, newest: NewestJob | None) -> Iterator[JobPage]:
        """Yield the pages of a window; if the newest job lies in it, it must come.

        Raises:
            EmptyPagesError: It did not come, though it exists and has not changed. Or jobs come
                where there was none when reading began, so windows before may have had some.
        """
        expected = newest.job_id if newest and newest.lies_in(window) else None
        for found in self.pager.window(tree.fields, window, self.stats):
            if expected and any(job["jobId"] == expected for job in found.jobs):
                expected = None
            if newest is None and found.jobs and window.end != FOREVER:
                raise EmptyPagesError(window, found.jobs[0]["jobId"])
            yield found
        if expected and newest and self.pager.is_unchanged(newest, self.stats):
            raise EmptyPagesError(window, expected)

    def bookmarks(
        self,
        value: str | None,
        *,
        streams: Sequence[FlowStream] | None = None,
        ordered: bool = True,
        **extra: object,
    ) -> list[Bookmark]:
        """A bookmark for each stream, all alike, so that one selected later gets its history."""
        kept = {
            "replication_key": self.key,
            "filters": self.pager.filters.fingerprint,
            **self.tree.kept,
            **extra,
        }
        return [
            Bookmark(stream.name, value, ordered=ordered, extra=kept)
            for stream in streams or self.streams
        ]

    def reached(self, found: JobPage) -> list[Bookmark]:
        """A bookmark for each stream: the cursor of a page's last job, and when it was changed."""
        updated = updated_at(found.jobs[-1]) if found.jobs else None
        as_of = format_time(updated) if updated else None
        return self.bookmarks(found.cursor, ordered=False, as_of=as_of)

    def history(self, until: datetime) -> Iterator[Window]:
        """All windows of a first run; without ``start_date`` the first one is open."""
        self.pager.detect_exclusive_since(self.stats)
        start = self.period.start_date
        if start is None:
            earliest = self.pager.earliest(self.stats) or until
            start = floor(min(earliest, until), self.period.window)
            yield Window(None, start)
        yield from windows(start, until, self.period.window)


class WindowReader(JobReader):
    """Jobs by windows, side by side: ``updated`` mode, one-off runs, and full tables.

    Args:
        query: Makes the streams' query.
        moves: Whether the bookmark moves, window by window.
        bookmark: The end of the last complete window, where there is one.
    """

    def __init__(
        self,
        tap: FlowContext,
        streams: Sequence[FlowStream],
        query: Callable[[Sequence[FlowStream]], Query] = JobQuery,
        *,
        moves: bool = False,
        bookmark: str | None = None,
    ) -> None:
        super().__init__(tap, streams, query)
        self._moves = moves
        self._bookmark = bookmark

    def slices(self) -> Iterator[Iterator[Page]]:
        """One window is one slice."""
        planned = [
            *(
                self.period.windows(self._bookmark, self.until, of=", ".join(sorted(self.wanted)))
                if self._bookmark
                else self.history(self.until)
            )
        ]
        newest = self._newest() if planned else None
        for window in planned:
            yield self._pages(window, newest)
        if not self._moves and self.period.end_date is None:
            # A full table has what devices with a fast clock sent, too.
            yield self._pages(Window(self.until, FOREVER), None)

    def _newest(self) -> NewestJob | None:
        whole = Window(None, self.until)
        newest = self.pager.newest(self.stats, whole)
        if newest is None and self.pager.shows_jobs(self.stats):
            newest = self.pager.newest(self.stats, whole)
        elif newest is None:
            # Either there are none yet, or the vendor is in trouble: the next run reads all again.
            self._moves = False
        return newest

    def _pages(self, window: Window, newest: NewestJob | None) -> Iterator[Page]:
        try:
            for found in self.window(self.tree, window, newest):
                yield self.page(found)
        except EmptyPagesError:
            if self._moves:
                before = self.bookmarks(None, replication_key_value=self._bookmark)
                yield Page(bookmarks=before)
            raise
        if self._moves:
            yield Page(bookmarks=self.bookmarks(format_time(window.end)))


class ChangedSettings(Reader):
    """Fails streams whose bookmark was saved with other settings: older jobs would be missing.

    Args:
        settings: Their names.
    """

    def __init__(self, streams: Sequence[FlowStream], tap: FlowContext, settings: str) -> None:
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self._settings = settings

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice that fails, and says how to go on."""
        yield iter(self._page, None)

    def _page(self) -> Page | None:
        names = ", ".join(sorted(self.wanted))
        msg = (
            f"{self._settings} is not what it was when the bookmark was saved, so jobs would be "
            f"missing. Either restore {self._settings}, or remove the bookmarks of {names} from "
            "the state for a full refresh from start_date"
        )
        raise StreamError(msg)
