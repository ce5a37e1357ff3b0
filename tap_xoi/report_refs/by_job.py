"""Pairs from lists of jobs, where there is no webhook history; late edits are not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_kit.time.clock import format_time
from tap_xoi.identity import workflow_of
from tap_xoi.queries import LIST_DOCUMENTATION, LIST_JOBS, Fields
from tap_xoi.readers.windows import Intervals, date_query, moment
from tap_xoi.report_refs.refs import ReportRef, Summaries, found_ahead, workflow_fields
from tap_xoi.streams.lists import Jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_kit.streams.reader import Record
    from tap_kit.time.windows import Window
    from tap_xoi.client import Xoi

_NEEDED = ("id", "createdAt", "updatedAt")
_SAMPLED = 3


class DocumentedRefs:
    """Pairs of the jobs that were completed in the run's windows and have documentation.

    ``changedAt`` and the bookmark are the end of the window. An edit is seen as long as the
    look-back reaches the job's completion.
    """

    def __init__(
        self, xoi: Xoi, intervals: Intervals, *, include_all_steps: bool, workers: int
    ) -> None:
        self._xoi = xoi
        self._intervals = intervals
        self._given = {"includeAllSteps": include_all_steps}
        self._workers = workers
        self._fields = workflow_fields("jobId")

    def refs(self) -> Iterator[ReportRef]:
        """Yield pairs window by window; a job on the edge of two windows comes once."""
        before: set[tuple[str, str]] = set()
        these: set[tuple[str, str]] = set()
        for found in found_ahead(map(self._window, self._intervals.windows), self._workers):
            pair = (found.job_id, found.workflow_job_id)
            if found.bookmark:
                before, these = these, set()
            elif pair in before or pair in these:
                continue
            else:
                these.add(pair)
            yield found

    def samples(self) -> Iterator[ReportRef]:
        """Yield pairs of the jobs that were completed last."""
        given = {"dateQuery": {"type": "COMPLETED_AT", "ascending": False}, **self._given}
        page = next(self._xoi.pages(LIST_DOCUMENTATION, self._fields, given))
        return iter(dict.fromkeys(self._pairs(page.items)))

    def _window(self, window: Window) -> Iterator[list[ReportRef]]:
        end = format_time(window.end)
        given = {"dateQuery": date_query(window, type="COMPLETED_AT"), **self._given}
        for page in self._xoi.pages(LIST_DOCUMENTATION, self._fields, given):
            yield list(dict.fromkeys(self._pairs(page.items, end)))
        yield [ReportRef(bookmark=end)]

    def _pairs(self, items: list[Record], changed_at: str | None = None) -> Iterator[ReportRef]:
        for item in items:
            if item.get("jobId") and (workflow := workflow_of(item)):
                yield ReportRef(item["jobId"], workflow, changed_at)


class SummarisedRefs:
    """All pairs of the jobs that were created in the run's windows, by a request for each job.

    ``changedAt`` is the job's ``updatedAt``. XOi can't list jobs by that, so the bookmark is a
    ``createdAt``: all jobs that were created up to then have been read, and those within the
    look-back are read again.
    """

    def __init__(
        self, xoi: Xoi, intervals: Intervals, *, page_size: int, workers: int, skip_missing: bool
    ) -> None:
        self._xoi = xoi
        self._intervals = intervals
        self._page_size = page_size
        self._workers = workers
        self._summaries = Summaries(xoi, skip_missing=skip_missing)
        self._fields = Fields(Jobs.schema, lambda crumb: crumb[1] in _NEEDED, needed=_NEEDED)

    def refs(self) -> Iterator[ReportRef]:
        """Yield pairs job by job, oldest first; a bookmark waits for all jobs of its time."""
        reached: str | None = None
        for found in found_ahead(self._jobs(), self._workers):
            if found.bookmark is None:
                yield found
            elif found.bookmark != reached:
                yield ReportRef(bookmark=reached)
                reached = found.bookmark
        if reached is not None:
            yield ReportRef(bookmark=reached)

    def samples(self) -> Iterator[ReportRef]:
        """Yield pairs of the newest jobs."""
        given = {"limit": _SAMPLED, "dateQuery": {"type": "CREATED_AT", "ascending": False}}
        page = next(self._xoi.pages(LIST_JOBS, self._fields, given))
        return (found for job in page.items for found in self._summaries.refs(job["id"]))

    def _jobs(self) -> Iterator[Iterator[list[ReportRef]]]:
        """The look-ups; a job on the edge of two windows comes once."""
        on_edge: set[str] = set()
        for window in self._intervals.windows:
            before, on_edge = on_edge, set()
            given = {
                "limit": self._page_size,
                "dateQuery": date_query(window, type="CREATED_AT"),
            }
            for page in self._xoi.pages(LIST_JOBS, self._fields, given):
                for job in self._intervals.inside(window, page.items, "createdAt"):
                    if job.get("createdAt") and moment(job, "createdAt") >= window.end:
                        on_edge.add(job["id"])
                    if job["id"] not in before:
                        yield self._workflows(job)
            yield iter([[ReportRef(bookmark=format_time(window.end))]])

    def _workflows(self, job: Record) -> Iterator[list[ReportRef]]:
        created_at = job.get("createdAt")
        found = self._summaries.refs(job["id"], job.get("updatedAt") or created_at)
        yield [*found, ReportRef(bookmark=created_at)]
