"""Reports that take longer than an answer may: a job to poll instead, gone after ten minutes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.crewmojo.activity import Period
    from sandbox.crewmojo.habits import Habits
    from sandbox.crewmojo.reports import Report
    from sandbox.world import World

LIFETIME = timedelta(minutes=10)
"""From the original request on."""


@dataclass
class Job:
    """One slow report that was asked for."""

    id: str
    report: Report
    period: Period
    as_json: bool
    started: datetime
    token: str
    attempt: int
    """The how-manieth job of its report, from 1."""
    polls: int = 0
    """Polls that found it running."""


class Jobs:
    """The jobs of one tenant."""

    def __init__(self, world: World, habits: Habits) -> None:
        """Have no jobs."""
        self._clock = world.clock
        self._habits = habits
        self._rng = world.random("crewmojo.jobs")
        self._jobs: dict[str, Job] = {}
        self._attempts: Counter[str] = Counter()

    def start(self, report: Report, period: Period, token: str, *, as_json: bool) -> Job:
        """Begin to generate a report."""
        self._attempts[report.identifier] += 1
        job = Job(
            id=str(UUID(int=self._rng.getrandbits(128), version=4)),
            report=report,
            period=period,
            as_json=as_json,
            started=self._clock.now(),
            token=token,
            attempt=self._attempts[report.identifier],
        )
        self._jobs[job.id] = job
        return job

    def find(self, identifier: str, job_id: str, token: str) -> Job | None:
        """A job of a report, None when it has expired or never was."""
        job = self._jobs.get(job_id)
        if job is None or job.report.identifier != identifier:
            return None
        if self._clock.now() >= job.started + LIFETIME:
            return None
        return job if self._habits.jobs_outlive_tokens or job.token == token else None

    def is_ready(self, job: Job) -> bool:
        """Whether a poll finds the report finished."""
        job.polls += 1
        return {
            "2_polls": job.polls > 2,  # noqa: PLR2004  # as the choice says
            "0_polls": True,
            "45_seconds": self._clock.now() >= job.started + timedelta(seconds=45),
            "second_job": job.attempt > 1,
            "never": False,
        }[self._habits.slow]
