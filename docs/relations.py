"""How streams belong together: which column holds another stream's key, and where both stand.

No vendor documents these as constraints. They follow from names and samples, so a warehouse should
join by them and not enforce them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Relation:
    """A column that holds another stream's.

    Attributes:
        child: Stream and column, ``stream.column``; ``[]`` follows a list's name.
        parent: Stream and column that it refers to.
        single: Whether a parent has at most one child.
    """

    child: str
    parent: str
    single: bool = False

    @property
    def child_stream(self) -> str:
        """The stream that refers."""
        return self.child.partition(".")[0]

    @property
    def parent_stream(self) -> str:
        """The stream that is referred to."""
        return self.parent.partition(".")[0]


@dataclass(frozen=True)
class Model:
    """The picture of a tap's streams.

    Attributes:
        layout: Streams by column of the picture, from left to right, each from the top down.
        relations: What is drawn, where both are neighbours, and told in the table.
    """

    layout: Sequence[Sequence[str]]
    relations: Sequence[Relation]

    @property
    def streams(self) -> set[str]:
        """All streams of the picture."""
        return {name for column in self.layout for name in column}


FLOW = Model(
    layout=(
        ("job_substeps", "job_attachment_thumbnails", "files"),
        (
            "job_steps",
            "job_attachments",
            "job_reports",
            "job_details",
            "job_snapshots",
            "job_report_urls",
            "scheduled_job_tasks",
            "report_template_contents",
            "triggers",
            "collection_records",
        ),
        ("completed_jobs", "jobs", "scheduled_jobs", "report_templates", "collections"),
        (
            "workflow_versions",
            "workflows",
            "users",
            "groups",
            "user_permissions",
            "query_users",
            "team_settings",
        ),
    ),
    relations=(
        Relation("job_substeps.parentUniqueStepId", "job_steps.uniqueStepId"),
        Relation("job_attachment_thumbnails.attachmentId", "job_attachments.attachmentId"),
        Relation("job_steps.jobId", "completed_jobs.jobId"),
        Relation("job_attachments.jobId", "completed_jobs.jobId"),
        Relation("job_attachments.uniqueStepId", "job_steps.uniqueStepId"),
        Relation("job_reports.jobId", "completed_jobs.jobId"),
        Relation("job_details.jobId", "jobs.jobId", single=True),
        Relation("job_snapshots.clientJobId", "jobs.metadata.clientJobId", single=True),
        Relation("job_report_urls.clientJobId", "jobs.metadata.clientJobId", single=True),
        Relation("scheduled_job_tasks.scheduledJobId", "scheduled_jobs.scheduledJobId"),
        Relation("scheduled_job_tasks.jobId", "jobs.jobId", single=True),
        Relation("scheduled_job_tasks.artifactId", "workflows.workflowId"),
        Relation("completed_jobs.jobId", "jobs.jobId", single=True),
        Relation("completed_jobs.workflowVersionId", "workflow_versions.versionId"),
        Relation("completed_jobs.workflowId", "workflows.workflowId"),
        Relation("completed_jobs.userId", "users.userId"),
        Relation("jobs.metadata.workflowId", "workflows.workflowId"),
        Relation("jobs.metadata.userId", "users.userId"),
        Relation("workflow_versions.workflowId", "workflows.workflowId"),
        Relation("scheduled_jobs.assignedUserIds", "users.userId"),
        Relation("groups.users", "users.userId"),
        Relation("user_permissions.userId", "users.userId", single=True),
        Relation("query_users.emailAddress", "users.emailAddress", single=True),
        Relation(
            "report_template_contents.reportTemplateId",
            "report_templates.reportTemplateId",
            single=True,
        ),
        Relation("triggers.reportTemplateId", "report_templates.reportTemplateId"),
        Relation("triggers.templateIds", "workflows.workflowId"),
        Relation("collection_records.collectionId", "collections.collectionId"),
    ),
)

GIOSG = Model(
    layout=(
        ("source_data", "step_source_data", "workflow_sidedata"),
        ("workflows", "workflow_info"),
    ),
    relations=(
        Relation("source_data.workflow_id", "workflows.id"),
        Relation("step_source_data.workflow_id", "workflows.id"),
        Relation("workflow_sidedata.workflow_id", "workflows.id"),
        Relation("workflow_info.id", "workflows.id", single=True),
    ),
)

XOI = Model(
    layout=(
        ("webhook_history", "documentation", "workflow_job_step_values"),
        ("jobs", "workflow_job_reports"),
        ("users", "content"),
    ),
    relations=(
        Relation("webhook_history.jobId", "jobs.id"),
        Relation("documentation.jobId", "jobs.id"),
        Relation("documentation.contentId", "content.id"),
        Relation("documentation.workflowId", "workflow_job_reports.workflowJobId"),
        Relation("webhook_history.workflowId", "workflow_job_reports.workflowJobId"),
        Relation("workflow_job_step_values.workflowJobId", "workflow_job_reports.workflowJobId"),
        Relation("workflow_job_reports.jobId", "jobs.id"),
        Relation("jobs.assigneeIds", "users.id"),
        Relation("jobs.createdBy", "users.id"),
        Relation("jobs.completedBy", "users.id"),
    ),
)

MODELS = {"tap-flow": FLOW, "tap-giosg": GIOSG, "tap-xoi": XOI}
