"""Jobs as the REST service has them: every status, summaries in lists (guide 6)."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from sandbox.flow.formats import milliseconds, server_stamp, stamp
from sandbox.flow.history import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.flow.jobs import Jobs
    from sandbox.world import World

Body = dict[str, Any]

UNCONNECTED = (
    "deviceId",
    "connectionType",
    "noteResourceFilenames",
    "parentStepId",
    "parentUniqueStepId",
    "parentStepTitle",
    "parentStepDescription",
)


class RestJobs:
    """All jobs in the order in which they came to be known."""

    def __init__(self, world: World, jobs: Jobs, habit: Callable[[str], str], *, me: str) -> None:
        """Put completed and open jobs into one list; ``me``: the caller's user id."""
        self._me = me
        self._world = world
        self._jobs = jobs
        self._habit = habit
        total = jobs.completed + len(jobs.history.open)
        self._listing = sorted((jobs.course(job).listed, job) for job in range(total))

    def page(self, skip: int, limit: int) -> list[Body]:
        """``limit`` jobs after the first ``skip``, as summaries."""
        now, count = self._visible()
        if self._newest_first():
            end = max(0, count - skip)
            rows = self._listing[max(0, end - limit) : end][::-1]
        else:
            rows = self._listing[skip : min(count, skip + limit)]
        return [self._summary(job, now) for _, job in rows]

    def all(self, *, detailed: bool = False) -> Iterator[Body]:
        """Every job there is now, the oldest first."""
        now, count = self._visible()
        for _, job in self._listing[:count]:
            yield self._detail(job, now) if detailed else self._summary(job, now)

    def of_workflow(self, workflow_id: str) -> list[Body]:
        """The jobs of one workflow (6.2)."""
        return self._where("workflowId", workflow_id)

    def mine(self) -> list[Body]:
        """The jobs of the caller (6.6)."""
        return self._where("userId", self._me)

    def by_id(self, job_id: str) -> Body | None:
        """A job in full (6.5)."""
        return self._found(self._jobs.find(job_id))

    def by_client_id(self, client_job_id: str) -> Body | None:
        """A job in full (6.4)."""
        return self._found(self._jobs.find_client(client_job_id))

    def completed(self, client_job_id: str) -> int | None:
        """The number of a job that is completed by now."""
        job = self._jobs.find_client(client_job_id)
        now = milliseconds(self._world.clock.now())
        done = job is not None and job < self._jobs.completed
        return job if done and self._jobs.course(job or 0).uploaded <= now else None

    def _where(self, trait: str, value: str) -> list[Body]:
        now, count = self._visible()
        jobs = [job for _, job in self._listing[:count] if self._jobs.traits(job)[trait] == value]
        return [
            self._summary(job, now) for job in (reversed(jobs) if self._newest_first() else jobs)
        ]

    def _newest_first(self) -> bool:
        return self._habit("rest_order") == "newest_first"

    def _visible(self) -> tuple[int, int]:
        now = milliseconds(self._world.clock.now())
        return now, bisect_right(self._listing, now, key=lambda row: row[0])

    def _found(self, job: int | None) -> Body | None:
        now = milliseconds(self._world.clock.now())
        if job is None or self._jobs.course(job).listed > now:
            return None
        return self._detail(job, now)

    def _summary(self, job: int, now: int) -> Body:
        body = self._body(job, now, steps=False)
        return self._world.drifted(
            "flow.jobs", body | {"completedSteps": None, "cancelledSteps": None}
        )

    def _detail(self, job: int, now: int) -> Body:
        return self._world.drifted("flow.job_details", self._body(job, now, steps=True))

    def _body(self, job: int, now: int, *, steps: bool) -> Body:
        jobs = self._jobs
        course = jobs.course(job)
        sample = course.example
        if sample and "completedSteps" in sample:
            return sample
        done = job < jobs.completed and course.uploaded <= now
        if sample:
            facts = jobs.render(job, jobs.catalogue.at(now), now, ())
            return self._assembled(job, facts, "Completed", course.uploaded)
        facts = jobs.head(job, now)
        changed = course.completed if job >= jobs.completed else course.listed
        if done:
            changed = jobs.catalogue.at(now).updated.get(job, course.completed)
        status = "Completed" if done else STATUSES[job % (3 if job >= jobs.completed else 2)]
        facts["updated"] = stamp(changed)
        body = self._assembled(job, facts, status, max(changed, course.listed))
        if steps or status in ("Paused", "Active"):
            taken = jobs.steps_of(job, now)
            if not done:
                taken = taken[: len(taken) // 2]
                if status != "Aborted":
                    begun = taken[-1] | {"completed": None, "cancelled": None}
                    body["metadata"]["currentStep"] = wrapped(begun)
                    taken = taken[:-1]
            body["completedSteps"] = [wrapped(step) for step in taken if not step["isCancelled"]]
            body["cancelledSteps"] = [wrapped(step) for step in taken if step["isCancelled"]]
        return body

    def _assembled(self, job: int, facts: Body, status: str, modified: int) -> Body:
        excluded = self._jobs.excluded(job)
        return {
            "jobId": facts["jobId"],
            "metadata": {
                "clientJobId": self._jobs.client_job_id(job),
                "workflowId": facts["workflowId"],
                "workflowVersionId": facts["workflowVersionId"],
                "jobTitle": facts["jobTitle"],
                "metadata": {pair["name"]: pair["value"] for pair in facts["metadata"] or ()},
                "created": facts["created"],
                "updated": facts["updated"],
                "modified": server_stamp(modified),
                "status": status,
                "userId": facts["userId"],
                "currentStep": None,
                "abandonReason": "“Wrong machine”, sorry" if status == "Aborted" else None,
                "username": facts["userName"],
                "workflowName": facts["workflowTitle"] or facts["jobTitle"],
            },
            "completedSteps": None,
            "cancelledSteps": None,
            "team": facts["teamName"],
            "hierarchyStack": None,
            "packetIds": None,
            "jobExclusion": [_exclusion(facts, modified)] if excluded else [],
            "excluded": excluded,
        }


def wrapped(step: Body) -> Body:
    """A step of GraphQL as REST wraps it; the steps of a form lie in their form's step."""
    single = _single(step)
    if not step["isFormStep"]:
        return {"singleStep": single, "reportStep": None}
    inner = [
        _single(
            step
            | substep
            | {"note": None}
            | {
                "parentStepId": step["stepId"],
                "parentUniqueStepId": step["uniqueStepId"],
                "parentStepTitle": step["stepTitle"],
                "parentStepDescription": step["stepDescription"],
            }
        )
        for substep in step["substeps"]
    ]
    return {"singleStep": None, "reportStep": single | {"steps": inner}}


def _single(step: Body) -> Body:
    same = (
        *("values", "uniqueStepId", "userId", "userName", "stepId", "stepTitle"),
        *("stepDescription", "stepType", "started", "completed", "cancelled", "note"),
    )
    ended = step["completed"] or step["cancelled"]
    return {
        **{name: step[name] for name in same},
        **{name: step.get(name) for name in UNCONNECTED},
        "valueResourceIds": [file["attachmentId"] for file in step["attachments"]],
        "previousUniqueStepId": "",
        "stepNumber": step["formLoopIteration"] or 1,
        "updated": ended or step["started"],
        "timeEvents": {ended: step["totalDuration"]} if ended else None,
        # No sample has any; vendor code says only that it is not a string.
        "coordinates": {"latitude": step["geoLat"], "longitude": step["geoLong"]}
        if step["geoLat"] is not None
        else None,
        "metadata": {"tags": step.get("stepTag", "")},
    }


def _exclusion(facts: Body, at: int) -> Body:
    return {
        "userId": facts["userId"],
        "reason": "Training",
        "isExcluded": True,
        "time": server_stamp(at),
    }
