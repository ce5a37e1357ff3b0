"""Jobs of every status, as the REST services have them (guide 6 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from tap_flow import policies
from tap_flow.endpoints import Endpoint
from tap_flow.readers.details import DetailsOf
from tap_flow.readers.listed_jobs import (
    MODIFIED,
    DetailIds,
    JobIds,
    JobListOf,
    add_modified,
    client_job_id,
    is_completed,
)
from tap_flow.sources import guide, integrations, own, sample
from tap_flow.stream import FlowStream
from tap_kit.errors import BadBodyError
from tap_kit.http.response import excerpt
from tap_kit.streams.fields import (
    anything,
    flag,
    integer,
    item,
    items,
    mapping,
    moment,
    text,
    texts,
)
from tap_kit.streams.schema import record_schema
from tap_kit.text.content import error_in

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.singerlib import Catalog

    from tap_kit.http.response import Response
    from tap_kit.streams.fields import Property
    from tap_kit.streams.reader import Record

_JOB = frozenset({"jobId", "metadata"})

JOBS = Endpoint(
    "/jobs/v1/",
    "6.1",
    policies.JOB_READ_ALL,
    fields=_JOB,
    mine=Endpoint("/jobs/v1/my/", "6.6", policies.JOB_READ, fields=_JOB),
)
JOB = Endpoint("/jobs/v1/bson/{job_id}", "6.5", policies.JOB_READ, fields=_JOB)
JOB_SNAPSHOTS = Endpoint("/jobs/v1/snapshots/{client_job_id}", "6.3", policies.JOB_READ_ALL)
REPORT_URL = Endpoint("/reports/v1/generate/{client_job_id}", "8.1", policies.REPORTS_READ)


def _step_fields() -> tuple[Property, ...]:
    """A step as REST shows it; the types of ``coordinates`` and the like are unknown."""
    return guide(
        "6.1",
        text("uniqueStepId", "Id of this execution of the step."),
        text("previousUniqueStepId", "The step before; '' for the first."),
        text("stepId", "Id of the step in the workflow's design."),
        integer("stepNumber", "Number of the step."),
        text("stepTitle", "Title of the step."),
        text("stepDescription", "Description of the step."),
        text("stepType", "Kind of step, such as Text or ConfirmStep."),
        text("connectionType", "How the device was connected."),
        text("userId", "Id of the user who took the step."),
        text("userName", "Name of that user; personal data."),
        text("deviceId", "Id of the device."),
        moment("started", "When the step was begun."),
        moment("completed", "When it was completed."),
        moment("updated", "When it was last changed."),
        moment("cancelled", "When it was cancelled."),
        mapping("timeEvents", "Seconds by time."),
        text("note", "Note that the user took."),
        anything("noteResourceFilenames", "Null in all samples."),
        texts("values", "All that was entered or chosen."),
        texts("valueResourceIds", "Ids of the files that were recorded."),
        anything("coordinates", "Null in all samples; where the step was taken, personal data."),
        text("parentStepId", "The form step's stepId."),
        text("parentUniqueStepId", "The form step's uniqueStepId."),
        text("parentStepTitle", "The form step's title."),
        text("parentStepDescription", "The form step's description."),
        mapping("metadata", "Tags and the like."),
    )


def _wrapped_step() -> tuple[Property, ...]:
    return guide(
        "6.1",
        item("singleStep", "The step, where it is no form.", *_step_fields()),
        item(
            "reportStep",
            "The step, where it is a form.",
            *_step_fields(),
            *integrations(items("steps", "The steps inside the form.", *_step_fields())),
        ),
    )


def _job_fields() -> tuple[Property, ...]:
    return (
        guide(
            "6.1",
            text("jobId", "Id of the job.", key=True),
            item(
                "metadata",
                "What the job is about.",
                text("clientJobId", "Id that the device gave the job."),
                text("workflowId", "Id of the workflow."),
                text("workflowVersionId", "Id of its version."),
                text("workflowName", "Name of the workflow."),
                text("jobTitle", "Title of the job."),
                mapping("metadata", "What the customer attached to the job."),
                moment("created", "When the job was started."),
                moment("updated", "When the device last changed it."),
                moment("modified", "When the server last changed it."),
                text("status", "Such as Paused, Completed or Aborted."),
                text("userId", "Id of the user."),
                text("username", "Name of the user; personal data."),
                item("currentStep", "The step that is being worked on.", *_wrapped_step()),
                text("abandonReason", "Why the job was given up."),
            ),
            items("completedSteps", "Steps that were completed.", *_wrapped_step()),
            items("cancelledSteps", "Steps that were cancelled.", *_wrapped_step()),
            text("team", "Team that the job belongs to."),
            anything("hierarchyStack", "Null in all samples."),
            anything("packetIds", "Null in all samples."),
        )
        + sample(
            "6.1",
            items("jobExclusion", "Who excluded the job, when and why."),
            flag("excluded", "Whether the job is excluded from reporting."),
        )
        + own(
            moment(MODIFIED, "When the server last changed it, else when the device did."),
        )
    )


def _snapshots(response: Response) -> Record:
    """Take the response as it is: the guide's sample is empty (guide 6.3)."""
    snapshots = response.json() if response.content.strip() else None
    error = error_in(snapshots)
    if error is not None:
        msg = f"the response reports an error: {excerpt(error)}"
        raise BadBodyError(msg, status=response.status)
    return {"snapshots": snapshots}


