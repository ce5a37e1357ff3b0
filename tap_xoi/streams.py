"""The streams, as XOi's schemas have them."""

from __future__ import annotations

from typing import Any, ClassVar

from singer_sdk import typing as th

from tap_kit.streams.schema import OpenObject, record_schema
from tap_kit.streams.stream import RecordStream
from tap_xoi.queries import Fields

Field = th.Property[Any]

_PERSONAL = "Personal data."


def _text(name: str, description: str) -> Field:
    return th.Property(name, th.StringType, description=description)


def _texts(name: str, description: str) -> Field:
    return th.Property(name, th.ArrayType(th.StringType), description=description)


def _time(name: str, description: str) -> Field:
    return th.Property(name, th.DateTimeType, description=description)


def _key(name: str, description: str) -> Field:
    return th.Property(name, th.StringType, required=True, description=description)


def _object(name: str, *properties: Field, description: str) -> Field:
    return th.Property(name, th.ObjectType(*properties), description=description)


def _link(name: str, description: str) -> Field:
    return _object(name, _text("url", f"The link. {_PERSONAL}"), description=description)


class XoiStream(RecordStream):
    """A stream of XOi's.

    Attributes:
        own: Columns that this tap adds.
        identity: Fields that are asked for even where nobody selected them.
        doubtful: Fields that XOi may not have; their columns are empty then.
    """

    own: ClassVar[frozenset[str]] = frozenset()
    identity: ClassVar[frozenset[str]] = frozenset()
    doubtful: ClassVar[frozenset[str]] = frozenset()

    @property
    def fields(self) -> Fields:
        """What a query asks for: the selected properties, and what rows are known by."""
        mask, own, identity = self.mask, self.own, self.identity
        return Fields(
            self.schema,
            lambda crumb: crumb[1] not in own and (crumb[1] in identity or mask[crumb]),
            needed={*self.primary_keys, self.replication_key},
            doubtful=self.doubtful,
        )


class Jobs(XoiStream):
    """Jobs, oldest first (Jobs API, ``listJobs``).

    XOi lists by creation only: a change of a job is seen as long as the look-back reaches its
    creation. Holds personal data: customers' and assignees'.
    """

    name = "jobs"
    primary_keys = ("id",)
    replication_key = "createdAt"
    source = "GraphQL listJobs (Jobs API)"
    identity = frozenset({"id", "createdAt"})
    doubtful = frozenset({"integrationEntityId"})
    schema = record_schema(
        _key("id", "The job's id, such as cjob-...; older ones begin with job-."),
        _texts("assigneeIds", f"Ids of the users to whom the job is assigned. {_PERSONAL}"),
        _text("externalId", "The job's id in the system that created it."),
        _time("createdAt", "When the job was created."),
        _text("createdBy", f"Id of the user who created it. {_PERSONAL}"),
        _time("updatedAt", "When it last changed."),
        _time("completedAt", "When it was completed; null while it is open."),
        _text("completedBy", f"Id of the user who completed it. {_PERSONAL}"),
        _text("customerName", f"Name of the customer. {_PERSONAL}"),
        _text("customerEmail", f"Where approval requests go. {_PERSONAL}"),
        _text("jobLocation", f"Where the work is done, as free text. {_PERSONAL}"),
        _text("workOrderNumber", "Number of the work order."),
        _text("label", "Label for people, also on the page that is shared."),
        _texts("tags", "Tags by which the job is found."),
        _texts("publicTags", "Tags that customers may see."),
        _texts("tagSuggestions", "Values that the mobile app suggests as tags."),
        _texts("workTypeIds", "Ids of the work types."),
        _text("externalAppUrl", "Link from the mobile app back to the creating system."),
        _object(
            "internalNote",
            _text("text", "The text, of up to 3000 characters."),
            description="Note that customers don't see.",
        ),
        th.Property(
            "internalNotificationContacts",
            th.ArrayType(
                th.ObjectType(
                    _text("email", f"Address. {_PERSONAL}"),
                    _texts("notify_of_events", "Events of which it is notified."),
                )
            ),
            description="Who is notified of what.",
        ),
        _object(
            "integrationEntityId",
            _text("namespace", "Namespace of the integration."),
            _text("id", "Id within it."),
            description="Id in the creating system; deprecated by XOi in favour of externalId.",
        ),
        _object(
            "deepLinks",
            _object(
                "visionWeb",
                _link("viewJob", "The job; once it is complete."),
                description="Links to the web application.",
            ),
            _object(
                "visionMobile",
                _link("viewJob", "The job; once it is complete."),
                _link("editJob", "To edit the job."),
                _link("jobLocationActivitySearch", "What else was done at the location."),
                _link("contributeToJob", "To contribute to the job."),
                description="Links to the mobile application.",
            ),
            description=(
                "Links into XOi, which may hold the customer's name, address and e-mail. "
                f"{_PERSONAL}"
            ),
        ),
        extra_columns=False,
    )


