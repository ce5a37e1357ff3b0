"""The reader of reports: one request for each pair, and two streams from its response."""

from __future__ import annotations

import logging
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from tap_kit.doctor.hint import ask_the_account
from tap_kit.errors import GoneError, PermissionDeniedError
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Bookmark, Page, Reader
from tap_xoi.client import Xoi
from tap_xoi.report_refs import source_of
from tap_xoi.step_values import step_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.streams.context import TapContext
    from tap_kit.streams.reader import Record
    from tap_kit.streams.schema import Schema
    from tap_kit.streams.stream import RecordStream
    from tap_xoi.report_refs.refs import RefSource, ReportRef

_NO_STEP_DATA = "None"
"""How the guide writes what stands for no Reference Keys; it may come as this word or as null."""

_FEWEST = 3
"""Pairs that may all be gone: events are about jobs that were deleted since, too."""

_log = logging.getLogger(__name__)


class ReportsReader(Reader):
    """Reads reports and their step values, in the order in which the source finds pairs.

    Args:
        streams: Both streams if they have the same bookmark, else one of them.
        xoi: Sends the requests.
        source: Finds the pairs.
        schema: The schema of reports.
        skip_missing: The setting.
    """

    def __init__(
        self,
        streams: Sequence[RecordStream],
        xoi: Xoi,
        source: RefSource,
        *,
        schema: Schema,
        skip_missing: bool,
    ) -> None:
        super().__init__(streams, xoi.client, xoi.stats)
        self._schema = schema
        self._xoi = xoi
        self._source = source
        self._skip_missing = skip_missing
        self._gone = GoneItems(
            "GET reporting-data",
            "Check the settings environment and reporting_url, and whether the API key may read "
            f"reports. {ask_the_account('tap-xoi')}",
            at_least=_FEWEST,
        )

    @classmethod
    def make(
        cls, tap: TapContext, streams: Sequence[RecordStream], *, schema: Schema
    ) -> Iterator[ReportsReader]:
        """Make one reader, or two if one of the streams has to catch up with the other."""
        all_at_once = tap.config["workflow_job_source"] == "config"
        together: defaultdict[str | None, list[RecordStream]] = defaultdict(list)
        for stream in streams:
            incremental = stream.incremental and not all_at_once
            bookmark = tap.bookmarks.bookmark(stream.name) if incremental else None
            together[bookmark].append(stream)
        for members in together.values():
            xoi = Xoi.of(tap, members[0])
            source = source_of(tap, members[0], xoi)
            yield cls(members, xoi, source, schema=schema, skip_missing=tap.config["skip_missing"])

    def slices(self) -> Iterator[Iterator[Page]]:
        """One for each pair."""
        return map(self._pages, self._source.refs())

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Pass all bookmarks on; raise at the end if there were a few pairs and all were gone."""
        return self._gone.in_order(bookmarks)

    def probe(self) -> None:
        """Request the report of one pair, or of a few if the first ones are gone."""
        for found in islice(self._source.samples(), _FEWEST):
            if not self._page(found).skipped:
                return
        self._gone.check()

    def _pages(self, found: ReportRef) -> Iterator[Page]:
        page = self._page(found)
        if found.bookmark is not None:
            page.bookmarks = [Bookmark(stream.name, found.bookmark) for stream in self.streams]
        yield page

    def _page(self, found: ReportRef) -> Page:
        if found.skipped:
            self._gone.gone(f"job {found.job_id}", found.skipped)
            return Page(skipped=1)
        return self._fetch(found) if found.workflow_job_id else Page()

    def _fetch(self, found: ReportRef) -> Page:
        try:
            report, size = self._xoi.report(found.job_id, found.workflow_job_id, self._schema)
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
        records = {
            stream.name: [report] if stream.read_with is None else _rows(report)
            for stream in self.streams
        }
        return Page(records, size=size)


def _completed(report: Record, found: ReportRef) -> Record:
    """Complete a report: add its keys and ``changedAt``; "None" for ``stepData`` becomes null."""
    report["jobId"] = report.get("jobId") or found.job_id
    report["workflowJobId"] = report.get("workflowJobId") or found.workflow_job_id
    report["changedAt"] = found.changed_at or report.get("completedAt") or report.get("createdAt")
    if report.get("stepData") == _NO_STEP_DATA:
        report["stepData"] = None
    return report


def _rows(report: Record) -> list[Record]:
    """Return the step values of a report that is :func:`_completed`."""
    shared = {name: report.get(name) for name in ("jobId", "workflowJobId", "orgId", "changedAt")}
    data = report.get("stepData")
    return [{**shared, **values} for values in step_values(data if isinstance(data, dict) else {})]
