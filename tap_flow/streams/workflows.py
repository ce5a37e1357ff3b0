"""Workflows, their versions, and what jobs set off (guide 12 and 14)."""

from __future__ import annotations

from tap_flow.endpoints import TRIGGERS, WORKFLOWS
from tap_flow.sources import guide, integrations, sample
from tap_kit.streams.fields import flag, integer, mapping, moment, structure, text, texts
from tap_kit.streams.schema import record_schema
from tap_kit.streams.stream import RecordStream


class Workflows(RecordStream):
    """Workflows, archived ones included; versions are a stream of their own (guide 14.1)."""

    name = "workflows"
    primary_keys = ("workflowId",)
    source = str(WORKFLOWS)
    schema = record_schema(
        *guide(
            "14.1",
            text("workflowId", "Id of the workflow.", key=True),
            moment("created", "When it was made."),
            moment("lastUpdated", "When it was last changed."),
            text("teamName", "Team that it belongs to."),
            text("activeVersionId", "The published version; null where there is none."),
            text("name", "Name of the workflow."),
            text("description", "Description of the workflow."),
            flag("isArchived", "Whether it is archived."),
            texts("liveObjectIds", "Users and groups that may run it; none means everyone."),
        ),
        *integrations(
            text("workflowIdForDraft", "The workflow's draft."),
            text("workflowIdForApproval", "The workflow while it awaits approval."),
            flag("approvalsMigrated", "Whether its approvals were migrated."),
        ),
    )


class WorkflowVersions(RecordStream):
    """The versions of each workflow (guide 14.1)."""

    name = "workflow_versions"
    primary_keys = ("workflowId", "versionId")
    source = str(WORKFLOWS)
    secret_fields = ("downloadSignature",)
    schema = record_schema(
        *guide(
            "14.1",
            text("workflowId", "Id of the workflow.", key=True),
            text("versionId", "Id of the version.", key=True),
            integer("version", "Number of the version."),
            text("fileReference", "Id of the version's file."),
            integer("fileSize", "Length in bytes."),
            moment("uploaded", "When it was uploaded."),
            text("authorId", "Id of the user who uploaded it."),
            text("authorName", "Name of that user; personal data."),
            flag("isArchived", "Whether it is archived."),
        ),
        *integrations(
            text("versionNotes", "Notes on the version."),
            text("mode", "Such as Live."),
            structure("approvals", "Who approved it."),
            text("downloadSignature", "A credential; null unless include_secrets."),
            moment("downloadSignatureExpiry", "When that credential ends."),
        ),
    )


class Triggers(RecordStream):
    """What happens when jobs are done: mails and calls (guide 12.1)."""

    name = "triggers"
    primary_keys = ("triggerId",)
    source = str(TRIGGERS)
    secret_fields = ("triggerOptions.*",)
    schema = record_schema(
        *guide(
            "12.1",
            text("triggerId", "Id of the trigger.", key=True),
            moment("created", "When it was made."),
            moment("updated", "When it was last changed."),
            text("name", "Name of the trigger."),
            text("description", "Description of the trigger."),
            texts("templateTags", "Tags of the workflows that it acts on."),
        ),
        *sample(
            "12.1",
            texts("objectIds", "Users or groups that it acts on."),
            texts("templateIds", "Workflows that it acts on."),
        ),
        *guide(
            "12.1",
            text("triggerType", "Such as Email."),
            mapping("triggerOptions", "Options by name; values are null unless include_secrets."),
            text("reportTemplateId", "Template of the report that it sends."),
            text("pdfRequirement", "Such as FullImages or NotRequired."),
            flag("disabled", "Whether it is switched off."),
            flag("archived", "Whether it is archived."),
        ),
    )
