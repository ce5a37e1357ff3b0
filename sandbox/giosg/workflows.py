"""The organization's workflows: definitions, versions of them, steps and series of events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sandbox.giosg import examples
from sandbox.giosg.events import FixedSeries, Series, milliseconds
from sandbox.giosg.texts import ACTIONS, example_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.giosg.shape import Shape
    from sandbox.world import World

STEP_TARGETS = ("default", "triggered_goal")
SOURCE_TARGETS = ("affected_goal", "affected_goal_total")
TYPES = ("interaction", "giosg-default", "user-generated")

_NAMES = ("Lead widget", "Etusivun polku", "Puhelut ja video", "Chat → offer", "Tarjouspyyntö")
_DESCRIPTIONS = ("Spring campaign", "Kaikki kävijät, 1. vaihe", None, "営業チーム", "")


@dataclass(frozen=True)
class Version:
    """A workflow's definition from a moment on."""

    visible: datetime
    name: str
    description: str | None
    is_published: bool


@dataclass(frozen=True)
class Workflow:
    """One workflow with its steps."""

    id: str
    number: int
    type: str
    steps: tuple[int, ...]
    versions: tuple[Version, ...]
    """Oldest first; the workflow exists from the first one on."""
    days: range
    """Ordinals of the days that may have events; empty for a workflow without any."""
    rate: float
    epoch: int
    """The world's epoch in milliseconds."""
    even: bool
    is_example: bool = False

    @property
    def goals(self) -> tuple[str, str]:
        """The outer goals of the workflow; the second is shared by all."""
        return f"{crc32(self.id.encode()):08x}-0000-4000-8000-0000000000a1", examples.GOAL_ID

    def version(self, now: datetime) -> Version | None:
        """The definition at that moment; None before the first."""
        return next((one for one in reversed(self.versions) if one.visible <= now), None)

    def series(
        self, step: int | None, target: str, actions: Sequence[str] = ACTIONS
    ) -> tuple[Series | FixedSeries, ...]:
        """Whose rows together answer for a step and target, or for a target of source data.

        Args:
            step: Index of one of the steps; None for source data.
            target: What kind of rows.
            actions: Names of actions, for user-generated workflows.
        """
        if self.is_example:
            return self._examples(step, target)
        if step is None:
            return self._source(target) if self.type == "interaction" else ()
        if target == "triggered_goal":
            key = f"triggered:{self.number}:{step}"
            return (self._made(key, self._triggers(), self.rate / 3, rests=True),)
        pairs = tuple((self.id, action) for action in self._actions(step, actions))
        rests = step == self.steps[-1] and len(self.steps) > 1
        return (self._made(f"step:{self.number}:{step}", pairs, self.rate, rests=rests),)

    def all_series(self, actions: Sequence[str] = ACTIONS) -> list[Series | FixedSeries]:
        """Everything that belongs to the workflow."""
        found = [*self.series(None, "affected_goal", actions)]
        for step in self.steps:
            for target in STEP_TARGETS:
                found += self.series(step, target, actions)
        return found

    def _source(self, target: str) -> tuple[Series, ...]:
        """Goals of the workflow; all triggers of those goals are these and some more."""
        related = self._made(f"goals:{self.number}", self._triggers(), self.rate / 2)
        if target == "affected_goal":
            return (related,)
        return related, self._made(f"others:{self.number}", self._triggers(), self.rate / 4)

    def _made(
        self, key: str, pairs: tuple[tuple[str, str], ...], rate: float, *, rests: bool = False
    ) -> Series:
        return Series(
            crc32(key.encode()), pairs, self.days, rate, self.epoch, even=self.even, rests=rests
        )

    def _triggers(self) -> tuple[tuple[str, str], ...]:
        return tuple((goal, "trigger") for goal in self.goals)

    def _actions(self, step: int, actions: Sequence[str]) -> tuple[str, ...]:
        if self.type == "giosg-default":  # navigation: page_url
            return tuple(f"https://shop.example.com/vaihe-{step}/{name}" for name in "abc")
        if self.type == "interaction":  # view_uid
            return tuple(f"element-{crc32(f'{self.number}{step}{n}'.encode()):08x}" for n in "abc")
        return tuple(actions[(step + turn) % len(actions)] for turn in range(3))

    def _examples(self, step: int | None, target: str) -> tuple[FixedSeries, ...]:
        if step is None:
            rows = example_events(examples.GOAL_EVENTS, len(examples.STEP_EVENTS))
        elif step == 1:
            rows = example_events(examples.STEP_EVENTS, 0) if target == "default" else ()
        else:
            return ()
        return (FixedSeries(rows),)


