"""What a complete run has to bring at this moment, computed beside the HTTP answers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import TYPE_CHECKING, Any

from sandbox.giosg import examples
from sandbox.giosg.table import as_text, as_typed
from sandbox.giosg.workflows import SOURCE_TARGETS, STEP_TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.giosg.organization import Organization
    from sandbox.giosg.workflows import Workflow


def truth(organization: Organization, stream: str) -> Iterable[dict[str, Any]]:
    """The rows of a stream for all listed workflows and the tap's default settings.

    Sidedata is by windows of a week, from each workflow's first day on.
    """
    if stream in {"step_source_data", "source_data"}:
        return event_rows(organization, stream)
    listed = organization.listed()
    if stream == "workflows":
        return map(organization.listing, listed)
    if stream == "workflow_info":
        return map(organization.info, listed)
    if stream == "workflow_sidedata":
        return chain.from_iterable(_weekly_sidedata(organization, one) for one in listed)
    msg = f"giosg has no stream {stream}"
    raise ValueError(msg)


def event_rows(
    organization: Organization,
    stream: str,
    *,
    targets: Sequence[str] = (),
    typed: bool = False,
    basic: bool = False,
) -> Iterator[dict[str, Any]]:
    """The rows of ``source_data`` or ``step_source_data`` that are visible now.

    Without ``interval_start`` and ``interval_end``, which depend on the windows of a run, and
    with links cut at their query string. Columns have the names of records; a cell that is not
    set is None.

    Args:
        organization: Whose events.
        stream: Which of the two streams.
        targets: The targets; by default the tap's default.
        typed: True: cells as from JSON (numbers, booleans); False: as from csv (all text).
        basic: The columns of the vendor's flag ``basic`` (JSON only).
    """
    is_source = stream == "source_data"
    for workflow in organization.listed():
        for step in (None,) if is_source else workflow.steps:
            for target in targets or (SOURCE_TARGETS if is_source else STEP_TARGETS)[:1]:
                events = organization.events(workflow, step, target)
                table = organization.table(stream, events, basic=basic)
                envelope: dict[str, Any] = {
                    "organization_id": examples.ORGANIZATION_ID,
                    "workflow_id": workflow.id,
                    **({} if is_source else {"step_index": step}),
                    "target": target,
                }
                for record in table.records(as_typed if typed else as_text):
                    yield envelope | record


def _weekly_sidedata(organization: Organization, workflow: Workflow) -> Iterator[dict[str, Any]]:
    empty = organization.variant("empty_window")
    for start, end in _weeks(organization, workflow):
        figures, has_events = organization.sidedata(workflow, start, end)
        if has_events or empty != "not_found":
            interval_start = start.isoformat().replace("+00:00", "Z")
            yield {"workflow_id": workflow.id, "interval_start": interval_start, **figures}


def _weeks(organization: Organization, workflow: Workflow) -> Iterator[tuple[datetime, datetime]]:
    first = organization.info(workflow).get("start_date")
    if first is None:
        return
    start = datetime.fromisoformat(first[:10]).replace(tzinfo=timezone.utc)
    # One present for all weeks: a clock that runs on would put off the last one for ever.
    now = organization.now
    while start < now:
        end = min(start + timedelta(days=7 - start.weekday()), now)
        yield start, end
        start = end
