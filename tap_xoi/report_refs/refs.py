"""References to reports: pairs of a job and one of its workflows.

XOi has no list of pairs, or of those that changed (docs: taps/xoi/facts#workflow-jobs). A
:class:`RefSource` is where the tap finds them, by the setting ``workflow_job_source``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from tap_kit.errors import GoneError, PermissionDeniedError
from tap_kit.threads.prefetch import prefetched
from tap_xoi.identity import workflow_of
from tap_xoi.queries import GET_JOB_SUMMARY, Fields
from tap_xoi.streams.lists import Documentation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_xoi.client import Xoi

_log = logging.getLogger(__name__)

T = TypeVar("T")

_FOUND_BYTES = 1_000
"""About what a reference or an event takes in memory."""


class ReportRef(NamedTuple):
    """A reference to a report, or a job that was skipped, or only a bookmark.

    Attributes:
        job_id: With ``workflow_job_id`` the pair; "" if there is none.
        workflow_job_id: The workflow of the job.
        changed_at: The report's ``changedAt``; None: one of the report's own dates.
        bookmark: The bookmark, once the report and all before it are written.
        skipped: Why the job was skipped; "" if it was not.
    """

    job_id: str = ""
    workflow_job_id: str = ""
    changed_at: str | None = None
    bookmark: str | None = None
    skipped: str = ""


class RefSource(Protocol):
    """Finds references to reports."""

    def refs(self) -> Iterator[ReportRef]:
        """Yield all pairs of this run, each once, in an order in which bookmarks can move."""

    def samples(self) -> Iterator[ReportRef]:
        """Yield some pairs, which take only a few requests."""


class ConfiguredRefs:
    """Pairs from the settings, all in every run, without a bookmark."""

    def __init__(self, pairs: Sequence[Mapping[str, str]]) -> None:
        self._pairs = [ReportRef(pair["job_id"], pair["workflow_job_id"]) for pair in pairs]

    def refs(self) -> Iterator[ReportRef]:
        """The pairs in the order of the settings."""
        return iter(self._pairs)

    def samples(self) -> Iterator[ReportRef]:
        """The pairs in the order of the settings."""
        return self.refs()


class Summaries:
    """The workflows of a job, from its summary (Jobs API, ``getJobSummary``)."""

    def __init__(self, xoi: Xoi, *, skip_missing: bool) -> None:
        self._xoi = xoi
        self._skip_missing = skip_missing
        self._fields = workflow_fields()

    def refs(self, job_id: str, changed_at: str | None = None) -> list[ReportRef]:
        """Yield all workflows of a job, even without documentation; or that the job is gone."""
        given = {"jobId": job_id, "includeAllSteps": True}
        try:
            pages = list(self._xoi.pages(GET_JOB_SUMMARY, self._fields, given))
        except (GoneError, PermissionDeniedError) as error:
            if not self._skip_missing:
                raise
            _log.warning("job %s is skipped: %s", job_id, error)
            return [ReportRef(job_id, skipped=str(error))]
        workflows = dict.fromkeys(workflow_of(item) for page in pages for item in page.items)
        return [ReportRef(job_id, workflow, changed_at) for workflow in workflows if workflow]


def workflow_fields(*more: str) -> Fields:
    """Return the fields of documentation that name workflows, and some more.

    The step and the content distinguish items: otherwise the pages of one workflow would be equal,
    and the list would seem not to move.
    """
    wanted = frozenset({"workflowId", "workflowJobId", "stepIndex", "contentId", *more})
    return Fields(
        Documentation.schema, lambda crumb: crumb[1] in wanted, optional=Documentation.optional
    )


def found_ahead(look_ups: Iterator[Iterator[Sequence[T]]], workers: int) -> Iterator[T]:
    """What look-ups find, in their order.

    They run ahead in bounded memory, on threads of their own: the caller's may wait for them.

    Args:
        look_ups: Generators that don't depend on each other; each item is what one response holds.
        workers: Threads.
    """
    for found in prefetched(look_ups, workers=workers, size=lambda one: _FOUND_BYTES * len(one)):
        yield from found
