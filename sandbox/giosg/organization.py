"""The made-up organization at a moment: what is visible, and what a tap has to bring of it."""

from __future__ import annotations

from functools import cache
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING, Any

from sandbox.giosg import examples
from sandbox.giosg.events import Window, day_of, milliseconds
from sandbox.giosg.sidedata import example_figures, interaction_figures, navigation_figures
from sandbox.giosg.table import HEADINGS, Table
from sandbox.giosg.texts import Texts
from sandbox.giosg.workflows import listing, make_workflows, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from datetime import datetime

    from sandbox.giosg.events import Event, FixedSeries, Series
    from sandbox.giosg.payload import Payload
    from sandbox.giosg.shape import Shape
    from sandbox.giosg.workflows import Workflow
    from sandbox.world import World

ALWAYS = Window(-(2**60), 2**60)


class Organization:
    """Workflows and events of one world, as they are at the clock's present."""

    def __init__(self, world: World, shape: Shape, *, variant: Callable[[str], str]) -> None:
        """Make the workflows, not yet their events; ``variant`` gives the behaviour in force."""
        self.world = world
        self.variant = variant
        self._made = {workflow.id: workflow for workflow in make_workflows(world, shape)}
        self._texts = cache(lambda latin_only: Texts(world, latin_only=latin_only))
        self.campaign_from = world.epoch.date().toordinal() + 1
        """The day on which giosg adds the column ``campaign``."""

    @property
    def now(self) -> datetime:
        """The present."""
        return self.world.clock.now()

    @property
    def texts(self) -> Texts:
        """The texts that the chosen character set can say."""
        return self._texts(self.variant("csv_charset") == "latin-1")

    # Workflows

    def workflow(self, workflow_id: str) -> Workflow | None:
        """A workflow that exists now, listed or not."""
        workflow = self._made.get(workflow_id)
        if workflow is None or workflow.version(self.now) is None:
            return None
        left_out = self.variant("examples") == "left_out"
        return None if workflow.is_example and left_out else workflow

    def listed(self) -> Iterator[Workflow]:
        """The workflows that the list names."""
        partly = self.variant("listed") == "without_default"
        for workflow_id in self._made:
            workflow = self.workflow(workflow_id)
            if workflow and not (partly and workflow.type == "giosg-default"):
                yield workflow

    def listing(self, workflow: Workflow) -> dict[str, Any]:
        """An item of the list."""
        version = workflow.version(self.now) or workflow.versions[0]
        return self.world.drifted("giosg.workflows", listing(workflow, version))

    def info(self, workflow: Workflow) -> dict[str, Any]:
        """The answer of ``info/`` (2.6)."""
        if workflow.is_example:
            info = dict(examples.INFO)
        else:
            version = workflow.version(self.now) or workflow.versions[0]
            first, last = self._range(workflow, last=False), self._range(workflow, last=True)
            info = {
                "id": workflow.id,
                "org_id": examples.ORGANIZATION_ID,
                "type": workflow.type,
                "name": version.name,
                "description": version.description,
                "modified_at": timestamp(version.visible),
                "is_published": version.is_published,
                "start_date": f"{first[:10]}T00:00:00Z" if first else None,
                "end_date": f"{last[:10]}T00:00:00Z" if last else None,
            }
        without = self.variant("info_without_events")
        for name in ("start_date", "end_date"):
            if info[name] and self.variant("info_dates") == "date":
                info[name] = str(info[name])[:10]
            if not info[name] and without == "absent":
                del info[name]
        return self.world.drifted("giosg.workflow_info", info)

    def _range(self, workflow: Workflow, *, last: bool) -> str | None:
        """The time of the workflow's first or last event; None when there is none."""
        now = milliseconds(self.now)
        ends = (
            next(series.events(ALWAYS, now, descending=last), None)
            for series in workflow.all_series()
        )
        times = [event[0] for event in ends if event]
        return (max if last else min)(times) if times else None

    # Events

    def window(self, start: datetime, end: datetime) -> Window:
        """The event times that an interval takes in, by the variant ``edges``."""
        edges = self.variant("edges")
        first = milliseconds(start, up=True)
        last = milliseconds(end)
        if edges == "half_open":
            last = milliseconds(end, up=True) - 1
        elif edges == "end_inclusive":
            first = milliseconds(start) + 1
        return Window(first, last)

    def events(
        self,
        workflow: Workflow,
        step: int | None,
        target: str,
        window: Window = ALWAYS,
        *,
        payload: Payload | None = None,
    ) -> Iterator[Event]:
        """The visible rows of a step and target, or a target of source data."""
        descending = self.variant("order") == "descending"
        parts = [
            series.events(
                window,
                milliseconds(self.now),
                pairs=_accepted(series, workflow, step, payload),
                descending=descending,
            )
            for series in workflow.series(step, target, self.texts.actions)
        ]
        return parts[0] if len(parts) == 1 else merge(*parts, reverse=descending)

    def table(self, stream: str, events: Iterable[Event], *, basic: bool = False) -> Table:
        """Rows in the columns that giosg has now, with the drift of the stream."""
        now = self.now
        return Table(
            events,
            self.texts.signed(now),
            headings=HEADINGS[self.variant("headings")],
            drift=self.world.drift.get(f"giosg.{stream}", {}),
            campaign_from=self.campaign_from
            if day_of(milliseconds(now)) >= self.campaign_from
            else None,
            basic=basic,
        )

    # Sidedata

    def sidedata(
        self, workflow: Workflow, start: datetime, end: datetime
    ) -> tuple[dict[str, Any], bool]:
        """The answer of ``sidedata/`` for an interval, and whether there are events in it."""
        window = self.window(start, end)

        def count(step: int | None, target: str) -> int:
            return sum(1 for _ in self.events(workflow, step, target, window))

        if workflow.is_example:
            has_events = bool(count(1, "default") or count(None, "affected_goal"))
            figures = example_figures(has_events=has_events)
        elif workflow.type == "interaction":
            goals, total = count(None, "affected_goal"), count(None, "affected_goal_total")
            started = count(workflow.steps[0], "default")
            has_events = bool(total or started)
            figures = interaction_figures(goals, total, started)
        else:
            events = list(
                chain.from_iterable(
                    self.events(workflow, step, "default", window) for step in workflow.steps
                )
            )
            has_events = bool(events)
            figures = navigation_figures(events, self.texts.details, end - start)
        return self.world.drifted("giosg.workflow_sidedata", figures), has_events


def _accepted(
    series: Series | FixedSeries, workflow: Workflow, step: int | None, payload: Payload | None
) -> Container[int] | None:
    """Which of the series' (label, action) pairs pass the filters and the step data."""
    if payload is None:
        return None
    rules = [(("label", "action").index(name), values) for name, values in payload.filters]
    # step_data counts for navigation and interaction workflows only (2.1).
    if step is not None and workflow.type != "user-generated" and step < len(payload.step_data):
        actions = payload.step_data[step]
        if actions is not None and payload.target == "default":
            rules.append((1, actions))
    if not rules:
        return None
    return {
        number
        for number, pair in enumerate(series.pairs)
        if all(pair[position] in values for position, values in rules)
    }
