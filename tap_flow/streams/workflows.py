"""Workflows and their versions (guide 14)."""

from __future__ import annotations

from tap_flow import policies
from tap_flow.endpoints import Endpoint
from tap_flow.readers.lists import ListOf
from tap_flow.sources import guide, integrations
from tap_flow.stream import FlowStream, Nesting
from tap_kit.streams.fields import flag, integer, moment, structure, text, texts
from tap_kit.streams.schema import record_schema

WORKFLOWS = Endpoint(
    "/workflows/v2", "14.1", policies.WORKFLOW_READ, fields=frozenset({"workflowId"})
)


class Workflows(FlowStream):
    """Workflows, archived ones included; versions are a stream of their own (guide 14.1)."""

    name = "workflows"
    primary_keys = ("workflowId",)
    reader = ListOf(WORKFLOWS)
    other_replication_keys = changed_at = ("lastUpdated",)
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


class WorkflowVersions(FlowStream):
    """The versions of each workflow (guide 14.1)."""

    name = "workflow_versions"
    primary_keys = ("workflowId", "versionId")
    read_with = Workflows
    nesting = Nesting("versions", {"workflowId": "workflowId"})
    replicates_with = Workflows.name
    changed_at = ("uploaded",)
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
