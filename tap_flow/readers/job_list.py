"""The REST list of jobs, by skip and limit, while jobs come and go."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from tap_flow.client import Rows
from tap_flow.readers.pages_ahead import PagesAhead
from tap_kit.doctor.hint import ask_the_account
from tap_kit.errors import GoneError, StreamError, VendorError
from tap_kit.streams.codec import PLAIN, Codec
from tap_kit.streams.paging import PATIENCE, Paging
from tap_kit.threads.prefetch import prefetched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_flow.client import FlowClient
    from tap_flow.endpoints import Endpoint
    from tap_flow.readers.pages_ahead import Run
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Record

_OVERLAP = 5
"""Rows of the page before that each page repeats; more may vanish between two requests."""
_STEPS_BACK = 20
"""Steps back in a row, before giving up."""
_MORE = 2
_FAR = 1_000_000
"""Rows that can't all have been put before a row between two requests."""


_ADVICE = (
    "The vendor takes no notice of skip, or sends the same rows for ever: ask Librestream's "
    "support, or leave the streams of jobs of every status (jobs, job_details, job_snapshots, "
    f"job_report_urls) out. {ask_the_account('tap-flow')}"
)


class JobList:
    """Reads the list of jobs: each job once, and none lost, whatever the vendor's order.

    Jobs that arrive at the beginning of the list push rows to later pages, where they come again
    and are dropped. Jobs that vanish pull rows to earlier pages, which have been read. So each page
    begins with the last rows of the one before; if none of them comes again, reading steps back. An
    empty page is the end if the rows before it are still those that were read.

    When a page was requested makes no difference. A row that was read before shows where a page
    belongs: everything in front of that row has been read, and what follows it is on the page. So
    pages may be requested ahead, side by side, and are put together in the order of the list.

    If pages bring nothing new, rows were pushed, or the vendor ignores ``skip``. Then rows far
    beyond the end are requested: if known rows come, ``skip`` is ignored.

    Args:
        api: The vendor's API.
        endpoint: The list, in its scope.
        page_size: The most rows to ask for in one request; fewer may come.
        codec: As in :meth:`FlowClient.rows`.
        workers: Requests side by side.
        run: Runs them.
    """

    def __init__(  # noqa: PLR0913  # what is requested, and how many pages at once
        self,
        api: FlowClient,
        endpoint: Endpoint,
        page_size: int,
        codec: Codec = PLAIN,
        *,
        workers: int = 1,
        run: Run = prefetched,
    ) -> None:
        self._api = api
        self._codec = codec
        self._endpoint = endpoint
        self._limit = page_size
        self._workers = workers
        self._run = run

    def pages(self, stats: StreamStats) -> Iterator[Rows]:
        """Yield pages of jobs that were on no earlier page.

        Raises:
            StreamError: The list changes faster than it can be read, or it does not move.
        """
        with closing(
            PagesAhead(
                lambda skip: self._page(skip, self._limit, stats, may_end=True),
                workers=self._workers,
                run=self._run,
            )
        ) as ahead:
            yield from self._pages(ahead, stats)

    def _pages(self, ahead: PagesAhead, stats: StreamStats) -> Iterator[Rows]:
        seen: set[Any] = set()
        paging = Paging(f"GET {self._endpoint.path}", advice=_ADVICE)
        passed_by = set[Any]()  # by stepping back
        known = 0  # rows since the last one that was new
        overlap = min(_OVERLAP, self._limit // 2)
        skip = repeated = steps_back = length = 0
        ended = False
        while True:
            found = ahead.page(skip) if seen else self._page(0, self._limit, stats)
            ids = [row.get("jobId") for row in found.rows]
            moves = not ids or any(job not in seen and job not in passed_by for job in ids)
            paging.moved(new=moves)
            if paging.idle == PATIENCE - 1:
                paging.moved(new=self._heeds_skip(skip, seen | passed_by, stats))
            if repeated and seen.isdisjoint(ids[:repeated]):
                passed_by.update(ids)
                steps_back += 1
                if steps_back > _STEPS_BACK:
                    msg = "jobs vanish from the list faster than it can be read; run again later"
                    raise StreamError(msg)
                skip = max(0, skip - self._limit)
                repeated = overlap if skip else 0
                ended = False
                continue
            new = [row for row, job in zip(found.rows, ids, strict=True) if job not in seen]
            seen.update(ids)
            skip += len(ids)
            if new:
                yield Rows(new, found.size)
                passed_by.clear()
                steps_back, known, ended = 0, 0, False
                repeated = min(overlap, len(ids) - 1)
                # After one page it is open whether there is another, and how long pages are.
                if len(ids) == length:
                    ahead.expect(skip - repeated, step=length - repeated, length=length)
                length = len(ids)
            elif ended or not skip:
                return
            elif not ids:
                ended = True
                repeated = min(overlap, skip)
            else:
                known += len(ids)
                if known > len(seen) + _STEPS_BACK * self._limit:
                    msg = "jobs arrive in the list faster than it can be read; run again later"
                    raise StreamError(msg)
                # Where nothing but repeated rows came, ask what is behind them, and repeat none.
                repeated = overlap if len(ids) > overlap else 0
            skip -= repeated

    def sample(self, stats: StreamStats) -> Iterator[Record]:
        """A job, and a few more if they are wanted; none where there are none."""
        yield from self._page(0, 1, stats).rows
        yield from self._page(1, _MORE, stats, may_end=True).rows

    def probe(self, stats: StreamStats) -> None:
        """Request a job, and one far beyond the end of the list.

        Raises:
            StreamError: The vendor ignores ``skip``, so the list can't be read.
        """
        rows = self._page(0, 1, stats).rows
        if rows and not self._heeds_skip(0, {row.get("jobId") for row in rows}, stats, limit=1):
            msg = f"GET {self._endpoint.path} does not move. {_ADVICE}"
            raise StreamError(msg)

    def _heeds_skip(
        self, skip: int, seen: set[Any], stats: StreamStats, limit: int | None = None
    ) -> bool:
        """Whether the vendor respects ``skip``: far beyond the end there are no known rows."""
        try:
            far = self._page(skip + _FAR, limit or self._limit, stats, may_end=True).rows
        except VendorError:  # refused, so it was read
            return True
        return not far or not seen.issuperset(row.get("jobId") for row in far)

    def _page(self, skip: int, limit: int, stats: StreamStats, *, may_end: bool = False) -> Rows:
        """Request one page; with ``may_end``, after other rows, a 404 is an empty page."""
        params = {"skip": skip, "limit": limit}
        try:
            return self._api.rows(self._endpoint, stats, params=params, codec=self._codec)
        except GoneError:
            if not may_end:
                raise
            return Rows([], 0)