class Documentation(XoiStream):
    """What technicians documented in completed jobs (Jobs API, ``listDocumentation``).

    Notes, transcripts and summaries are only here: the reports leave them out. XOi lists by the
    job's completion: an edit is seen as long as the look-back reaches that.
    """

    name = "documentation"
    primary_keys = ("row_id",)
    replication_key = "interval_end"
    source = "GraphQL listDocumentation (Jobs API)"
    own = frozenset({"row_id", "interval_end"})
    identity = frozenset({"jobId", "workflowId", "stepIndex", "stepName", "contentId"})
    doubtful = frozenset({"stepName", "sourceId", "workflowJobId"})
    schema = record_schema(
        _key(
            "row_id",
            "Made of jobId, workflowId, stepIndex, stepName, contentId and the item's number among "
            "its equals in the job.",
        ),
        _time("interval_end", "End of the window of completion in which the item was read."),
        _text("jobId", "The job."),
        _text("workflowId", "The workflow of the job, such as wjob-...."),
        _text("workflowJobId", "Alias of workflowId; deprecated by XOi."),
        _text("workflowName", "Name of the workflow."),
        _text("workflowLabel", "Label of the workflow in this job."),
        th.Property("stepIndex", th.IntegerType, description="Place of the step."),
        _text(
            "stepName",
            "Name of the step. XOi's type of these items has no such field, so the column stays "
            "empty until it gets one.",
        ),
        _texts("stepTraits", "Traits of the step."),
        _text("contentId", "Photo, video or document."),
        _text("sourceId", "Where the content comes from; deprecated by XOi."),
        _texts("tags", "Tags of the item."),
        _texts(
            "traits",
            "What the item is, such as dataplate or note; pending and preliminary: the machine's "
            "work on it isn't final.",
        ),
        _object(
            "choice",
            _texts("chosen", "What was chosen."),
            _texts("options", "What there was to choose from."),
            description="Answer to a choice.",
        ),
        _object("date_entry", _time("value", "The date."), description="Date that was entered."),
        _object(
            "number_entry",
            th.Property("value", th.NumberType, description="The number."),
            _text("unit_type", "Kind of the unit, such as Power."),
            _text("unit", "The unit, such as Amps."),
            description="Number that was entered.",
        ),
        _object("text_entry", _text("value", "The text."), description="Text that was entered."),
        _object("note", _text("text", "The text."), description="Note on the step."),
        _object(
            "workSummary", _text("summary_text", "The text."), description="Summary of the work."
        ),
        _object(
            "derivedData",
            _text("make", "Make on a data plate."),
            _text("model", "Model on a data plate."),
            _text("serial", "Serial number on a data plate."),
            _text("manufacture_date", "Date of manufacture, where the plate tells it."),
            _text("name", "Name."),
            _text("transcript", "What is said in a video."),
            description="What the machine read or heard in the content.",
        ),
        extra_columns=False,
    )


class WebhookHistory(XoiStream):
    """Notifications of changes, oldest first (Jobs API, ``listWebhookHistory``)."""

    name = "webhook_history"
    primary_keys = ("row_id",)
    replication_key = "firedAt"
    source = "GraphQL listWebhookHistory (Jobs API)"
    own = frozenset({"row_id"})
    identity = frozenset({"event", "firedAt", "jobId", "orgId", "traits", "workflowId"})
    doubtful = frozenset({"workflowJobId"})
    schema = record_schema(
        _key("row_id", "Made of all fields of the event: equal events are one row."),
        _text(
            "event",
            "What happened: job_update or job_delete, by XOi's change notifications guide; others "
            "are kept as they come.",
        ),
        _time("firedAt", "When it was told."),
        _text("jobId", "The job."),
        _text("orgId", "The organization."),
        _texts("traits", "What an update was about, such as dataplate."),
        _text("workflowId", "The workflow; empty or null where the event is the whole job's."),
        _text("workflowJobId", "Alias of workflowId; deprecated by XOi."),
        extra_columns=False,
    )


