"""When things happen at XOi: jobs, their workflows, and the events that XOi fires about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sandbox.xoi.templates import TEMPLATES, Step, Template

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.company import Company
    from sandbox.world import World

NEVER = datetime.max.replace(tzinfo=timezone.utc)

HISTORY = timedelta(days=90)
FUTURE = timedelta(days=30)
NONE = timedelta(0)

UNFINISHED = 0.2
"""Share of the second and third workflows that nobody finishes."""
ID_DIGITS = 44


@dataclass(frozen=True, eq=False, slots=True)
class Workflow:
    """One workflow that a technician added to a job; what hasn't happened is at ``NEVER``."""

    id: str
    template: Template
    added: datetime
    finished: datetime = NEVER
    """By the technician's device."""
    uploaded: datetime = NEVER
    """When XOi had the finished workflow."""
    recognised: datetime = NEVER
    """When the machine had read the data plates."""
    edited: datetime = NEVER
    removed: datetime = NEVER
    steps: tuple[Step, ...] | None = None
    """What a documented example shows; drawn from the template otherwise."""


@dataclass(frozen=True, eq=False, slots=True)
class Job:
    """One job, with its times; there for a client from ``uploaded`` until ``deleted``."""

    number: int
    id: str
    created: datetime
    uploaded: datetime
    completed: datetime = NEVER
    """By the technician's device."""
    closed: datetime = NEVER
    """When XOi knew that the job was complete."""
    deleted: datetime = NEVER
    workflows: tuple[Workflow, ...] = ()
    org_id: str = "frontline-hvac"
    fields: Mapping[str, Any] | None = None
    """What a documented example shows; drawn otherwise."""
    assignees: tuple[Mapping[str, Any], ...] | None = None

    def exists(self, now: datetime) -> bool:
        """Whether a client sees the job."""
        return self.uploaded <= now < self.deleted

    def workflows_at(self, now: datetime) -> list[Workflow]:
        """The workflows that a client sees."""
        return [
            workflow
            for workflow in self.workflows
            if max(workflow.added, self.uploaded) <= now < workflow.removed
        ]


@dataclass(frozen=True, eq=False, slots=True)
class Event:
    """One record of the webhook history."""

    fired: datetime
    visible: datetime
    name: str
    """In the imperative; the other of the vendor's two forms has a ``d`` more."""
    job: Job
    workflow: Workflow | None = None
    """None for an event of the whole job."""
    traits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """How a job goes: spans from one thing to the next, None for what doesn't happen."""

    work: timedelta | None = timedelta(hours=1)
    upload: timedelta = NONE
    recognition: timedelta | None = timedelta(minutes=5)
    edit: timedelta | None = None
    removal: timedelta | None = None
    deletion: timedelta | None = None
    firing: timedelta = NONE
    """How late the job's events appear in the history."""
    repeated: bool = False
    """Every event stands in the history twice."""
    templates: tuple[Template, ...] = TEMPLATES[:1]


