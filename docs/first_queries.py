"""A first question to each stream's table, in SQL that PostgreSQL and DuckDB both take.

Names of mixed case stand in quotes, as PostgreSQL wants them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FLOW: Mapping[str, str] = {
    "completed_jobs": """
select "workflowTitle", count(*) as jobs, round(avg("totalDuration") / 60) as minutes
from tap_flow.completed_jobs
group by 1 order by jobs desc""",
    "job_steps": """
select "stepTitle", count(*) as times, round(avg("activeDuration")) as seconds
from tap_flow.job_steps
where not "isCancelled"
group by 1 order by seconds desc""",
    "job_substeps": """
select "stepTitle", value, count(*) as times
from tap_flow.job_substeps
group by 1, 2 order by times desc""",
    "job_attachments": """
select "mimeType", count(*) as files, sum("fileSize") / 1000000 as megabytes
from tap_flow.job_attachments
group by 1 order by files desc""",
    "job_attachment_thumbnails": """
select name, count(*) as files, max(width) as widest
from tap_flow.job_attachment_thumbnails
group by 1 order by files desc""",
    "job_reports": """
select "templateName", count(*) as reports, max(generated) as latest
from tap_flow.job_reports
group by 1 order by reports desc""",
    "query_users": """
select name, "emailAddress"
from tap_flow.query_users
order by name""",
    "jobs": """
select team, count(*) as jobs
from tap_flow.jobs
group by 1 order by jobs desc""",
    "job_details": """
select "jobId", "completedSteps", "cancelledSteps"
from tap_flow.job_details""",
    "job_snapshots": """
select "clientJobId", snapshots
from tap_flow.job_snapshots""",
    "job_report_urls": """
select "clientJobId", "reportUrl"
from tap_flow.job_report_urls""",
    "users": """
select name, "emailAddress", created
from tap_flow.users
where not locked
order by created desc""",
    "user_permissions": """
select users.name, permissions.admin, permissions.editor, permissions.approver
from tap_flow.user_permissions as permissions
join tap_flow.users on users."userId" = permissions."userId"
order by users.name""",
    "groups": """
select name, users, permissions
from tap_flow.groups
order by name""",
    "workflows": """
select name, "lastUpdated"
from tap_flow.workflows
where not "isArchived"
order by "lastUpdated" desc""",
    "workflow_versions": """
select workflows.name, max(versions.version) as version, max(versions.uploaded) as uploaded
from tap_flow.workflow_versions as versions
join tap_flow.workflows on workflows."workflowId" = versions."workflowId"
group by 1 order by uploaded desc""",
    "scheduled_jobs": """
select name, state, "dueByDate"
from tap_flow.scheduled_jobs
where state <> 'Completed' and "dueByDate" < current_timestamp
order by "dueByDate\"""",
    "scheduled_job_tasks": """
select scheduled.name, count(*) as tasks, count(tasks."jobId") as begun
from tap_flow.scheduled_job_tasks as tasks
join tap_flow.scheduled_jobs as scheduled on scheduled."scheduledJobId" = tasks."scheduledJobId"
group by 1 order by tasks desc""",
    "triggers": """
select name, "triggerType", "pdfRequirement"
from tap_flow.triggers
where not disabled and not archived
order by name""",
    "report_templates": """
select name, "isDefault", "lastUpdated"
from tap_flow.report_templates
where not "isArchived"
order by "lastUpdated" desc""",
    "report_template_contents": """
select name, length("bodyContent") as characters
from tap_flow.report_template_contents
order by characters desc""",
    "team_settings": """
select "DefaultTimezone", "EnableJobNaming", "DisableJobRestart"
from tap_flow.team_settings""",
    "collections": """
select name, "recordCount", "dataLastChanged"
from tap_flow.collections
order by "dataLastChanged" desc""",
    "collection_records": """
select collections.name, records."recordNumber", records.values
from tap_flow.collection_records as records
join tap_flow.collections on collections."collectionId" = records."collectionId"
order by collections.name, records."recordNumber\"""",
    "files": """
select stream, count(*) as files, sum(size) / 1000000 as megabytes
from tap_flow.files
group by 1 order by files desc""",
}

GIOSG: Mapping[str, str] = {
    "workflows": """
select name, description, modified_at
from tap_giosg.workflows
order by name""",
    "workflow_info": """
select name, type, start_date, end_date
from tap_giosg.workflow_info
where is_published
order by name""",
    "workflow_sidedata": """
select workflows.name, sidedata.interval_start, sidedata.unique_visitors_count as visitors
from tap_giosg.workflow_sidedata as sidedata
join tap_giosg.workflows on workflows.id = sidedata.workflow_id
order by workflows.name, sidedata.interval_start""",
    "source_data": """
select workflow_id, target, count(*) as goals
from tap_giosg.source_data
group by 1, 2 order by goals desc""",
    "step_source_data": """
select workflows.name, events.step_index, count(*) as events
from tap_giosg.step_source_data as events
join tap_giosg.workflows on workflows.id = events.workflow_id
where events.target = 'default'
group by 1, 2 order by 1, 2""",
}

XOI: Mapping[str, str] = {
    "jobs": """
select "customerName", count(*) as jobs, count("completedAt") as completed
from tap_xoi.jobs
group by 1 order by jobs desc""",
    "documentation": """
select "workflowName", "stepName", count(*) as items
from tap_xoi.documentation
group by 1, 2 order by items desc""",
    "webhook_history": """
select event, count(*) as events, max("firedAt") as latest
from tap_xoi.webhook_history
group by 1 order by events desc""",
    "workflow_job_reports": """
select "workflowName", count(*) as reports, max("completedAt") as latest
from tap_xoi.workflow_job_reports
group by 1 order by reports desc""",
    "workflow_job_step_values": """
select reference_key, unit, count(*) as readings, avg(value_number) as mean
from tap_xoi.workflow_job_step_values
where value_type = 'number'
group by 1, 2 order by readings desc""",
    "users": """
select given_name, family_name, email
from tap_xoi.users
order by family_name""",
    "content": """
select "mediaType", count(*) as files, sum("lengthBytes") / 1000000 as megabytes
from tap_xoi.content
group by 1 order by files desc""",
}

QUERIES: Mapping[str, Mapping[str, str]] = {"tap-flow": FLOW, "tap-giosg": GIOSG, "tap-xoi": XOI}
