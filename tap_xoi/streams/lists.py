"""Jobs, documentation, webhook history and users: XOi's GraphQL lists, as its schemas have them."""

from __future__ import annotations

from tap_kit.streams.fields import Property, integer, item, items, moment, number, text, texts
from tap_kit.streams.schema import record_schema
from tap_xoi.backfill import lists
from tap_xoi.readers.lists import (
    DocumentationReader,
    JobsReader,
    UsersReader,
    WebhookHistoryReader,
)
from tap_xoi.streams.base import PERSONAL, XoiStream


def _link(name: str, description: str) -> Property:
    return item(name, description, text("url", f"The link. {PERSONAL}"))


class Jobs(XoiStream):
    """Jobs, oldest first (Jobs API, ``listJobs``).

    XOi lists by creation only: a change of a job is seen as long as the look-back reaches its
    creation. Holds personal data: customers' and assignees'.
    """

    name = "jobs"
    reader = JobsReader.make
    backfill = staticmethod(lists)
    primary_keys = ("id",)
    replication_key = "createdAt"
    source = "GraphQL listJobs (Jobs API)"
    identity = frozenset({"id", "createdAt"})
    optional = frozenset({"integrationEntityId"})
    schema = record_schema(
        text("id", "The job's id, such as cjob-...; older ones begin with job-.", key=True),
        texts("assigneeIds", f"Ids of the users to whom the job is assigned. {PERSONAL}"),
        text("externalId", "The job's id in the system that created it."),
        moment("createdAt", "When the job was created."),
        text("createdBy", f"Id of the user who created it. {PERSONAL}"),
        moment("updatedAt", "When it last changed."),
        moment("completedAt", "When it was completed; null while it is open."),
        text("completedBy", f"Id of the user who completed it. {PERSONAL}"),
        text("customerName", f"Name of the customer. {PERSONAL}"),
        text("customerEmail", f"Where approval requests go. {PERSONAL}"),
        text("jobLocation", f"Where the work is done, as free text. {PERSONAL}"),
        text("workOrderNumber", "Number of the work order."),
        text("label", "Label for people, also on the page that is shared."),
        texts("tags", "Tags by which the job is found."),
        texts("publicTags", "Tags that customers may see."),
        texts("tagSuggestions", "Values that the mobile app suggests as tags."),
        texts("workTypeIds", "Ids of the work types."),
        text("externalAppUrl", "Link from the mobile app back to the creating system."),
        item(
            "internalNote",
            "Note that customers don't see.",
            text("text", "The text, of up to 3000 characters."),
        ),
        items(
            "internalNotificationContacts",
            "Who is notified of what.",
            text("email", f"Address. {PERSONAL}"),
            texts("notify_of_events", "Events of which it is notified."),
        ),
        item(
            "integrationEntityId",
            "Id in the creating system; deprecated by XOi in favour of externalId.",
            text("namespace", "Namespace of the integration."),
            text("id", "Id within it."),
        ),
        item(
            "deepLinks",
            (f"Links into XOi, which may hold the customer's name, address and e-mail. {PERSONAL}"),
            item(
                "visionWeb",
                "Links to the web application.",
                _link("viewJob", "The job; once it is complete."),
            ),
            item(
                "visionMobile",
                "Links to the mobile application.",
                _link("viewJob", "The job; once it is complete."),
                _link("editJob", "To edit the job."),
                _link("jobLocationActivitySearch", "What else was done at the location."),
                _link("contributeToJob", "To contribute to the job."),
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
    reader = DocumentationReader.make
    backfill = staticmethod(lists)
    primary_keys = ("row_id",)
    replication_key = "interval_end"
    source = "GraphQL listDocumentation (Jobs API)"
    own = frozenset({"row_id", "interval_end"})
    identity = frozenset({"jobId", "workflowId", "stepIndex", "stepName", "contentId"})
    optional = frozenset({"stepName", "sourceId", "workflowJobId"})
    schema = record_schema(
        text(
            "row_id",
            (
                "Made of jobId, workflowId, stepIndex, stepName, contentId and the item's number "
                "among its equals in the job."
            ),
            key=True,
        ),
        moment("interval_end", "End of the window of completion in which the item was read."),
        text("jobId", "The job."),
        text("workflowId", "The workflow of the job, such as wjob-...."),
        text("workflowJobId", "Alias of workflowId; deprecated by XOi."),
        text("workflowName", "Name of the workflow."),
        text("workflowLabel", "Label of the workflow in this job."),
        integer("stepIndex", "Place of the step."),
        text(
            "stepName",
            (
                "Name of the step. XOi's type of these items has no such field, so the column "
                "stays empty until it gets one."
            ),
        ),
        texts("stepTraits", "Traits of the step."),
        text("contentId", "Photo, video or document."),
        text("sourceId", "Where the content comes from; deprecated by XOi."),
        texts("tags", "Tags of the item."),
        texts(
            "traits",
            (
                "What the item is, such as dataplate or note; pending and preliminary: the "
                "machine's work on it isn't final."
            ),
        ),
        item(
            "choice",
            "Answer to a choice.",
            texts("chosen", "What was chosen."),
            texts("options", "What there was to choose from."),
        ),
        item("date_entry", "Date that was entered.", moment("value", "The date.")),
        item(
            "number_entry",
            "Number that was entered.",
            number("value", "The number."),
            text("unit_type", "Kind of the unit, such as Power."),
            text("unit", "The unit, such as Amps."),
        ),
        item("text_entry", "Text that was entered.", text("value", "The text.")),
        item("note", "Note on the step.", text("text", "The text.")),
        item("workSummary", "Summary of the work.", text("summary_text", "The text.")),
        item(
            "derivedData",
            "What the machine read or heard in the content.",
            text("make", "Make on a data plate."),
            text("model", "Model on a data plate."),
            text("serial", "Serial number on a data plate."),
            text("manufacture_date", "Date of manufacture, where the plate tells it."),
            text("name", "Name."),
            text("transcript", "What is said in a video."),
        ),
        extra_columns=False,
    )


class WebhookHistory(XoiStream):
    """Notifications of changes, oldest first (Jobs API, ``listWebhookHistory``)."""

    name = "webhook_history"
    reader = WebhookHistoryReader.make
    backfill = staticmethod(lists)
    primary_keys = ("row_id",)
    replication_key = "firedAt"
    source = "GraphQL listWebhookHistory (Jobs API)"
    own = frozenset({"row_id"})
    identity = frozenset({"event", "firedAt", "jobId", "orgId", "traits", "workflowId"})
    optional = frozenset({"workflowJobId"})
    schema = record_schema(
        text("row_id", "Made of all fields of the event: equal events are one row.", key=True),
        text(
            "event",
            (
                "What happened: job_update or job_delete, by XOi's change notifications guide; "
                "others are kept as they come."
            ),
        ),
        moment("firedAt", "When it was told."),
        text("jobId", "The job."),
        text("orgId", "The organization."),
        texts("traits", "What an update was about, such as dataplate."),
        text("workflowId", "The workflow; empty or null where the event is the whole job's."),
        text("workflowJobId", "Alias of workflowId; deprecated by XOi."),
        extra_columns=False,
    )


class Users(XoiStream):
    """Users of the organization (Users API, ``listUsers``). Personal data."""

    name = "users"
    reader = UsersReader.make
    primary_keys = ("id",)
    source = "GraphQL listUsers (Users API)"
    identity = frozenset({"id"})
    optional = frozenset({"phone_number"})
    schema = record_schema(
        text("id", f"The user's id; it may look like an email address. {PERSONAL}", key=True),
        text("email", f"Email address. {PERSONAL}"),
        text("given_name", f"Given name. {PERSONAL}"),
        text("family_name", f"Family name. {PERSONAL}"),
        text(
            "phone_number",
            f"Phone number; null where the Users API doesn't know the field. {PERSONAL}",
        ),
        extra_columns=False,
    )
