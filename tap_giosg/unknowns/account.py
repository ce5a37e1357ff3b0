"""A small look at an account: a few workflows, and where they have rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from tap_giosg.client import interval, or_none
from tap_giosg.organization import Workflow
from tap_giosg.readers.base import GiosgContext
from tap_giosg.streams.events import SourceData, StepSourceData
from tap_kit.stats import StreamStats
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_giosg.client import Object
    from tap_giosg.event_series import EventSeries
    from tap_giosg.readers.events import EventPlan
    from tap_kit.http.response import Response

WORKFLOWS = 4
"""That are looked at."""
_STEPS = 4
"""That are tried until one has rows."""
STATS = StreamStats("doctor")


class GiosgTap(GiosgContext, Protocol):
    """The tap, as questions and probes see it."""

    @property
    def plans(self) -> Mapping[str, EventPlan]:
        """The plans of the streams of events, by stream."""


@dataclass(frozen=True, slots=True)
class EventResponse:
    """A response to a POST.

    Attributes:
        status: HTTP status; 404 is none that is raised.
        content: Decoded JSON; None where there is none.
    """

    status: int
    content: Any


class Look:
    """The first workflows of an account, requested once.

    Args:
        tap: The tap.
    """

    def __init__(self, tap: GiosgTap) -> None:
        self.tap = tap
        self.organization_id = tap.organization.id(STATS)
        self.workflows = list(self._workflows())

    def _workflows(self) -> Iterator[Workflow]:
        given = self.tap.config.get("workflow_ids")
        ids = given or [item["id"] for item in first_page(self.tap)]
        for workflow_id in islice(ids, WORKFLOWS):
            info = self.tap.giosg.info(self.organization_id, str(workflow_id), STATS)
            if info is not None:
                yield Workflow(str(workflow_id), info)

    def active_workflows(self, *, interaction: bool = False) -> Iterator[tuple[Workflow, Window]]:
        """Workflows that have events, with the interval of these; interactions alone, or all."""
        for workflow in self.workflows:
            active = workflow.active_window(self.tap.read_until)
            if active is not None and (workflow.is_interaction or not interaction):
                yield workflow, active

    def goals(self) -> Iterator[tuple[EventSeries, Window]]:
        """Series of goals, with the interval of their workflow's events."""
        plan = self.tap.plans[SourceData.name]
        for workflow, active in self.active_workflows(interaction=True):
            for series in plan.series_of.workflow(workflow):
                yield series, active

    def steps(self) -> Iterator[tuple[EventSeries, Window]]:
        """Series of steps, a few of each workflow."""
        plan = self.tap.plans[StepSourceData.name]
        for workflow, active in self.active_workflows():
            for series in plan.series_of.workflow(workflow)[:_STEPS]:
                yield series, active

    def post(
        self, series: EventSeries, path: str, window: Window, **payload: object
    ) -> EventResponse:
        """POST for a series, and an interval, as the tap does; one row unless ``limit`` is given.

        Raises:
            VendorError: giosg refuses with another status than 404.
        """
        request = self.tap.giosg.event_request(
            self.organization_id,
            series.workflow_id,
            path,
            {
                "filters": [],
                "target": series.target,
                "limit": 1,
                "interval": interval(window),
                **payload,
            },
        )

        def decode(response: Response) -> EventResponse:
            return EventResponse(
                response.status, None if response.is_no_content else response.json()
            )

        found = or_none(lambda: self.tap.client.fetch(request, decode, STATS))
        return found or EventResponse(404, None)


def first_page(tap: GiosgTap) -> list[Object]:
    """The first page of the list of workflows."""
    return next(tap.giosg.workflow_pages(tap.organization.id(STATS), STATS), [])


def before(active: Window) -> Window:
    """A day on which there was no event yet."""
    assert active.start is not None  # noqa: S101  # it begins with an event
    return Window(active.start - timedelta(days=3), active.start - timedelta(days=2))