class WorkflowJobReports(XoiStream):
    """One report for each workflow of a job (Data Reporting API).

    Which ones are read, and what ``changedAt`` is, depends on the setting workflow_job_source.
    """

    name = "workflow_job_reports"
    primary_keys = ("jobId", "workflowJobId")
    replication_key = "changedAt"
    source = "GET /reporting-data/job/{cjobId}/workflow-job/{wjobId} (Data Reporting API)"
    schema = record_schema(
        _key("jobId", "The job."),
        _key("workflowJobId", "The workflow that a technician added to the job."),
        _text("orgId", "The organization."),
        _text("workflowName", "Name of the workflow."),
        _text("reportingCategory", "The workflow's present category; it may change later."),
        _text("jobLocation", f"Where the work is done, as free text. {_PERSONAL}"),
        _time("createdAt", "When the workflow was added."),
        _time("completedAt", "When it was finished; null while it is open."),
        th.Property(
            "stepData",
            OpenObject,
            description=(
                "Steps by Reference Key; null where no step has one. A null step is empty. Data "
                "plates of one step stand under other keys each time: use "
                "workflow_job_step_values for them."
            ),
        ),
        _time(
            "changedAt",
            "webhook_history: the newest event that led to this report; documentation: the end of "
            "the window of completion; job_summary: the job's updatedAt; config: completedAt, or "
            "createdAt before.",
        ),
    )


class WorkflowJobStepValues(XoiStream):
    """One row for each Reference Key of a report, and for each data plate."""

    name = "workflow_job_step_values"
    primary_keys = ("jobId", "workflowJobId", "value_id")
    follows_parent = True
    source = "the same answers as workflow_job_reports"
    schema = record_schema(
        _key("jobId", "The job."),
        _key("workflowJobId", "The workflow of the job."),
        _key(
            "value_id",
            "The Reference Key; for a data plate it is made of the plate (serial number, else make "
            "and model, else all of it), with a number for equal plates; an empty step beside "
            "plates counts as one of them.",
        ),
        _text("orgId", "The organization."),
        _time("changedAt", "As in the report."),
        _text("reference_key", "The step's Reference Key, for data plates without the suffix."),
        _text(
            "value_type",
            "number, string, boolean, datetime, array, object, dataplate, or null for an empty "
            "step.",
        ),
        th.Property("value_number", th.NumberType, description="A number."),
        _text("value_string", "A text, and a date-time as it was sent."),
        th.Property("value_boolean", th.BooleanType, description="True or false."),
        _time("value_datetime", "A text that is an RFC 3339 date-time."),
        _text("value_json", "The step's whole object as XOi sent it; null for an empty step."),
        _text("unit", "The number's unit, such as Amps."),
        _text("unit_type", "Kind of the unit, such as Power."),
        _text("make", "Make on the data plate."),
        _text("model", "Model on the data plate."),
        _text("serial", "Serial number on the data plate."),
        extra_columns=False,
    )


class Users(XoiStream):
    """Users of the organization (Users API, ``listUsers``). Personal data."""

    name = "users"
    primary_keys = ("id",)
    source = "GraphQL listUsers (Users API)"
    identity = frozenset({"id"})
    doubtful = frozenset({"phone_number"})
    schema = record_schema(
        _key("id", f"The user's id; it may look like an email address. {_PERSONAL}"),
        _text("email", f"Email address. {_PERSONAL}"),
        _text("given_name", f"Given name. {_PERSONAL}"),
        _text("family_name", f"Family name. {_PERSONAL}"),
        _text(
            "phone_number",
            f"Phone number; null where the Users API doesn't know the field. {_PERSONAL}",
        ),
        extra_columns=False,
    )
