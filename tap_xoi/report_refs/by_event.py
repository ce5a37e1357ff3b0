"""Pairs from the webhook history: those that have changed, by its events."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from tap_kit.doctor.hint import ask_the_account
from tap_kit.errors import StreamError
from tap_kit.time.clock import format_time
from tap_kit.time.windows import Window
from tap_xoi.identity import workflow_of
from tap_xoi.queries import LIST_DOCUMENTATION, LIST_WEBHOOK_HISTORY, Fields
from tap_xoi.readers.windows import Intervals, date_query, moment
from tap_xoi.report_refs.refs import ReportRef, Summaries, found_ahead, workflow_fields
from tap_xoi.streams.lists import WebhookHistory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_kit.streams.reader import Record
    from tap_xoi.client import Xoi
    from tap_xoi.job_part import JobPart

_log = logging.getLogger(__name__)

_NEEDED = ("event", "firedAt", "jobId")
_WANTED = frozenset({*_NEEDED, "workflowId", "workflowJobId"})
_LATEST = timedelta(days=1)
"""An event may come so long after the completion that it reports."""
_OTHER_SOURCE = (
    f"set workflow_job_source to documentation or job_summary. {ask_the_account('tap-xoi')}"
)
_DELETION = "job_delete"
"""The change notifications guide has ``job_delete`` in its list, ``job_deleted`` in its text."""


class EventRefs:
    """All pairs that have events in the run's windows, each with its newest event.

    All events are read first, because a later one may delete a job; only pairs are kept, those of
    a part of the jobs where one is set.

    An organization may have no history, or one that begins late (docs:
    taps/xoi/facts#open-questions), which looks like an organization without reports. So a first run
    checks whether jobs were completed before the first event.
    """

    def __init__(  # noqa: PLR0913  # where pairs come from, and which of them
        self,
        xoi: Xoi,
        intervals: Intervals,
        *,
        page_size: int,
        workers: int,
        skip_missing: bool,
        resumed: bool,
        part: JobPart | None = None,
    ) -> None:
        self._resumed = resumed
        self._part = part
        self._xoi = xoi
        self._intervals = intervals
        self._page_size = page_size
        self._workers = workers
        self._summaries = Summaries(xoi, skip_missing=skip_missing)
        self._fields = Fields(
            WebhookHistory.schema,
            lambda crumb: crumb[1] in _WANTED,
            needed=_NEEDED,
            optional=WebhookHistory.optional,
        )

    def refs(self) -> Iterator[ReportRef]:
        """Yield pairs in the order of their newest events.

        The bookmark is the time of an event. Of all events up to then, the reports have been
        written, or a newer event will lead to them again.

        Raises:
            StreamError: There are no events, though jobs were completed.
        """
        changes = _Changes()
        first: datetime | None = None
        for event in found_ahead(map(self._events, self._intervals.windows), self._workers):
            first = first or moment(event, "firedAt")
            if self._part is None or self._part.has(event["jobId"]):
                changes.add(event)
        if self._intervals.windows:
            self._check_beginning(first)
        for found in found_ahead(map(self._workflows, changes.whole_jobs()), self._workers):
            if found.skipped:
                yield found
            else:
                changes.expand(found)
        yield from changes.in_order()
        if self._intervals.windows:
            yield ReportRef(bookmark=format_time(self._intervals.windows[-1].end))

    def samples(self) -> Iterator[ReportRef]:
        """Yield the pairs of the newest events."""
        given = {"limit": self._page_size, "dateQuery": {"ascending": False}}
        page = next(self._xoi.pages(LIST_WEBHOOK_HISTORY, self._fields, given))
        pairs = dict.fromkeys(ReportRef(event["jobId"], workflow_of(event)) for event in page.items)
        return (pair for pair in pairs if pair.workflow_job_id)

    def _check_beginning(self, first: datetime | None) -> None:
        """See whether the history reaches as far back as what the run is to bring."""
        if self._resumed:
            if first is None:
                _log.warning(
                    "the webhook history has no events in the run's time; if XOi keeps none any "
                    "more, %s",
                    _OTHER_SOURCE,
                )
            return
        start, end = self._intervals.windows[0].start, self._intervals.windows[-1].end
        before = Window(start, (first or end) - _LATEST)
        if (start is not None and start >= before.end) or not self._documented(before):
            return
        if first is None:
            msg = (
                "the webhook history has no events in the run's time, though jobs with "
                f"documentation were completed in it; {_OTHER_SOURCE}"
            )
            raise StreamError(msg)
        _log.warning(
            "the webhook history begins at %s; jobs with documentation were completed before: for "
            "their reports, too, %s",
            format_time(first),
            _OTHER_SOURCE,
        )

    def _documented(self, window: Window) -> bool:
        """Whether jobs that were completed in a window have documentation."""
        given = {"dateQuery": date_query(window, type="COMPLETED_AT")}
        pages = self._xoi.pages(LIST_DOCUMENTATION, workflow_fields("jobId"), given)
        return any(page.items for page in pages)

    def _events(self, window: Window) -> Iterator[list[Record]]:
        given = {"limit": self._page_size, "dateQuery": date_query(window)}
        for page in self._xoi.pages(LIST_WEBHOOK_HISTORY, self._fields, given):
            yield self._intervals.inside(window, page.items, "firedAt")

    def _workflows(self, job_id: str) -> Iterator[list[ReportRef]]:
        yield self._summaries.refs(job_id)


class _Changes:
    """The changes that events report: the newest time of each pair, and of each whole job."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], tuple[datetime, str]] = {}
        self._jobs: dict[str, tuple[datetime, str]] = {}
        self._deleted: set[str] = set()

    def add(self, event: Record) -> None:
        """Add an event."""
        job_id = event["jobId"]
        if str(event["event"]).startswith(_DELETION):
            self._deleted.add(job_id)
            return
        at = moment(event, "firedAt"), event["firedAt"]
        if workflow := workflow_of(event):
            pair = (job_id, workflow)
            self._pairs[pair] = max(at, self._pairs.get(pair, at))
        else:
            self._jobs[job_id] = max(at, self._jobs.get(job_id, at))

    def whole_jobs(self) -> Iterator[str]:
        """Yield jobs with an event on the whole job, which concerns all its workflows."""
        return (job_id for job_id in self._jobs if job_id not in self._deleted)

    def expand(self, found: ReportRef) -> None:
        """Add a workflow of such a job."""
        pair = (found.job_id, found.workflow_job_id)
        at = self._jobs[found.job_id]
        self._pairs[pair] = max(at, self._pairs.get(pair, at))

    def in_order(self) -> Iterator[ReportRef]:
        """Yield pairs by time; the bookmark moves after the last pair of each time."""
        ordered = sorted(
            (at, pair) for pair, at in self._pairs.items() if pair[0] not in self._deleted
        )
        for ((fired, text), (job, workflow)), after in zip_longest(ordered, ordered[1:]):
            is_last = after is None or after[0][0] != fired
            yield ReportRef(job, workflow, text, bookmark=text if is_last else None)