def make_workflows(world: World, shape: Shape) -> list[Workflow]:
    """The organization's workflows, the example first unless the shape is even."""
    made = [_make(world, shape, number) for number in range(shape.workflows)]
    return made if shape.even else [_example(), *made]


def _make(world: World, shape: Shape, number: int) -> Workflow:
    today = world.epoch.date().toordinal()
    first, stop = today - shape.history_days, today + shape.future_days
    chance = crc32(f"{world.seed}:workflow:{number}".encode())
    created = world.epoch - timedelta(days=shape.history_days + 1 + chance % 300)
    kind = "giosg-default" if shape.even else TYPES[number % len(TYPES)]
    steps = tuple(range(1, shape.steps + 1))
    is_published = True
    if not shape.even:
        turn = number % 6
        if turn == 2:  # noqa: PLR2004  # starts in the middle of the history, and has a gap
            first = today - shape.history_days // 2
        elif turn == 3:  # noqa: PLR2004  # a draft: no events
            stop, is_published = first, False
        elif turn == 4:  # noqa: PLR2004  # has ended
            stop = today - shape.history_days // 3
        elif turn == 5:  # noqa: PLR2004  # is made after the epoch
            created = world.epoch + timedelta(days=2)
            first = created.date().toordinal() + 1
        if kind == "user-generated":  # step numbers may have gaps: 1, 2, 4
            steps = tuple(step + (step > 2) for step in steps)  # noqa: PLR2004
    name = f"{_NAMES[number % len(_NAMES)]} {number + 1}"
    description = _DESCRIPTIONS[number % len(_DESCRIPTIONS)]
    versions = [Version(created, name, description, is_published)]
    if number % 3 == 1:
        renamed = max(created, world.epoch) + timedelta(hours=12)
        versions.append(Version(renamed, f"{name} (new)", description, is_published))
    return Workflow(
        id=f"{chance:08x}-0000-4000-9000-{number:012x}",
        number=number,
        type=kind,
        steps=steps,
        versions=tuple(versions),
        days=range(first, stop),
        rate=shape.rows_per_day,
        epoch=milliseconds(world.epoch),
        even=shape.even,
    )


def _example() -> Workflow:
    created = datetime.fromisoformat("2022-05-20T08:00:00+00:00")
    name, description = str(examples.INFO["name"]), str(examples.INFO["description"])
    return Workflow(
        id=examples.WORKFLOW_ID,
        number=-1,
        type="interaction",
        steps=(1,),
        versions=(Version(created, name, description, is_published=True),),
        days=range(0),
        rate=0,
        epoch=0,
        even=False,
        is_example=True,
    )


def listing(workflow: Workflow, version: Version) -> dict[str, Any]:
    """An item of the workflow list (2.8)."""
    if workflow.is_example:
        return dict(examples.WORKFLOW)
    return {
        "id": workflow.id,
        "organization_id": examples.ORGANIZATION_ID,
        "created_by_user": examples.USER_ID,
        "updated_by_user": examples.USER_ID,
        "name": version.name,
        "description": version.description,
        "created_at": timestamp(workflow.versions[0].visible),
        "modified_at": timestamp(version.visible),
    }


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as giosg's examples show it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
