"""All streams of the tap, in the order of discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow.streams.collections import CollectionRecords, Collections
from tap_flow.streams.completed_jobs import QUERY_STREAMS
from tap_flow.streams.jobs import JobDetails, JobReportUrls, Jobs, JobSnapshots
from tap_flow.streams.people import Groups, QueryUsers, UserPermissions, Users
from tap_flow.streams.reports import ReportTemplateContents, ReportTemplates, TeamSettings
from tap_flow.streams.scheduler import ScheduledJobs, ScheduledJobTasks
from tap_flow.streams.workflows import Triggers, Workflows, WorkflowVersions

if TYPE_CHECKING:
    from tap_kit.streams.stream import RecordStream

GRAPHQL_STREAMS: tuple[type[RecordStream], ...] = (*QUERY_STREAMS, QueryUsers)
"""What a query key alone may read."""

REST_STREAMS: tuple[type[RecordStream], ...] = (
    Jobs,
    JobDetails,
    JobSnapshots,
    JobReportUrls,
    Users,
    UserPermissions,
    Groups,
    Workflows,
    WorkflowVersions,
    ScheduledJobs,
    ScheduledJobTasks,
    Triggers,
    ReportTemplates,
    ReportTemplateContents,
    TeamSettings,
    Collections,
    CollectionRecords,
)
