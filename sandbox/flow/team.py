"""All data of the team."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.company import Company
from sandbox.flow import examples
from sandbox.flow.cast import Cast
from sandbox.flow.collection import Collections
from sandbox.flow.directory import ME, Directory
from sandbox.flow.history import History
from sandbox.flow.jobs import Jobs
from sandbox.flow.planning import Planner
from sandbox.flow.rest_jobs import RestJobs
from sandbox.flow.templates import Templates
from sandbox.flow.triggers import triggers
from sandbox.flow.workflows import Workflows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.flow.formats import BlobPath
    from sandbox.flow.register import Register
    from sandbox.world import World

Body = dict[str, Any]


class Team:
    """Everything the one team of the sandbox has at the vendor."""

    def __init__(self, world: World, habit: Callable[[str], str]) -> None:
        """Generate it; ``habit`` gives the variant in force."""
        company = Company(world)
        self._world = world
        self._habit = habit
        self.directory = Directory(world, company)
        workers = self.directory.workers
        self._workflows = Workflows(world, company, workers)
        self.templates = Templates(world, workers)
        self.collections = Collections(world, company, workers)
        cast = Cast(company, workers, self._workflows.designs, self.templates)
        self.triggers = triggers(world, cast)
        self.jobs = Jobs(world, cast, History(world, cast), habit)
        self._scheduled_jobs = Planner(world, cast, self.jobs).register()
        self.rest_jobs = RestJobs(world, self.jobs, habit, me=workers[ME]["userId"])

    def settings(self) -> Body:
        """The team settings (11.4)."""
        return self._world.drifted("flow.team_settings", examples.TEAM_SETTINGS)

    def workflows(self) -> list[Body]:
        """Workflows with their versions (14.1)."""
        return self._with("versions", "workflow_versions", self._workflows.register)

    def scheduled_jobs(self) -> dict[str, Body]:
        """Scheduled jobs with their tasks (10.1), by id."""
        jobs = self._with("tasks", "scheduled_job_tasks", self._scheduled_jobs)
        return {job["jobId"]: job for job in jobs}

    def _with(self, children: str, stream: str, register: Register) -> list[Body]:
        shaped = partial(self._world.drifted, f"flow.{stream}")
        return [
            body | {children: [shaped(self._as_is_habit(child)) for child in body[children]]}
            for body in register.current().values()
        ]

    def _as_is_habit(self, child: Body) -> Body:
        approvals = child.get("approvals")
        if not approvals or self._habit("approvals") == "list":
            return child
        return child | {"approvals": approvals[0]}

    def snapshots(self, client_job_id: str) -> Any:  # noqa: ANN401  # nobody knows the shape
        """The body of the snapshots endpoint, or None for 404."""
        job = self.rest_jobs.by_client_id(client_job_id)
        shape = self._habit("snapshots")
        if job is None or shape == "404":
            return None
        facts = job["metadata"]
        taken = [{"taken": facts["updated"], "status": facts["status"], "steps": []}]
        return taken if shape == "list" else {"jobId": job["jobId"], "snapshots": taken}

    def report_path(self, client_job_id: str) -> BlobPath | None:
        """Where the PDF of a completed job lies."""
        job = self.rest_jobs.completed(client_job_id)
        return None if job is None else self.jobs.report_path(job)
