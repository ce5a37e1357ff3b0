"""A small look at an account: the newest events, documentation and jobs, and some reports."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from tap_kit.errors import GoneError, PermissionDeniedError
from tap_kit.stats import StreamStats
from tap_kit.time.clock import format_time
from tap_xoi.client import Xoi
from tap_xoi.identity import workflow_of
from tap_xoi.queries import LIST_DOCUMENTATION, LIST_JOBS, LIST_WEBHOOK_HISTORY, Fields
from tap_xoi.streams.lists import Documentation, Jobs, WebhookHistory
from tap_xoi.streams.reports import WorkflowJobReports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.doctor.questions import Trial
    from tap_kit.streams.context import TapContext
    from tap_kit.streams.reader import Record
    from tap_kit.streams.schema import Schema
    from tap_xoi.queries import Query
    from tap_xoi.streams.base import XoiStream

STATS = StreamStats("doctor")
_REPORTS = 8
"""Reports that are requested."""
_DAY = timedelta(days=1)
_ITEMS = 100
"""Items of a page that is only looked at."""

Pair = tuple[str, str]


class Asked:
    """The first page of a list, and which fields of its items XOi does not know.

    Args:
        tap: The tap.
        query: The list.
        kind: The stream of its items, whose fields are all requested.
        given: The query's ``input``.
    """

    def __init__(
        self, tap: TapContext, query: Query, kind: type[XoiStream], given: Mapping[str, Any]
    ) -> None:
        schema: Schema = kind.schema  # type: ignore[assignment]  # the SDK's declaration is wider
        declared = [name for name in schema["properties"] if name not in kind.own]
        fields = Fields(schema, lambda crumb: crumb[1] in declared, optional=kind.optional)
        page = next(Xoi(tap.client, tap.config, STATS).pages(query, fields, given), None)
        self.items: Sequence[Record] = page.items if page else ()
        known = set(str(fields).replace("{", " ").split())
        self.unknown = [name for name in declared if name not in known]


def newest_events(trial: Trial[TapContext]) -> Asked:
    """The newest events of the webhook history."""
    limit = min(_ITEMS, trial.tap.config["page_size"])
    given = {"limit": limit, "dateQuery": {"ascending": False}}
    return Asked(trial.tap, LIST_WEBHOOK_HISTORY, WebhookHistory, given)


def oldest_event(trial: Trial[TapContext]) -> Asked:
    """The oldest event of the webhook history."""
    given = {"limit": 1, "dateQuery": {"ascending": True}}
    return Asked(trial.tap, LIST_WEBHOOK_HISTORY, WebhookHistory, given)


def newest_documentation(trial: Trial[TapContext]) -> Asked:
    """What was documented in the jobs that were completed last."""
    given = {"dateQuery": {"type": "COMPLETED_AT", "ascending": False}}
    return Asked(trial.tap, LIST_DOCUMENTATION, Documentation, given)


def older_documentation(trial: Trial[TapContext], moment: datetime) -> Sequence[Record]:
    """What was documented in jobs that were completed before, as far back as the settings want."""
    query = {"type": "COMPLETED_AT", "lte": format_time(moment - _DAY), "ascending": True}
    if start := trial.tap.period.start_date:
        query["gte"] = format_time(start)
    return Asked(trial.tap, LIST_DOCUMENTATION, Documentation, {"dateQuery": query}).items


def newest_jobs(trial: Trial[TapContext]) -> Asked:
    """The jobs that were created last."""
    query = {"type": "CREATED_AT", "ascending": False}
    return Asked(
        trial.tap, LIST_JOBS, Jobs, {"limit": trial.tap.config["page_size"], "dateQuery": query}
    )


def pairs(trial: Trial[TapContext]) -> Sequence[Pair]:
    """Pairs of a job and one of its workflows, from documentation or else from events."""
    found: dict[Pair, None] = {}
    for look in (newest_documentation, newest_events):
        for item in trial.once(look).items:
            if item.get("jobId") and (workflow := workflow_of(item)):
                found[item["jobId"], workflow] = None
        if found:
            break
    return list(islice(found, _REPORTS))


def report(tap: TapContext, pair: Pair) -> Record | int:
    """The report of a pair; the status where XOi has none, or does not show it."""
    try:
        found, _ = Xoi(tap.client, tap.config, STATS).report(*pair, WorkflowJobReports.schema)
    except (GoneError, PermissionDeniedError) as error:
        return error.status
    return found


def reports(trial: Trial[TapContext]) -> Sequence[Record]:
    """Some reports."""
    found = [report(trial.tap, pair) for pair in trial.once(pairs)]
    return [one for one in found if isinstance(one, dict)]


def steps(trial: Trial[TapContext]) -> Iterator[object]:
    """The steps of some reports, those that were left empty included."""
    for one in trial.once(reports):
        data = one.get("stepData")
        if isinstance(data, dict):
            yield from data.values()
