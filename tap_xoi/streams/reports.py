"""Reports of the Data Reporting API, and the values of their steps."""

from __future__ import annotations

from functools import partial

from tap_kit.streams.fields import flag, mapping, moment, number, text
from tap_kit.streams.schema import record_schema
from tap_kit.streams.stream import RecordStream
from tap_xoi.backfill import reports
from tap_xoi.readers.reports import ReportsReader
from tap_xoi.streams.base import PERSONAL

_REPORT = record_schema(
    text("jobId", "The job.", key=True),
    text("workflowJobId", "The workflow that a technician added to the job.", key=True),
    text("orgId", "The organization."),
    text("workflowName", "Name of the workflow."),
    text("reportingCategory", "The workflow's present category; it may change later."),
    text("jobLocation", f"Where the work is done, as free text. {PERSONAL}"),
    moment("createdAt", "When the workflow was added."),
    moment("completedAt", "When it was finished; null while it is open."),
    mapping(
        "stepData",
        (
            "Steps by Reference Key; null where no step has one. A null step is empty. Data "
            "plates of one step stand under other keys each time: use "
            "workflow_job_step_values for them."
        ),
    ),
    moment(
        "changedAt",
        (
            "webhook_history: the newest event that led to this report; documentation: the "
            "end of the window of completion; job_summary: the job's updatedAt; config: "
            "completedAt, or createdAt before."
        ),
    ),
)


class WorkflowJobReports(RecordStream):
    """One report for each workflow of a job (Data Reporting API).

    Which ones are read, and what ``changedAt`` is, depends on the setting workflow_job_source.
    """

    name = "workflow_job_reports"
    reader = partial(ReportsReader.make, schema=_REPORT)
    backfill = staticmethod(reports)
    primary_keys = ("jobId", "workflowJobId")
    replication_key = "changedAt"
    source = "GET /reporting-data/job/{cjobId}/workflow-job/{wjobId} (Data Reporting API)"
    schema = _REPORT


class WorkflowJobStepValues(RecordStream):
    """One row for each Reference Key of a report, and for each data plate."""

    name = "workflow_job_step_values"
    read_with = WorkflowJobReports
    primary_keys = ("jobId", "workflowJobId", "value_id")
    follows_parent = True
    source = "the same responses as workflow_job_reports"
    schema = record_schema(
        text("jobId", "The job.", key=True),
        text("workflowJobId", "The workflow of the job.", key=True),
        text(
            "value_id",
            (
                "The Reference Key; for a data plate it is made of the plate (serial number, else "
                "make and model, else all of it), with a number for equal plates; an empty step "
                "beside plates counts as one of them."
            ),
            key=True,
        ),
        text("orgId", "The organization."),
        moment("changedAt", "As in the report."),
        text("reference_key", "The step's Reference Key, for data plates without the suffix."),
        text(
            "value_type",
            (
                "number, string, boolean, datetime, array, object, dataplate, or null for an empty "
                "step."
            ),
        ),
        number("value_number", "A number."),
        text("value_string", "A text, and a date-time as it was sent."),
        flag("value_boolean", "True or false."),
        moment("value_datetime", "A text that is an RFC 3339 date-time."),
        text("value_json", "The step's whole object as XOi sent it; null for an empty step."),
        text("unit", "The number's unit, such as Amps."),
        text("unit_type", "Kind of the unit, such as Power."),
        text("make", "Make on the data plate."),
        text("model", "Model on the data plate."),
        text("serial", "Serial number on the data plate."),
        extra_columns=False,
    )
