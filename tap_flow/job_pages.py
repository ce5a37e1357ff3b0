"""Reads completed jobs page by page: after a cursor, or within a window of ``updated``."""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_flow.client import is_refusal
from tap_flow.cursor_state import CURSOR, NewestJob
from tap_flow.empty_pages import FirstPages, last_page
from tap_flow.filters import FOREVER, JobFilters, on_edge, outside, updated_at
from tap_flow.job_query import JOBS, JobFields
from tap_kit.errors import DataError, StreamError, VendorError
from tap_kit.streams.graphql import arguments
from tap_kit.streams.paging import Paging
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_flow.client import FlowClient
    from tap_kit.stats import StreamStats
    from tap_kit.streams.codec import AnyRecord

_log = logging.getLogger(__name__)

MOST_JOBS = 100
"""The most jobs that the vendor sends in one page (guide 3.5.2.5)."""

_CURSOR = JobFields(CURSOR)
_PLACES = JobFields(f"jobId {CURSOR}")
_NEWEST = JobFields(f"{CURSOR} jobId updated")
_BEFORE_ALL = datetime(2000, 1, 1, tzinfo=timezone.utc)
"""Where an open window is cut from, if it must be cut."""
_ABOUT_PAGING = re.compile(r"cursor|combin|(?:updated|created)(?:since|before)", re.IGNORECASE)
"""Words of a refusal that concerns a cursor beside filters, and not the fields of the query."""
_SHORTEST = timedelta(milliseconds=2)


@dataclass
class JobPage:
    """A page of jobs.

    Attributes:
        jobs: In the order of their cursors.
        cursor: That of the last job; None if the page is empty.
        size: Of the response, in bytes.
    """

    jobs: Sequence[AnyRecord]
    cursor: str | None
    size: int

    @cached_property
    def changed(self) -> Sequence[datetime]:
        """The earliest and the latest ``updated`` of the jobs; empty if no job has one."""
        times = [time for job in self.jobs if (time := updated_at(job)) is not None]
        return (min(times), max(times)) if times else ()

    def inside(self, window: Window) -> bool:
        """Whether all jobs were last changed within the window."""
        return all(
            (window.start is None or window.start <= time) and time < window.end
            for time in self.changed
        )

    def only(self, wanted: Callable[[AnyRecord], bool]) -> JobPage:
        """Return the page with only the jobs that are wanted."""
        jobs = [job for job in self.jobs if wanted(job)]
        return JobPage(jobs, self.cursor, self.size)