class Timeline:
    """All jobs and events of one world, past and future, in the orders that XOi lists them."""

    def __init__(
        self,
        world: World,
        company: Company,
        jobs: Sequence[Job] = (),
        events: Sequence[Event] = (),
    ) -> None:
        """Draw the jobs of the world, beside those given as examples with their events."""
        self._rng = world.random("xoi.timeline")
        self._company = company
        past = max(12, round(300 * world.scale))
        spacing = HISTORY / past
        scripted = _first_day(past)
        drawn = [*jobs]
        self.events = [*events]
        for number in range(past + round(past * (FUTURE / HISTORY))):
            created = world.epoch - HISTORY + spacing * (number + self._rng.random())
            if number in scripted:
                before_epoch, course = scripted[number]
                created = world.epoch - before_epoch
            else:
                course = self._course()
            job = self._job(len(drawn), _blunt(created, number), course)
            drawn.append(job)
            for event in _events(job, course, self._rng):
                self.events.extend([event] * (2 if course.repeated else 1))
        self.by_creation = sorted(drawn, key=attrgetter("created"))
        self.by_completion = sorted(
            (job for job in drawn if job.completed < NEVER), key=attrgetter("completed")
        )
        self.by_id = {job.id: job for job in drawn}
        self.events.sort(key=attrgetter("fired"))

    def _course(self) -> Course:
        rng = self._rng

        def perhaps(chance: float, median_hours: float) -> timedelta | None:
            if rng.random() > chance:
                return None
            return timedelta(seconds=self._company.duration(rng, median_hours * 3600))

        return Course(
            work=perhaps(0.88, 2),
            upload=timedelta(hours=rng.uniform(2, 20)) if rng.random() < 1 / 12 else NONE,
            recognition=perhaps(0.95, 0.3),
            edit=perhaps(0.15, 60),
            removal=perhaps(0.1, 30),
            deletion=perhaps(0.03, 200),
            firing=timedelta(hours=rng.uniform(1, 20)) if rng.random() < 1 / 25 else NONE,
            repeated=rng.random() < 1 / 25,
            templates=tuple(rng.choices(TEMPLATES, k=rng.choice((1, 1, 1, 1, 2, 3)))),
        )

    def _job(self, number: int, created: datetime, course: Course) -> Job:
        rng = self._rng
        ids = rng.getrandbits(4 * ID_DIGITS * (1 + len(course.templates)))
        completed = closed = created
        workflows = []
        for position, template in enumerate(course.templates):
            ids, workflow_id = _id("wjob-{}-iR25-{}", ids)
            # A workflow may stay unfinished in a job that is complete.
            if course.work is None or (position > 0 and rng.random() < UNFINISHED):
                workflows.append(Workflow(workflow_id, template, added=created))
                continue
            added, completed = completed, _blunt(completed + course.work, number + 1)
            closed = completed + course.upload
            workflows.append(
                Workflow(
                    workflow_id,
                    template,
                    added=added,
                    finished=completed,
                    uploaded=closed,
                    recognised=_after(closed, course.recognition),
                    edited=_after(closed, course.edit if position == 0 else None),
                    removed=_after(closed, course.removal if position == 1 else None),
                )
            )
        uploaded = created + course.upload
        return Job(
            number=number,
            # The older of the two generations of ids that the vendor's pages show.
            id=_id("job-{}-{}" if number % 10 == 0 else "cjob-{}-C112-{}", ids)[1],
            created=created,
            uploaded=uploaded,
            completed=completed if course.work else NEVER,
            closed=closed if course.work else NEVER,
            deleted=_after(max(closed, uploaded), course.deletion),
            workflows=tuple(workflows),
        )


def _first_day(past: int) -> dict[int, tuple[timedelta, Course]]:
    """What is sure to come in the first day after the epoch, in the smallest world too.

    By the job's number: how long before the epoch it was created, and its course.
    """
    hour = timedelta(hours=1)
    return {
        past - 1: (5 * hour, Course(upload=8 * hour)),
        past - 2: (6 * hour, Course(firing=8 * hour)),
        past - 3: (8 * hour, Course(recognition=9 * hour)),
        past - 4: (50 * hour, Course(edit=53 * hour)),
        past - 5: (70 * hour, Course(deletion=75 * hour)),
    }


def _events(job: Job, course: Course, rng: random.Random) -> Iterator[Event]:
    """The events of one job: when they fire (change notifications guide), and when they show."""

    def event(
        moment: datetime, name: str, workflow: Workflow | None = None, *traits: str
    ) -> Iterator[Event]:
        if moment < NEVER:
            fired = moment + timedelta(milliseconds=rng.randrange(0, 9000, 500))
            if fired < job.deleted or name == "job_delete":
                yield Event(fired, fired + course.firing, name, job, workflow, traits)

    for workflow in job.workflows:
        yield from event(workflow.uploaded, "job_update", workflow)
        if workflow.template.has_plates:
            yield from event(workflow.recognised, "job_update", workflow, "dataplate", "processed")
        whole_job = None if job.number % 2 else workflow
        yield from event(workflow.edited, "job_update", whole_job, "user_edited")
        # Removing a workflow sends no delete of its own.
        yield from event(workflow.removed, "job_update")
    yield from event(job.closed, "job_update")
    yield from event(job.deleted, "job_delete")


def _after(moment: datetime, span: timedelta | None) -> datetime:
    return NEVER if span is None else moment + span


def _blunt(moment: datetime, number: int) -> datetime:
    """The moment in whole seconds, milliseconds or microseconds: XOi's times come in all forms."""
    unit = (1_000_000, 1_000, 1)[number % 3]
    return moment.replace(microsecond=moment.microsecond // unit * unit)


def _id(form: str, bits: int) -> tuple[int, str]:
    """Make an id of the form out of the lowest bits; the others are left for the next one."""
    digits = f"{bits % 16**ID_DIGITS:0{ID_DIGITS}x}"
    head = "-".join((digits[:8], digits[8:12], digits[12:20], digits[20:32]))
    return bits >> 4 * ID_DIGITS, form.format(head, digits[32:])
