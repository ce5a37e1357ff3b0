"""The team's jobs, made by index on demand, in the shape of GraphQL."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.flow.catalogue import INDEX_BITS, INDEX_MASK, REPORT_AFTER, Catalogue
from sandbox.flow.formats import (
    SECOND,
    TEAM,
    BlobPath,
    object_id,
    stamp,
    uuid,
)
from sandbox.flow.steps import Steps, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sandbox.flow.cast import Cast
    from sandbox.flow.catalogue import State
    from sandbox.flow.history import Course, History
    from sandbox.flow.workflows import WorkflowDesign
    from sandbox.world import World

Body = dict[str, Any]

EXAMPLE: Body = {
    "teamName": "testteam",
    "workflowId": None,
    "workflowVersionId": None,
    "workflowTitle": None,
    "workflowTags": None,
    "totalDuration": None,
    "activeDuration": None,
    "status": "Completed",
    "userId": None,
    "userName": None,
    "geoLongAverage": None,
    "geoLatAverage": None,
    "metadata": None,
    "steps": [],
    "attachments": [],
    "reports": [],
}
"""What the guide's samples don't show."""
EXAMPLE_ATTACHMENT = dict.fromkeys(("stepId", "uniqueStepId", "stepTitle", "mimeType")) | {
    "thumbnails": []
}
DRAFT = "(Draft) - "
DRAFTS = 41
EXCLUDED = 53
"""Every so-manieth job."""


class Jobs:
    """Completed jobs ``0 .. n-1`` in order of upload, then those that stay open."""

    def __init__(
        self, world: World, cast: Cast, history: History, habit: Callable[[str], str]
    ) -> None:
        """Take what the jobs speak of; ``habit`` gives the variant in force."""
        rng = world.random("flow.jobs")
        self._seed = rng.getrandbits(48)
        self._ids = rng.getrandbits(40) << INDEX_BITS
        self._cast = cast
        self._drifted = world.drifted
        self._steps = Steps(world, cast.company)
        self.history = history
        self.completed = len(history.completed)
        self.plans: dict[int, tuple[str, str]] = {}
        """Scheduled job and task of those jobs that were planned."""
        self._habit = habit
        self._machine = rng.getrandbits(40)
        self._catalogues: dict[tuple[bool, ...], Catalogue] = {}
        self._by_id = {
            course.example["jobId"]: job
            for job, course in enumerate([*history.completed, *history.open])
            if course.example
        }

    @property
    def catalogue(self) -> Catalogue:
        """The completed jobs in the order of their cursors."""
        edits_move = self._habit("edits") == "new_cursor"
        files_update = self._habit("late_files") == "bump_updated"
        omits = self._habit("excluded") == "omitted"
        key = edits_move, files_update, omits
        if key not in self._catalogues:
            self._catalogues[key] = Catalogue(
                self.history.completed,
                self._machine,
                edits_move=edits_move,
                files_update=files_update,
                omitted=lambda job: omits and self.excluded(job),
            )
        return self._catalogues[key]

    def course(self, job: int) -> Course:
        """The times of a job, completed or open."""
        if job < self.completed:
            return self.history.completed[job]
        return self.history.open[job - self.completed]

    def job_id(self, job: int) -> str:
        """The job's ``jobId``, of the same form as the vendor's."""
        course = self.course(job)
        return (
            course.example["jobId"]
            if course.example
            else object_id(course.created, self._ids | job)
        )

    def client_job_id(self, job: int) -> str | None:
        """The id that the device made; some open jobs were made without a device."""
        course = self.course(job)
        if course.example and "metadata" in course.example:
            identifier: str = course.example["metadata"]["clientJobId"]
            return identifier
        if job >= self.completed and job % 9 == 0:
            return None
        return uuid(0xC11E17 << 104 | self._seed << INDEX_BITS | job)

    def find(self, job_id: str) -> int | None:
        """The job of a ``jobId``, completed or open, visible or not."""
        if job_id in self._by_id:
            return self._by_id[job_id]
        try:
            job = int(job_id, 16) & INDEX_MASK
        except ValueError:
            return None
        known = job < self.completed + len(self.history.open)
        return job if known and self.job_id(job) == job_id else None

    def find_client(self, client_job_id: str) -> int | None:
        """The job of a ``clientJobId``."""
        for job in self._by_id.values():
            if self.client_job_id(job) == client_job_id:
                return job
        try:
            job = int(client_job_id[-6:], 16)
        except ValueError:
            return None
        known = job < self.completed + len(self.history.open)
        return job if known and self.client_job_id(job) == client_job_id else None

    def excluded(self, job: int) -> bool:
        """Whether someone took the job out of the statistics (6.10)."""
        return not self.course(job).example and job % EXCLUDED == 0

    def traits(self, job: int) -> Body:
        """What jobs are filtered by; ``workflowTitle`` is always there."""
        course = self.course(job)
        if course.example:
            example = course.example.get("metadata", course.example)
            return {
                "jobId": course.example["jobId"],
                "workflowId": example.get("workflowId"),
                "workflowTitle": example.get("workflowName"),
                "workflowTags": [],
                "userId": example.get("userId"),
                "userName": example.get("userName", example.get("username")),
                "jobTitle": example["jobTitle"],
            }
        design = self._cast.designs[course.workflow]
        user = self._cast.workers[course.user]
        title = design.title
        if job % 10:
            machine = self._cast.company.machines[job * 7919 % len(self._cast.company.machines)]
            title = f"{title} {machine.serial}"
        return {
            "jobId": self.job_id(job),
            "workflowId": design.workflow_id,
            "workflowTitle": design.title,
            "workflowTags": list(design.tags),
            "userId": user["userId"],
            "userName": user["username"],
            "jobTitle": DRAFT + title if job % DRAFTS == 0 else title,
        }

    def design(self, job: int) -> WorkflowDesign:
        """The workflow of a job; for an example, which has none here, the first one."""
        return self._cast.designs[self.course(job).workflow]

    def render(self, job: int, state: State, now: int, wanted: Collection[str]) -> Body:
        """A completed job as GraphQL has it; ``wanted`` are the names of lists under it."""
        course = self.history.completed[job]
        if course.example:
            return self._drifted("flow.completed_jobs", self._example(job, course, state))
        body = self.head(job, now)
        body["completedJobCursor"] = self.catalogue.cursor(state.key[job])
        body["updated"] = stamp(state.updated[job])
        if "steps" in wanted or "attachments" in wanted:
            files = "attachments" in wanted
            steps = body["steps"] = self.steps_of(job, now, files=files)
            body["attachments"] = [
                attachment
                for step in steps
                for holder in (step, *step["substeps"])
                for attachment in holder["attachments"]
            ]
        if "reports" in wanted:
            body["reports"] = self._reports(job, course, now)
        return self._drifted("flow.completed_jobs", body)

    def head(self, job: int, now: int) -> Body:
        """The job's own fields, but for cursor and ``updated``."""
        course = self.course(job)
        rng = Random(self._seed + job)
        traits = self.traits(job)
        seconds = (course.completed - course.created) // SECOND
        paused = rng.randrange(seconds + 1) // 2 if rng.random() < 1 / 4 else 0
        place = self._place(job, course)
        title = traits["workflowTitle"]
        return {
            **traits,
            "teamName": TEAM,
            "workflowVersionId": self._cast.designs[course.workflow].version_id,
            # Null where it is the job's title too (3.1.2.1).
            "workflowTitle": None if traits["jobTitle"] == title else title,
            "created": stamp(course.created),
            "totalDuration": seconds,
            "activeDuration": seconds - paused,
            "status": "Completed",
            "geoLongAverage": place[1] if place else None,
            "geoLatAverage": place[0] if place else None,
            "metadata": self._metadata(rng, job, course, now),
        }

    def steps_of(self, job: int, now: int, *, files: bool = True) -> list[Body]:
        """The steps of a job that is not an example."""
        course = self.course(job)
        user = self._cast.workers[course.user]
        work = Work(job, course, self.design(job), user, self._place(job, course))
        return self._steps.of(work, now, files=files)

    def _place(self, job: int, course: Course) -> tuple[float, float] | None:
        if job % 5 == 0:
            return None
        sites = self._cast.company.sites
        site = sites[(job + course.user) % len(sites)]
        return site.latitude, round(site.longitude + job % 100 * 1e-4, 6)

    def _metadata(self, rng: Random, job: int, course: Course, now: int) -> list[Body]:
        pairs: list[tuple[str, str]] = []
        if rng.random() > 1 / 8:
            machine = rng.choice(self._cast.company.machines)
            pairs = [
                ("Customer", rng.choice(self._cast.company.customers).name),
                ("AssetTag", machine.serial),
                ("site name / työmaa", machine.site.name),
            ]
        if job in self.plans:
            scheduled_job, task = self.plans[job]
            pairs += [("ScheduledJobId", scheduled_job), ("ScheduledTaskId", task)]
        if 0 < course.edited <= now:
            pairs.append(("reviewedBy", self._cast.workers[0]["username"]))
        return [{"name": name, "value": value} for name, value in pairs]

    def _reports(self, job: int, course: Course, now: int) -> list[Body]:
        generated = course.files + REPORT_AFTER
        if job % 3 or generated > now:
            return []
        return [
            self._drifted(
                "flow.job_reports",
                {
                    "generatedReportId": object_id(generated, self._ids | job),
                    "generated": stamp(generated),
                    "templateName": self._cast.templates.titles[
                        job % len(self._cast.templates.titles)
                    ],
                    "mimeType": "application/pdf",
                    "downloadUrl": self.report_path(job),
                },
            )
        ]

    def report_path(self, job: int) -> BlobPath:
        """Where the job's PDF lies (8.1)."""
        return BlobPath(f"reportpdfs/{TEAM}/{self.job_id(job)}_{self._cast.templates.default_id}")

    def _example(self, job: int, course: Course, state: State) -> Body:
        sample: Body = course.example or {}
        if "completedSteps" in sample:
            sample = _from_rest(sample)
        attachments = [
            EXAMPLE_ATTACHMENT | attachment for attachment in sample.get("attachments") or []
        ]
        body = EXAMPLE | sample | {"completedJobCursor": self.catalogue.cursor(state.key[job])}
        return body | {"attachments": attachments} if attachments else body


def _from_rest(sample: Body) -> Body:
    """One of the guide's REST jobs as GraphQL would show it."""
    facts = sample["metadata"]
    same = ("workflowId", "workflowVersionId", "jobTitle", "created", "updated", "userId")
    return {
        "jobId": sample["jobId"],
        "teamName": sample["team"],
        "workflowTitle": facts["workflowName"],
        "userName": facts["username"],
        "metadata": [{"name": name, "value": text} for name, text in facts["metadata"].items()],
        **{name: facts[name] for name in same},
    }