class JobPager:
    """Requests pages of the ``jobs`` query; threads may share it.

    The guide shows no cursor together with filters (docs: taps/flow/facts#cursor). If the vendor
    refuses the two together, or ignores the filters then, reading goes on with either of them.
    """

    def __init__(self, api: FlowClient, config: Mapping[str, Any]) -> None:
        """Take filters, page size and date format from the settings."""
        self._api = api
        self._page_size = config["page_size"]
        self.filters = JobFilters(config["job_filters"], slashes=config["date_format"] == "slash")
        # Set once the vendor has shown that it takes no cursor together with filters.
        self._separate = threading.Event()
        self._first_pages = FirstPages()

    def probe(self, stats: StreamStats) -> None:
        """Request as little as possible."""
        self._api.query("{ jobs(limit: 1) { jobId } }", "jobs", stats)

    def newest(self, stats: StreamStats, window: Window | None = None) -> NewestJob | None:
        """Return the last job to be uploaded, of all or of a window; None if there is no job."""
        bounds = self.filters.arguments(window)
        found = self._fetch(_NEWEST, stats, **bounds, limit=1, order="desc")
        if found.cursor is None:
            return None
        self._first_pages.seen.set()
        return NewestJob(found.jobs[0]["jobId"], found.cursor, updated_at(found.jobs[0]))

    def shows_jobs(self, stats: StreamStats) -> bool:
        """Whether the vendor shows any job, whatever the filters."""
        return bool(self._fetch(_CURSOR, stats, limit=1, order="desc").jobs)

    def is_last(self, cursor: str, stats: StreamStats, window: Window | None = None) -> bool:
        """Whether no job, of all or of a window, comes after a cursor."""
        newest = self.newest(stats, window)
        return newest is not None and newest.cursor == cursor

    def is_unchanged(self, job: NewestJob, stats: StreamStats) -> bool:
        """Whether a job still exists, and has not changed.

        If it is missing, another job must exist for that to be true: a vendor that sends empty
        pages in place of full ones shows no job at all.
        """
        found = self._fetch(_NEWEST, stats, jobId=job.job_id, limit=1).jobs
        if found and found[0]["jobId"] == job.job_id:
            return updated_at(found[0]) == job.updated
        last = self._fetch(_NEWEST, stats, limit=1, order="desc").jobs
        return not last or last[0]["jobId"] == job.job_id

    def detect_exclusive_since(self, stats: StreamStats) -> None:
        """Find out whether ``updatedSince`` excludes a job that was changed at just that time.

        The guide does not say (3.5.2.4); see :meth:`JobFilters.arguments`.
        """
        last = self._fetch(_NEWEST, stats, limit=1, order="desc").jobs
        updated = updated_at(last[0]) if last else None
        if updated is not None:
            arguments = self.filters.since(updated)
            found = self._fetch(_CURSOR, stats, jobId=last[0]["jobId"], limit=1, **arguments)
            self.filters.since_is_exclusive = not found.jobs

    def earliest(self, stats: StreamStats) -> datetime | None:
        """Return ``updated`` of the first job to be uploaded; None if there is no job."""
        fields = JobFields(f"{CURSOR} updated")
        first = self._fetch(fields, stats, **self.filters.arguments(), limit=1)
        return updated_at(first.jobs[0]) if first.jobs else None

    def job(self, fields: JobFields, job_id: str, stats: StreamStats) -> Sequence[Any]:
        """Request one job again; empty if it is gone."""
        return self._fetch(fields, stats, jobId=job_id, limit=1).jobs

    def count(self, window: Window, stats: StreamStats) -> int:
        """Return how many jobs were last changed within a window, up to :data:`MOST_JOBS`."""
        bounds = self.filters.arguments(window)
        return len(self._fetch(_CURSOR, stats, **bounds, limit=MOST_JOBS).jobs)

    def after(self, fields: JobFields, cursor: str | None, stats: StreamStats) -> JobPage:
        """Return the page after a cursor, or the first page.

        The page may be without jobs, if none matches the filters, and still have a cursor.

        Raises:
            VendorError: The vendor refuses the cursor, or the query.
        """
        if not (cursor and self.filters and self._separate.is_set()):
            try:
                return self._fetch(fields, stats, **self.filters.arguments(), cursor=cursor)
            except VendorError as error:
                if not (cursor and self.filters and _is_of_both(error)):
                    raise
                self._separately(error)
        found = self._fetch(_PLACES, stats, cursor=cursor)
        jobs = self._matching(fields, [job["jobId"] for job in found.jobs], stats)
        return JobPage(jobs.jobs, found.cursor, found.size + jobs.size)

    def window(self, fields: JobFields, window: Window, stats: StreamStats) -> Iterator[JobPage]:
        """Yield pages of all jobs that were last changed within a window.

        Raises:
            EmptyPagesError: The vendor sends empty pages in place of full ones.
            StreamError: The pages don't end.
        """
        first = found = self._first(fields, window, stats)
        paging = job_paging("Run again: it goes on from the bookmark")
        while found.cursor is not None and not (found is first and self._separate.is_set()):
            paging.took(found.jobs)
            paging.follow(found.cursor)
            try:
                following = self._behind(fields, window, found, stats)
            except VendorError as error:
                if is_missing_page(error) and self.is_last(found.cursor, stats, window):
                    yield _proper(found, window)
                    return
                if found is not first or not _is_of_both(error):
                    raise
                self._separately(error)
                break
            if _has_strays(following, window) and not _has_strays(first, window):
                self._separately("jobs of other times came after a cursor")
                break
            yield _proper(found, window)
            found = following
        if found.cursor is not None:
            if found is not first:  # which was given away
                first = self._first(fields, window, stats)
            yield from self._cut(fields, window, first, stats)

    def _cut(
        self, fields: JobFields, window: Window, first: JobPage, stats: StreamStats
    ) -> Iterator[JobPage]:
        """Read a window without cursors: halve it until each part fits into one page."""
        if not first.jobs or self._is_all(window, first, stats):
            yield _proper(first, window)
            return
        start = window.start or _BEFORE_ALL
        middle = start + (window.end - start) / 2
        if middle - start < _SHORTEST:
            msg = (
                f"more than {self._page_size} jobs were changed at {start.isoformat()}, and the "
                "vendor refuses to page within a filter. A larger page_size may help"
            )
            raise StreamError(msg)
        for half in (Window(window.start, middle), Window(middle, window.end)):
            yield from self._cut(fields, half, self._first(fields, half, stats), stats)

    def _is_all(self, window: Window, first: JobPage, stats: StreamStats) -> bool:
        bounds = self.filters.arguments(window)
        last = self._fetch(_CURSOR, stats, **bounds, limit=1, order="desc")
        return last.cursor == first.cursor

    def _first(self, fields: JobFields, window: Window, stats: StreamStats) -> JobPage:
        return self._behind(fields, window, None, stats)

    def _behind(
        self, fields: JobFields, window: Window, before: JobPage | None, stats: StreamStats
    ) -> JobPage:
        """Return a window's page behind another one, or its first page; an empty one at its end."""
        bounds = self.filters.arguments(window)

        def request() -> JobPage:
            return self._fetch(fields, stats, **bounds, cursor=before.cursor if before else None)

        found = request()
        shows_jobs = partial(self.shows_jobs, stats)
        if found.cursor is not None:
            self._first_pages.seen.set()
        elif window.end == FOREVER:
            pass  # mostly there is nothing to come
        elif before is None:
            found = self._first_pages.doubted(
                window,
                found,
                request,
                shows_jobs=shows_jobs,
                has_jobs=partial(self._has_jobs, stats),
            )
        elif len(before.jobs) == self._page_size:
            came = {job["jobId"] for job in before.jobs}
            last = _last(before)
            found = last_page(
                found,
                window,
                came,
                partial(self.newest, stats, window),
                request,
                shows_jobs=shows_jobs,
                is_unchanged=lambda: self.is_unchanged(last, stats),
            )
        return found

    def _has_jobs(self, stats: StreamStats, window: Window) -> bool:
        bounds = self.filters.arguments(window)
        try:
            return bool(self._fetch(_CURSOR, stats, **bounds, limit=1).jobs)
        except StreamError:
            return True  # nobody knows; the windows behind fail on their own if they can't be read

    def _matching(self, fields: JobFields, ids: list[str], stats: StreamStats) -> JobPage:
        """Request the jobs with these ids that match the filters, as the vendor applies them."""
        filters = self.filters.arguments()
        if "jobTitle" in filters:
            msg = (
                "the vendor does not take a cursor together with filters, and jobTitle can't be "
                "combined with job ids (guide 3.5.2.3). Choose 'updated' as replication-key of "
                "completed_jobs in the catalog, or leave job_filters.jobTitle out"
            )
            raise StreamError(msg)
        wanted = self.filters.values.get("jobId", ids)
        ids = [job for job in ids if job in ([wanted] if isinstance(wanted, str) else wanted)]
        if not ids:
            return JobPage([], None, 0)
        return self._fetch(fields, stats, **{**filters, "jobId": ids})

    def _fetch(self, fields: JobFields, stats: StreamStats, **given: object) -> JobPage:
        """Request one page; always with an order, on which everything depends."""
        given = {"limit": self._page_size, "order": "asc", **given}
        query = f"{{ {JOBS}{arguments(given)} {{ {fields.text} }} }}"
        found = self._api.query(query, JOBS, stats, codec=fields.codec)
        return JobPage(found.rows, _cursor(found.rows), found.size)

    def _separately(self, why: VendorError | str) -> None:
        if not self._separate.is_set():
            self._separate.set()
            _log.warning(
                "the vendor does not take a cursor together with filters (%s); reading goes on "
                "without the two together, which takes more requests",
                why.detail if isinstance(why, VendorError) else why,
            )


