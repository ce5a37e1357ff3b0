"""Completed jobs and what belongs to them: the streams of one GraphQL query (guide 3.5)."""

from __future__ import annotations

from tap_flow.backfill import tracks
from tap_flow.cursor_state import CURSOR, UPDATED
from tap_flow.readers.job_plan import JobPages
from tap_flow.sources import guide
from tap_flow.stream import FlowStream, Nesting
from tap_kit.streams.fields import flag, integer, items, moment, number, text, texts
from tap_kit.streams.schema import record_schema


class CompletedJobs(FlowStream):
    """Completed jobs; steps, attachments and reports are streams of their own (guide 3.5.3.1)."""

    name = "completed_jobs"
    primary_keys = ("jobId",)
    reader = JobPages("3.5")
    backfill = staticmethod(tracks)
    replication_key = CURSOR
    other_replication_keys = (UPDATED,)
    schema = record_schema(
        *guide(
            "3.5.3.1",
            text("jobId", "Id of the job.", key=True),
            text(CURSOR, "The job's place in the order of uploads; opaque."),
            text("teamName", "Team that the job belongs to."),
            text("workflowId", "Id of the workflow."),
            text("workflowVersionId", "Id of the version of the workflow that was worked through."),
            text("workflowTitle", "Title of the workflow; may be null where it is the job's too."),
            texts("workflowTags", "Tags of the workflow."),
            text("jobTitle", "Title of the job; that of a draft begins with '(Draft) - '."),
            moment("created", "When the job was started."),
            moment(UPDATED, "When the job was last changed, in practice when it was completed."),
            integer("totalDuration", "Seconds from start to completion."),
            integer("activeDuration", "The same without pauses, in seconds."),
            text("status", "Status of the job."),
            text("userId", "Id of the user who completed the job."),
            text("userName", "Name of that user, like an e-mail address; personal data."),
            number("geoLongAverage", "Median longitude, if there was GPS; personal data."),
            number("geoLatAverage", "Median latitude, if there was GPS; personal data."),
            items(
                "metadata",
                "What the customer attached to the job.",
                text("name", "Name of the entry."),
                text("value", "Its value."),
            ),
        ),
        extra_columns=False,
    )


class JobSteps(FlowStream):
    """The steps that were taken in each job; a step in a loop is one row a turn (guide 3.5.3.2)."""

    name = "job_steps"
    primary_keys = ("jobId", "uniqueStepId")
    read_with = CompletedJobs
    nesting = Nesting("steps", {"jobId": "jobId"})
    follows_parent = True
    schema = record_schema(
        *guide(
            "3.5.3.2",
            text("jobId", "Id of the job.", key=True),
            text("uniqueStepId", "Id of this execution of the step.", key=True),
            text("stepId", "Id of the step in the workflow's design."),
            text("stepTitle", "Title of the step."),
            text("stepDescription", "Description of the step."),
            text("stepType", "Kind of step, such as Text or ConfirmStep."),
            moment("started", "When the step was begun."),
            moment("completed", "When it was completed."),
            moment("cancelled", "When it was cancelled; null otherwise."),
            flag("isCancelled", "Whether it was cancelled."),
            flag("isFormStep", "Whether it is a form, with steps inside."),
            integer("totalDuration", "Seconds from start to end."),
            integer("activeDuration", "The same without pauses, in seconds."),
            text("userId", "Id of the user who took the step."),
            text("userName", "Name of that user, like an e-mail address; personal data."),
            number("geoLat", "Latitude; null without GPS; personal data."),
            number("geoLong", "Longitude; null without GPS; personal data."),
            integer("formLoopIteration", "Which turn of a form's loop this was."),
            text("note", "Note that the user took."),
            texts("values", "All that was entered or chosen."),
            text("value", "The same as one text, also for numbers; '' without text."),
        ),
        extra_columns=False,
    )


class JobSubsteps(FlowStream):
    """The steps inside form steps (guide 3.5.3.3)."""

    name = "job_substeps"
    primary_keys = ("jobId", "parentUniqueStepId", "uniqueStepId")
    read_with = CompletedJobs
    nesting = Nesting(
        "substeps", {"jobId": "jobId", "parentUniqueStepId": "uniqueStepId"}, within=JobSteps
    )
    follows_parent = True
    schema = record_schema(
        *guide(
            "3.5.3.3",
            text("jobId", "Id of the job.", key=True),
            text("parentUniqueStepId", "The form step's uniqueStepId.", key=True),
            text("uniqueStepId", "Id of this execution of the step.", key=True),
            text("stepId", "Id of the step in the workflow's design."),
            text("stepTitle", "Title of the step."),
            text("stepDescription", "Description of the step."),
            text("stepType", "Kind of step."),
            text("stepTag", "Tag of the step."),
            texts("values", "All that was entered or chosen."),
            text("value", "The same as one text."),
        ),
        extra_columns=False,
    )


class JobAttachments(FlowStream):
    """Photos and other files of each job, those of its steps included (guide 3.5.4)."""

    name = "job_attachments"
    primary_keys = ("jobId", "attachmentId")
    read_with = CompletedJobs
    nesting = Nesting("attachments", {"jobId": "jobId"})
    follows_parent = True
    signed_links = ("downloadUrl",)
    schema = record_schema(
        *guide(
            "3.5.4.3",
            text("jobId", "Id of the job.", key=True),
            text("attachmentId", "Id of the file.", key=True),
            text("stepId", "Id of the step in the workflow's design."),
            text("uniqueStepId", "Id of the execution of the step that it belongs to."),
            text("stepTitle", "Title of the step."),
            text("mimeType", "Media type of the file."),
            integer("fileSize", "Length in bytes."),
            text("downloadUrl", "Signed link to the file, good for about an hour."),
        ),
        extra_columns=False,
    )


class JobAttachmentThumbnails(FlowStream):
    """Small pictures of images and videos, usually three sizes (guide 3.5.4.3, 3.7.4)."""

    name = "job_attachment_thumbnails"
    primary_keys = ("jobId", "attachmentId", "name")
    read_with = CompletedJobs
    nesting = Nesting(
        "thumbnails", {"jobId": "jobId", "attachmentId": "attachmentId"}, within=JobAttachments
    )
    follows_parent = True
    signed_links = ("downloadUrl",)
    schema = record_schema(
        *guide(
            "3.7.4",
            text("jobId", "Id of the job.", key=True),
            text("attachmentId", "Id of the file.", key=True),
            text("name", "Name of the size, such as small.", key=True),
            moment("created", "When it was made."),
            text("mimeType", "Media type of the picture."),
            integer("fileSize", "Length in bytes."),
            integer("width", "Width in pixels."),
            integer("height", "Height in pixels."),
            text("downloadUrl", "Signed link to the picture, good for about an hour."),
        ),
        extra_columns=False,
    )


class JobReports(FlowStream):
    """Reports that were generated for each job (guide 3.7.2)."""

    name = "job_reports"
    primary_keys = ("jobId", "generatedReportId")
    read_with = CompletedJobs
    nesting = Nesting("reports", {"jobId": "jobId"})
    follows_parent = True
    signed_links = ("downloadUrl",)
    schema = record_schema(
        *guide(
            "3.7.2",
            text("jobId", "Id of the job.", key=True),
            text("generatedReportId", "Id of the report.", key=True),
            moment("generated", "When it was generated."),
            text("templateName", "Name of its template."),
            text("mimeType", "Media type of the report."),
            text("downloadUrl", "Signed link to the report, good for about an hour."),
        ),
        extra_columns=False,
    )
