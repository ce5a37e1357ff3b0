"""Completed jobs in the order of their uploads: cursor mode."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from tap_flow.client import is_refusal
from tap_flow.cursor_state import CURSOR, Backfill
from tap_flow.empty_pages import EmptyPagesError
from tap_flow.filters import FOREVER, updated_at
from tap_flow.job_pages import is_missing_page, job_paging
from tap_flow.job_query import JobQuery
from tap_flow.readers.job_windows import JobReader
from tap_kit.errors import StreamError, VendorError
from tap_kit.streams.reader import Page
from tap_kit.time.clock import format_time
from tap_kit.time.windows import Window, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from tap_flow.cursor_state import CursorState
    from tap_flow.job_pages import JobPage
    from tap_flow.job_query import Query
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream


class CursorReader(JobReader):
    """Reads new jobs after the saved cursor, then those that changed since the previous run.

    A first run reads windows of ``updated`` side by side. Then it goes on after a cursor that it
    took before, so that nothing is lost that was uploaded meanwhile.

    Args:
        query: Makes the streams' query.
        state: How far the streams of ``own`` have been read.
        own: The streams whose first run is read here, if it isn't complete. The others join
            after it; see :class:`CatchUpReader`.
        changed_since: Read changes from this time on.
    """

    key = CURSOR

    def __init__(  # noqa: PLR0913  # the streams, and how far they are
        self,
        tap: FlowContext,
        streams: Sequence[FlowStream],
        query: Callable[[Sequence[FlowStream]], Query] = JobQuery,
        *,
        state: CursorState,
        own: Sequence[FlowStream],
        changed_since: datetime,
    ) -> None:
        super().__init__(tap, streams, query)
        self._state = state
        self._own = own
        self._changed_since = changed_since

    def slices(self) -> Iterator[Iterator[Page]]:
        """The windows of a first run, then one slice, since pages lead to pages."""
        cursor = self._state.cursor
        if cursor is None:
            backfill = self._state.backfill or self._begun()
            if backfill is not None:
                yield from first_run(self, self._own, backfill)
                cursor = backfill.cursor
        yield self._news(cursor)

    def _begun(self) -> Backfill | None:
        newest = self.pager.newest(self.stats)
        return Backfill(newest.cursor, self.started, newest) if newest else None

    def _news(self, cursor: str | None) -> Iterator[Page]:
        """Yield new jobs, then changed ones, which don't move the cursor."""
        seen: dict[str, str] = {}
        for found in pages_after(self, cursor):
            for job in found.jobs:
                updated = updated_at(job)
                if updated is not None and updated >= self._changed_since:
                    seen[job["jobId"]] = job["updated"]
            yield self.page(found, self.reached(found))
        for window in chain(
            windows(self._changed_since, self.started, self.period.window),
            # Devices with a fast clock send times that are still to come.
            [Window(self.started, FOREVER)],
        ):
            for found in self.pager.window(self.tree.fields, window, self.stats):
                yield self.page(found.only(lambda job: seen.get(job["jobId"]) != job["updated"]))
        yield Page(bookmarks=self.bookmarks(None, started=format_time(self.started)))


class CatchUpReader(JobReader):
    """Reads streams that were selected later, or failed before, up to the cursor of the others.

    Args:
        query: Makes the streams' query.
        state: How far the streams have been read.
        target: The cursor of the others, after which one reader goes on with all of them.
    """

    key = CURSOR

    def __init__(
        self,
        tap: FlowContext,
        streams: Sequence[FlowStream],
        query: Callable[[Sequence[FlowStream]], Query] = JobQuery,
        *,
        state: CursorState,
        target: str,
    ) -> None:
        super().__init__(tap, streams, query)
        self._state = state
        self._target = target

    def slices(self) -> Iterator[Iterator[Page]]:
        """The windows of a first run, or pages up to the target."""
        cursor = self._state.cursor
        if cursor is None:
            backfill = self._state.backfill or Backfill(
                self._target, self.started, self.pager.newest(self.stats)
            )
            yield from first_run(self, self.streams, backfill)
            cursor = backfill.cursor
        if cursor != self._target:
            yield self._rest(cursor)

    def _rest(self, cursor: str) -> Iterator[Page]:
        for found in pages_after(self, cursor):
            cursors = [job[CURSOR] for job in found.jobs]
            if self._target in cursors:
                found.jobs = found.jobs[: cursors.index(self._target) + 1]
                found.cursor = self._target
                yield self.page(found, self.reached(found))
                return
            yield self.page(found, self.reached(found))


def first_run(
    reader: JobReader, streams: Sequence[FlowStream], backfill: Backfill
) -> Iterator[Iterator[Page]]:
    """Yield the slices of a first run, or of its rest; the bookmark of the last page is the cursor.

    If the newest job does not come, the next run reads all windows again.
    """
    tree = reader.query(streams)

    def bookmark(until: datetime | None) -> Page:
        kept = backfill.as_state(until)
        return Page(bookmarks=reader.bookmarks(None, streams=streams, backfill=kept))

    def pages(window: Window) -> Iterator[Page]:
        try:
            for found in reader.window(tree, window, backfill.newest):
                yield Page(tree.records(found.jobs), size=found.size)
        except EmptyPagesError:
            yield Page(bookmarks=reader.bookmarks(None, streams=streams, backfill=None))
            raise
        yield bookmark(window.end)

    yield iter([bookmark(backfill.until)])
    planned = (
        reader.history(reader.until)
        if backfill.until is None
        else windows(backfill.until, reader.until, reader.period.window)
    )
    for window in planned:
        yield pages(window)
    newest = backfill.newest.updated if backfill.newest else None
    done = reader.bookmarks(
        backfill.cursor,
        streams=streams,
        ordered=False,
        backfill=None,
        started=format_time(backfill.started),
        as_of=format_time(newest) if newest else None,
    )
    yield iter([Page(bookmarks=done)])


def pages_after(reader: JobReader, cursor: str | None) -> Iterator[JobPage]:
    """Yield pages in the order of upload, up to an empty one.

    Raises:
        StreamError: The vendor refuses the cursor, or pages lead in a circle.
    """
    names = ", ".join(sorted(reader.wanted))
    hint = (
        f"If this stays so, remove the bookmarks of {names} from the state: the next run then is a "
        "full refresh from start_date"
    )
    paging = job_paging(hint)
    if cursor is not None:
        paging.follow(cursor)
    while True:
        try:
            found = reader.pager.after(reader.tree.fields, cursor, reader.stats)
        except VendorError as error:
            if cursor and is_missing_page(error) and reader.pager.is_last(cursor, reader.stats):
                return
            if cursor is None or not is_refusal(error):
                raise
            msg = f"the vendor refuses to go on behind the cursor {cursor}: {error}. {hint}"
            raise StreamError(msg) from error
        if found.cursor is None:
            return
        paging.follow(found.cursor)
        if found.jobs:
            paging.took(found.jobs)
        yield found
        cursor = found.cursor