def _proper(page: JobPage, window: Window) -> JobPage:
    """Return the page without jobs that are the next window's, or the one's before."""
    return page if page.inside(window) else page.only(lambda job: not on_edge(job, window))


def _last(page: JobPage) -> NewestJob:
    job = page.jobs[-1]
    return NewestJob(job["jobId"], str(page.cursor), updated_at(job))


def job_paging(advice: str) -> Paging:
    """Watches pages of the ``jobs`` query, by their jobs and the cursors of the last ones."""
    return Paging("GraphQL jobs", link=CURSOR, advice=advice, identified_by=("jobId",))


def is_missing_page(error: VendorError) -> bool:
    """Whether a page does not exist (404), which is the end if all jobs came before it."""
    return error.status == HTTPStatus.NOT_FOUND


def _is_of_both(error: VendorError) -> bool:
    return is_refusal(error) and _ABOUT_PAGING.search(error.detail) is not None


def _cursor(rows: Sequence[AnyRecord]) -> str | None:
    if not rows:
        return None
    cursor = rows[-1].get(CURSOR)
    if not isinstance(cursor, str) or not cursor:
        msg = f"the vendor sent a job without {CURSOR}, so its page can't be followed by another"
        raise DataError(msg)
    return cursor


def _has_strays(page: JobPage, window: Window) -> bool:
    return not page.inside(window) and any(outside(job, window) for job in page.jobs)