def _link(response: Response) -> Record:
    """Take the link, which is all of the body (guide 8.1)."""
    link = response.text().strip().strip('"')
    if not link.startswith("http"):
        msg = f"expected a link, got {response.content_type or 'no content type'}"
        raise BadBodyError(msg, status=response.status)
    return {"reportUrl": link}


class Jobs(FlowStream):
    """Jobs of every status, as summaries without steps (guide 6.1; with job_scope my, 6.6)."""

    name = "jobs"
    primary_keys = ("jobId",)
    reader = JobListOf(JOBS)
    other_replication_keys = (MODIFIED,)
    schema = record_schema(*_job_fields())


class JobDetails(FlowStream):
    """Jobs that are not completed, or all, with their steps; one request each (guide 6.5).

    All of them need a bookmark (``job_details_of: all``): a completed job is requested again only
    when the list shows that it has changed.
    """

    name = "job_details"
    primary_keys = ("jobId",)
    reader = DetailsOf(JOB, ids=DetailIds(JOBS), complete=add_modified)
    selected_by_default = False
    schema = record_schema(*_job_fields())

    def __init__(self, tap: Tap) -> None:
        super().__init__(tap)
        if tap.config.get("job_details_of") == "all":
            self.replication_key = MODIFIED

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take over the catalog; one from before the setting was changed says nothing of a key."""
        super().apply_catalog(catalog)
        entry = catalog.get_stream(self.name)
        root = entry.metadata.root if entry else None
        if root and not (root.valid_replication_keys or root.forced_replication_method):
            self.forced_replication_method = None


class JobSnapshots(FlowStream):
    """Snapshots of every job with a client job id; one request each (guide 6.3)."""

    name = "job_snapshots"
    primary_keys = ("clientJobId",)
    reader = DetailsOf(
        JOB_SNAPSHOTS,
        ids=JobIds(JOBS, client_job_id),
        id_column="clientJobId",
        decode=_snapshots,
    )
    selected_by_default = False
    schema = record_schema(
        *guide(
            "6.3",
            text("clientJobId", "Id that the device gave the job.", key=True),
            anything("snapshots", "The response; the guide's sample is empty."),
        ),
        extra_columns=False,
    )


class JobReportUrls(FlowStream):
    """Links to the PDF reports of completed jobs; one request each (guide 8.1)."""

    name = "job_report_urls"
    primary_keys = ("clientJobId",)
    reader = DetailsOf(
        REPORT_URL,
        ids=JobIds(JOBS, client_job_id, is_completed),
        id_column="clientJobId",
        decode=_link,
        params={"getUrlOnly": "true"},
    )
    selected_by_default = False
    signed_links = ("reportUrl",)
    schema = record_schema(
        *guide(
            "8.1",
            text("clientJobId", "Id that the device gave the job.", key=True),
            th.Property("reportUrl", th.StringType, description="Signed link to the PDF."),
        ),
        extra_columns=False,
    )
