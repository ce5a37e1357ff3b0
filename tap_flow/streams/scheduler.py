"""Scheduled jobs and their tasks (guide 10)."""

from __future__ import annotations

from tap_flow import policies
from tap_flow.endpoints import Endpoint
from tap_flow.readers.lists import ListOf
from tap_flow.sources import guide
from tap_flow.stream import FlowStream, Nesting
from tap_kit.streams.fields import flag, integer, moment, text, texts
from tap_kit.streams.schema import record_schema

_JOB = frozenset({"jobId", "metadata"})

SCHEDULED_JOBS = Endpoint(
    "/scheduledjobs/v1",
    "10.1",
    policies.SCHEDULE_READ_ALL,
    fields=_JOB,
    mine=Endpoint("/scheduledjobs/v1/my", "10.3", policies.SCHEDULE_READ, fields=_JOB),
)


class ScheduledJobs(FlowStream):
    """Scheduled jobs; tasks are a stream of their own (guide 10.1; with job_scope my, 10.3)."""

    name = "scheduled_jobs"
    primary_keys = ("scheduledJobId",)
    # The vendor's jobId is that of the scheduled job here, not of a job.
    reader = ListOf(SCHEDULED_JOBS, renamed={"jobId": "scheduledJobId"})
    other_replication_keys = changed_at = ("updated",)
    schema = record_schema(
        *guide(
            "10.1",
            text("scheduledJobId", "Id of the scheduled job; the vendor's jobId.", key=True),
            moment("created", "When it was made."),
            moment("updated", "When it was last changed."),
            text("state", "Such as Scheduled or Completed."),
            text("name", "Name of the scheduled job."),
            text("description", "What is to be done."),
            flag("priority", "Whether it is urgent."),
            moment("dueByDate", "When it is due."),
            texts("assignedUserIds", "Ids of the users who are to do it."),
        )
    )


class ScheduledJobTasks(FlowStream):
    """The tasks of each scheduled job (guide 10.1)."""

    name = "scheduled_job_tasks"
    primary_keys = ("scheduledJobId", "taskId")
    read_with = ScheduledJobs
    nesting = Nesting("tasks", {"scheduledJobId": "scheduledJobId"})
    replicates_with = ScheduledJobs.name
    changed_at = ("modified", "updated")
    schema = record_schema(
        *guide(
            "10.1",
            text("scheduledJobId", "Id of the scheduled job.", key=True),
            text("taskId", "Id of the task.", key=True),
            text("taskType", "Such as Workflow."),
            text("artifactId", "Id of the workflow."),
            text("jobId", "Id of the job that the task became."),
            text("clientJobId", "Id that the device gave that job."),
            moment("updated", "When the device last changed it."),
            moment("modified", "When the server last changed it."),
            integer(
                "state",
                "0 not started, 1 active, 2 paused, 3 completed, 4 abandoned.",
            ),
        )
    )
