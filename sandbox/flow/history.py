"""When everything happened to every job: cheap facts by index, the rest is made on demand."""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.flow import examples
from sandbox.flow.formats import DAY, HOUR, MINUTE, SECOND, milliseconds, moment, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.flow.cast import Cast
    from sandbox.world import World

Body = dict[str, Any]

COMPLETED_JOBS = 250
"""Completed jobs that a world of scale 1 has at its epoch, besides the guide's examples."""
OPEN_JOBS = 30
LATE_JOBS = 3
"""Jobs of the day before the epoch that are uploaded in the day after it; edits and late files
of older ones likewise."""
PAST = timedelta(days=90)
FUTURE = timedelta(days=30)
LONGEST = 6 * HOUR
LATEST_FILE = 18 * HOUR
"""Files come so long after their job at most; a tablet that was offline sends all at once."""
STATUSES = ("Paused", "Active", "Aborted")


class Course(NamedTuple):
    """One job's times in ms since 1970, and who did what.

    ``listed <= uploaded <= files``; ``completed <= uploaded``; 0 for never.
    """

    uploaded: int
    """Visible as a completed job from here on."""
    created: int
    completed: int
    """When the work ended on the device; for an open job, when it was last touched."""
    listed: int
    """Visible in the REST list from here on, perhaps while it is still being worked on."""
    files: int
    """When those attachments come that come late."""
    edited: int
    """When someone corrected it on the dashboard."""
    workflow: int
    user: int
    example: Body | None = None
    """The body of one of the guide's samples."""


class History:
    """All jobs of past and future."""

    def __init__(self, world: World, cast: Cast) -> None:
        """Draw them."""
        self._rng = world.random("flow.history")
        self._company = cast.company
        self._world = world
        self._workflows = len(cast.designs)
        self._users = len(cast.workers)
        self._epoch = milliseconds(world.epoch)
        self._start = milliseconds(world.epoch - PAST)
        self.completed = sorted(
            [
                *(_example(body, body) for body in examples.QUERY_JOBS),
                *(_rest_example(job) for job in examples.REST_JOBS if _status(job) == "Completed"),
                *self._past(),
                *self._late(),
                *self._future(),
            ],
            key=lambda course: course.uploaded,
        )
        """In the order of their upload."""
        self.open = sorted(
            [
                *(_rest_example(job) for job in examples.REST_JOBS if _status(job) != "Completed"),
                *self._open(),
            ],
            key=lambda course: course.listed,
        )
        """Jobs that never are completed."""

    def since(self, at: int) -> int:
        """The index of the first completed job that is uploaded at ``at`` or later."""
        return bisect_left(self.completed, at, key=lambda course: course.uploaded)

    def _past(self) -> Iterator[Course]:
        rng, epoch = self._rng, self._epoch
        count = round(COMPLETED_JOBS * self._world.scale)
        edges = self._midnights()[:count]
        few = max(LATE_JOBS, count // 100)
        edited_soon = range(len(edges), len(edges) + few)
        files_soon = range(edited_soon.stop, edited_soon.stop + few)
        for number in range(count):
            if number < len(edges):
                # Exactly on the edge of two windows.
                completed = edges[number]
                created = completed - self._duration()
            else:
                begin = epoch - 10 * HOUR if number in files_soon else self._start
                created = self._moment(begin, epoch - LONGEST - HOUR)
                completed = created + self._duration()
            course = self._course(created, completed, latest=epoch - rng.randrange(1, MINUTE))
            if number in edited_soon:
                edited = epoch + rng.randrange(10 * MINUTE, 22 * HOUR)
                course = course._replace(edited=edited)
            if number in files_soon:
                course = course._replace(files=epoch + rng.randrange(10 * MINUTE, 6 * HOUR))
            yield course

    def _late(self) -> Iterator[Course]:
        rng, epoch = self._rng, self._epoch
        for _ in range(max(LATE_JOBS, round(COMPLETED_JOBS * self._world.scale) // 100)):
            created = epoch - rng.randrange(LONGEST + HOUR, 23 * HOUR)
            uploaded = epoch + rng.randrange(5 * MINUTE, 22 * HOUR)
            course = self._course(created, created + self._duration(), latest=epoch)
            yield course._replace(uploaded=uploaded, listed=uploaded, files=uploaded, edited=0)

    def _future(self) -> Iterator[Course]:
        end = self._epoch + FUTURE // timedelta(milliseconds=1)
        for _ in range(max(1, round(COMPLETED_JOBS * self._world.scale * (FUTURE / PAST)))):
            created = self._moment(self._epoch, end)
            yield self._course(created, created + self._duration(), latest=end + 7 * DAY)

    def _open(self) -> Iterator[Course]:
        end = self._epoch + FUTURE // timedelta(milliseconds=1)
        for _ in range(max(len(STATUSES), round(OPEN_JOBS * self._world.scale * 4 / 3))):
            created = self._moment(self._start, end)
            touched = created + self._rng.randrange(MINUTE, HOUR)
            yield Course(
                uploaded=0,
                created=created,
                completed=touched,
                listed=touched + self._rng.randrange(SECOND, MINUTE),
                files=0,
                edited=0,
                workflow=self._rng.randrange(self._workflows),
                user=self._rng.randrange(self._users),
            )

    def _course(self, created: int, completed: int, *, latest: int) -> Course:
        rng = self._rng
        offline = rng.random() < 1 / 20
        if offline:
            # Back at the depot after days, at a full hour: several jobs in one second.
            depot = completed + rng.randrange(6 * HOUR, 6 * DAY)
            uploaded = min(-(-depot // HOUR) * HOUR, latest)
        else:
            uploaded = min(completed + SECOND + int(rng.expovariate(1 / (3 * MINUTE))), latest)
        late = not offline and rng.random() < 1 / 3
        seen_early = not offline and rng.random() < 1 / 12
        return Course(
            uploaded=uploaded,
            created=created,
            completed=completed,
            listed=min(created + MINUTE, uploaded) if seen_early else uploaded,
            files=uploaded + (rng.randrange(HOUR // 2, LATEST_FILE) if late else 0),
            edited=uploaded + rng.randrange(HOUR, 20 * DAY) if rng.random() < 1 / 16 else 0,
            workflow=rng.randrange(self._workflows),
            user=rng.randrange(self._users),
        )

    def _duration(self) -> int:
        return min(self._company.duration(self._rng, 900) * SECOND, LONGEST)

    def _moment(self, start: int, end: int) -> int:
        return milliseconds(self._company.moment(self._rng, moment(start), moment(end)))

    def _midnights(self) -> list[int]:
        """Midnights in UTC at which months begin, and the first two at which weeks do."""
        days = [
            moment(day * DAY)
            for day in range(-(-self._start // DAY), (self._epoch - 2 * DAY) // DAY)
        ]
        edges = [day for day in days if day.day == 1]
        edges += [day for day in days if day.weekday() == 0][:2]
        return [milliseconds(day) for day in edges]


def _status(job: Body) -> str:
    status: str = job["metadata"]["status"]
    return status


def _rest_example(job: Body) -> Course:
    return _example(job["metadata"], job)


def _example(times: Body, body: Body) -> Course:
    created, updated = parsed(times["created"]), parsed(times["updated"])
    uploaded = updated + SECOND
    return Course(uploaded, created, updated, uploaded, uploaded, 0, 0, 0, body)
