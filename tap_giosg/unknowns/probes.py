"""Which streams work, from the few workflows of a small look."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from tap_giosg.streams.events import SourceData, StepSourceData
from tap_giosg.streams.workflows import WorkflowInfo, Workflows, WorkflowSidedata
from tap_giosg.unknowns.account import STATS, Look, first_page, has_some
from tap_kit.doctor.probes import Probe
from tap_kit.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_giosg.unknowns.account import GiosgTap

_DAY = timedelta(days=1)
_MONTH = timedelta(days=30)
"""Long enough to show rows where there are some; no limit as short as that is known of."""
_TRIED = 3
"""Series that are sampled until one has rows: a stream without any can be read all the same."""


def probes_of(tap: GiosgTap) -> Iterator[Probe]:
    """The probes of the five streams, in the order of the streams."""
    for name, run in (
        (Workflows.name, first_page),
        (WorkflowInfo.name, _info),
        (WorkflowSidedata.name, _sidedata),
        (SourceData.name, _goals),
        (StepSourceData.name, _steps),
    ):
        yield Probe([name], partial(run, tap))


def _info(tap: GiosgTap) -> None:
    look = Look(tap)
    if not look.workflows and (tap.config.get("workflow_ids") or first_page(tap)):
        msg = "no reports of the first workflows. Check the settings api_url and workflow_ids"
        raise StreamError(msg)


def _sidedata(tap: GiosgTap) -> None:
    look = Look(tap, _DAY)
    for workflow, day in look.active_workflows():
        tap.giosg.sidedata(look.organization_id, workflow.id, day, STATS)
        return


def _goals(tap: GiosgTap) -> None:
    requests = tap.plans[SourceData.name].requests
    for series, active in islice(Look(tap, _MONTH).goals(), _TRIED):
        if has_some(requests, series, active):
            return


def _steps(tap: GiosgTap) -> None:
    requests = tap.plans[StepSourceData.name].requests
    for series, active in islice(Look(tap, _MONTH).steps(), _TRIED):
        if has_some(requests, series, active):
            return
