"""The customer of XOi whose data the sandbox serves, as it stands at the clock's present."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.company import Company
from sandbox.xoi import examples
from sandbox.xoi.jobs import (
    content,
    documentation_item,
    job_location,
    job_record,
    support_statuses,
    users,
)
from sandbox.xoi.reporting import report, step_data
from sandbox.xoi.steps import draw_steps
from sandbox.xoi.timeline import Timeline

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from sandbox.world import World
    from sandbox.xoi.habits import Habits
    from sandbox.xoi.templates import Step
    from sandbox.xoi.timeline import Job, Workflow

Record = dict[str, Any]


class Tenant:
    """Jobs, their documentation and reports, and users; what isn't there is None."""

    def __init__(self, world: World) -> None:
        """Draw the tenant of a world."""
        self.world = world
        self.company = Company(world)
        self.users = [*users(self.company), *examples.USERS]
        self.timeline = Timeline(world, self.company, examples.JOBS, examples.EVENTS)
        self._plate_order: random.Random = world.random("xoi.plate_order")

    @property
    def now(self) -> datetime:
        """The present."""
        return self.world.clock.now()

    def job(self, job_id: str) -> Job | None:
        """A job that a client sees."""
        job = self.timeline.by_id.get(job_id)
        return job if job and job.exists(self.now) else None

    def workflow(self, job: Job, workflow_id: str) -> Workflow | None:
        """A workflow of a job that a client sees."""
        found = (one for one in job.workflows_at(self.now) if one.id == workflow_id)
        return next(found, None)

    def record(self, job: Job) -> Record:
        """A job with all its fields."""
        return job_record(self.world, self.company, self.users, job, self.now)

    def steps(self, job: Job, workflow: Workflow) -> list[Step]:
        """All steps of a workflow."""
        return draw_steps(self.world, self.company, job, workflow, self.now)

    def report(
        self, job: Job, workflow: Workflow, habits: Habits, *, shuffled: bool = True
    ) -> Record:
        """The report of a workflow; its data plates stand under other keys each time."""
        steps, dice = self.steps(job, workflow), self._plate_order if shuffled else None
        location = job_location(self.company, job)
        record = report(job, workflow, step_data(steps, habits, dice), location, self.now)
        return self.world.drifted("xoi.workflow_job_reports", record)

    def documentation(
        self, job: Job, workflow_id: str | None = None, *, all_steps: bool = False
    ) -> list[Record]:
        """The documentation of a job, or of one of its workflows; the empty steps on demand."""
        return [
            documentation_item(job, workflow, step, number)
            for workflow in job.workflows_at(self.now)
            if workflow_id in {None, workflow.id}
            for step in self.steps(job, workflow)
            if all_steps or step.value is not None
            for number in range(len(step.content_ids))
        ]

    def contents(self) -> dict[str, Record]:
        """The photos and videos of all jobs that a client sees, by their ids."""
        found: dict[str, Record] = {}
        for job in self.timeline.by_creation:
            if job.exists(self.now):
                for item in self.documentation(job):
                    if item["contentId"]:
                        found.setdefault(item["contentId"], content(job, item["contentId"]))
        return found

    def summary(self, job: Job, documentation: list[Record]) -> Record:
        """The summary of a job with a part of its documentation."""
        record = self.record(job)
        assignees = {*record["assigneeIds"]}
        return {
            "jobId": job.id,
            "assignees": [user for user in self.users if user["id"] in assignees],
            "documentation": documentation,
            "integrationEntityId": record["integrationEntityId"],
            "supportStatuses": support_statuses(job, self.now),
        }
