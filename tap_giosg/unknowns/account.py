"""A small look at an account: a few workflows, and where they have rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from tap_giosg.client import ABOUT_LENGTH, interval, or_none
from tap_giosg.organization import Workflow, last_days
from tap_giosg.readers.base import GiosgContext
from tap_giosg.streams.events import SourceData, StepSourceData
from tap_giosg.window_split import has_rows, split
from tap_kit.errors import StreamError, VendorError
from tap_kit.stats import StreamStats
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tap_giosg.client import Object
    from tap_giosg.event_requests import EventRequests
    from tap_giosg.event_series import EventSeries
    from tap_giosg.readers.events import EventPlan
    from tap_kit.http.response import Response

WORKFLOWS = 4
"""That are looked at."""
_STEPS = 4
"""That are tried until one has rows."""
LENGTHS = tuple(timedelta(days=days) for days in (400, 180, 90, 30, 7, 1))
"""Of intervals: longer than any window, then shorter and shorter."""
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


@dataclass(frozen=True, slots=True)
class Longest:
    """How long an interval may be.

    Attributes:
        taken: The longest that was taken; None where that is not known.
        refused: The status with which the longest that was tried was refused; None if it was not.
        error: What kept it from being found out.
    """

    taken: timedelta | None = None
    refused: int | None = None
    error: StreamError | None = None


class Look:
    """The first workflows of an account, requested once.

    Args:
        tap: The tap.
        within: The length of the intervals to look at; None: as long as giosg takes.
    """

    def __init__(self, tap: GiosgTap, within: timedelta | None = None) -> None:
        self._within = within
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
        """Workflows that have events, with the newest interval of these; interactions, or all."""
        within = self._within or self.longest.taken
        for workflow, active in self._active():
            if workflow.is_interaction or not interaction:
                yield workflow, last_days(active, within) if within else active

    def _active(self) -> Iterator[tuple[Workflow, Window]]:
        for workflow in self.workflows:
            if (active := workflow.active_window(self.tap.read_until)) is not None:
                yield workflow, active

    @property
    def before(self) -> Window:
        """A day on which no workflow had an event yet."""
        first = min(active.start for _, active in self._active() if active.start is not None)
        return Window(first - timedelta(days=3), first - timedelta(days=2))

    @cached_property
    def longest(self) -> Longest:
        """How long an interval may be, by trying; nothing longer is requested after that."""
        found = next(self._any_series(), None)
        if found is None:
            return Longest()
        series, end = found
        refused = None
        try:
            for length in LENGTHS:
                status = self._refusal(series, Window(end - length, end))
                if status is None:
                    return Longest(length, refused)
                refused = refused or status
        except StreamError as error:
            return Longest(error=error)
        return Longest(refused=refused)

    def _refusal(self, series: EventSeries, window: Window) -> int | None:
        """The status with which an interval is refused for its length; None if it is taken."""
        try:
            self.post(series, path_of(series), window)
        except VendorError as error:
            if not ABOUT_LENGTH.search(error.detail):
                raise
            return error.status
        return None

    def _any_series(self) -> Iterator[tuple[EventSeries, datetime]]:
        """Series, each with the end of its workflow's events."""
        for name in (StepSourceData.name, SourceData.name):
            for workflow, active in self._active():
                for series in self.tap.plans[name].series_of.workflow(workflow):
                    yield series, active.end

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


def has_some(requests: EventRequests, series: EventSeries, window: Window) -> bool:
    """Whether a window has rows; where it is too long for giosg, the newest part that is not.

    Unlike a run, it does not try shorter windows where giosg fails: that takes many requests.
    """
    try:
        download = requests.download(series, window, STATS, limit=1)
    except VendorError as error:
        _, newer = split(window, error)
        return has_some(requests, series, newer)
    if download is None:
        return False
    with download:
        return has_rows(list(requests.blocks(download)))


def path_of(series: EventSeries) -> str:
    """Where a workflow's rows of a series are, in JSON."""
    return "source_data" if series.step_index is None else f"step/{series.step_index}"


def first_page(tap: GiosgTap) -> list[Object]:
    """The first page of the list of workflows."""
    return next(tap.giosg.workflow_pages(tap.organization.id(STATS), STATS), [])
