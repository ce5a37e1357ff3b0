"""The reader of reports: one request for each pair, two streams from its answer."""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING

from tap_kit.errors import GoneError, PermissionDeniedError
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Bookmark, Page, Reader
from tap_xoi.step_values import step_values
from tap_xoi.streams import WorkflowJobReports, WorkflowJobStepValues

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.streams.reader import Record
    from tap_kit.streams.stream import RecordStream
    from tap_xoi.client import Xoi
    from tap_xoi.pairs import Found, Source

_NO_STEP_DATA = "None"
"""How the guide writes what stands for no Reference Keys; it may come as this word or as null."""

_FEWEST = 3
"""Pairs that may all be gone: events are about jobs that were deleted since, too."""

_log = logging.getLogger(__name__)


class ReportsReader(Reader):
    """Reports and their step values, in the order in which the source finds pairs.

    Args:
        streams: One of them or both, as far as they have the same bookmark.
        xoi: Asks for reports.
        source: Finds the pairs.
        skip_missing: The setting.
    """

    def __init__(
        self, streams: Sequence[RecordStream], xoi: Xoi, source: Source, *, skip_missing: bool
    ) -> None:
        super().__init__(streams, xoi.client, xoi.stats)
        self._xoi = xoi
        self._source = source
        self._skip_missing = skip_missing
        self._names = self.wanted
        self._gone = GoneItems(
            "GET reporting-data",
            "Check the settings environment and reporting_url, and whether the API key may read "
            "reports",
            at_least=_FEWEST,
        )

    def slices(self) -> Iterator[Iterator[Page]]:
        """One for each pair."""
        return map(self._pages, self._source.found())

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """All of them; an error at the end where every pair was gone, and these were some."""
        return self._gone.in_order(bookmarks)

    def probe(self) -> None:
        """Find one pair and ask for its report; for a few where the first ones are gone."""
        for found in islice(self._source.samples(), _FEWEST):
            if not self._page(found).skipped:
                return
        self._gone.check()

    def _pages(self, found: Found) -> Iterator[Page]:
        page = self._page(found)
        if found.complete_to is not None:
            page.bookmarks = [Bookmark(stream.name, found.complete_to) for stream in self.streams]
        yield page

    def _page(self, found: Found) -> Page:
        if found.skipped:
            self._gone.gone(f"job {found.job_id}", found.skipped)
            return Page(skipped=1)
        return self._fetch(found) if found.workflow_job_id else Page()

    def _fetch(self, found: Found) -> Page:
        try:
            report, size = self._xoi.report(found.job_id, found.workflow_job_id)
        except (GoneError, PermissionDeniedError) as error:
            if not self._skip_missing:
                raise
            _log.warning(
                "job %s, workflow job %s is skipped: %s",
                found.job_id,
                found.workflow_job_id,
                error,
            )
            self._gone.gone(f"job {found.job_id}, workflow job {found.workflow_job_id}", error)
            return Page(skipped=1)
        self._gone.came()
        report = _completed(report, found)
        records: dict[str, list[Record]] = {}
        if WorkflowJobReports.name in self._names:
            records[WorkflowJobReports.name] = [report]
        if WorkflowJobStepValues.name in self._names:
            records[WorkflowJobStepValues.name] = _rows(report)
        return Page(records, size=size)


def _completed(report: Record, found: Found) -> Record:
    """A report with its keys, ``changedAt``, and no word for no data."""
    report["jobId"] = report.get("jobId") or found.job_id
    report["workflowJobId"] = report.get("workflowJobId") or found.workflow_job_id
    report["changedAt"] = found.changed_at or report.get("completedAt") or report.get("createdAt")
    if report.get("stepData") == _NO_STEP_DATA:
        report["stepData"] = None
    return report


def _rows(report: Record) -> list[Record]:
    """The rows of a report that is :func:`_completed`."""
    shared = {name: report.get(name) for name in ("jobId", "workflowJobId", "orgId", "changedAt")}
    data = report.get("stepData")
    return [{**shared, **values} for values in step_values(data if isinstance(data, dict) else {})]
