"""Scheduled jobs: what is to be done, and which job it became (guide 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.flow import examples
from sandbox.flow.formats import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    UNSET,
    milliseconds,
    object_id,
    server_stamp,
    stamp,
    uuid,
)
from sandbox.flow.register import Register, Version

if TYPE_CHECKING:
    from sandbox.flow.cast import Cast
    from sandbox.flow.jobs import Jobs
    from sandbox.flow.workflows import WorkflowDesign
    from sandbox.world import World

    Body = dict[str, Any]

SCHEDULED_JOBS = 48
NOT_STARTED, ACTIVE, PAUSED, COMPLETED, ABANDONED = range(5)
"""States of a task (10.2)."""


class Planner:
    """Plans every so-manieth job of the last two months and of the future."""

    def __init__(self, world: World, cast: Cast, jobs: Jobs) -> None:
        """Take the jobs; ``jobs.plans`` will tell which of them were planned."""
        self._world = world
        self._rng = world.random("flow.planning")
        self._cast = cast
        self._jobs = jobs

    def register(self) -> Register:
        """All scheduled jobs: those that become jobs, and some that wait."""
        count = max(8, round(SCHEDULED_JOBS * self._world.scale**0.5))
        epoch = milliseconds(self._world.epoch)
        begin = self._jobs.history.since(epoch - 60 * DAY)
        stride = max(1, (self._jobs.completed - begin) // count)
        versions = [Version(0, job["jobId"], job) for job in examples.SCHEDULED_JOBS]
        for number, job in enumerate(range(begin, self._jobs.completed, stride)):
            if not self._jobs.course(job).example:
                versions += self._executed(number, job)
        for number in range(count // 4):
            created = epoch - self._rng.randrange(MINUTE, 20 * DAY)
            versions.append(self._waiting(number, created, self._rng.choice(self._cast.designs)))
        return Register(self._world, "scheduled_jobs", versions)

    def _executed(self, number: int, job: int) -> list[Version]:
        """A scheduled job before and after its job was done."""
        course = self._jobs.course(job)
        created = course.created - self._rng.randrange(HOUR, 5 * DAY)
        waiting = self._waiting(number, created, self._jobs.design(job))
        first, *rest = waiting.body["tasks"]
        self._jobs.plans[job] = (waiting.key, first["taskId"])
        done = first | {
            "jobId": self._jobs.job_id(job),
            "clientJobId": self._jobs.client_job_id(job),
            "updated": stamp(course.completed),
            "modified": stamp(course.uploaded),
            "state": COMPLETED,
        }
        later = {
            "updated": stamp(course.uploaded),
            "state": "Scheduled" if rest else "Completed",
            "tasks": [done, *rest],
        }
        return [waiting, Version(course.uploaded, waiting.key, waiting.body | later)]

    def _waiting(self, number: int, created: int, design: WorkflowDesign) -> Version:
        """One that nobody has begun, with one task or two."""
        rng = self._rng
        tasks = [
            {
                "taskType": "Workflow",
                "taskId": uuid(rng.getrandbits(128)),
                "artifactId": design.workflow_id if place == 0 or number % 2 else None,
                "jobId": None,
                "clientJobId": None,
                "updated": None,
                "modified": UNSET if number % 3 else None,
                "state": NOT_STARTED if place == 0 else rng.choice((ACTIVE, PAUSED, ABANDONED)),
            }
            for place in range(1 + (number % 5 == 0))
        ]
        users = rng.sample(self._cast.workers, 2)[: number % 3]
        body: Body = {
            "jobId": object_id(created, rng.getrandbits(64)),
            # 10.8 has six fractional digits.
            "created": stamp(created)
            if number % 2
            else f"{server_stamp(created)[:-1]}.{rng.randrange(10**6):06}Z",
            "updated": stamp(created),
            "state": "Scheduled",
            "name": f"{design.title} #{number}",
            "description": self._cast.company.sentence(rng),
            "priority": number % 4 == 0,
            "dueByDate": server_stamp(created + 7 * DAY) if number % 3 else None,
            "assignedUserIds": [user["userId"] for user in users],
            "tasks": tasks,
        }
        return Version(created + SECOND, body["jobId"], body)
