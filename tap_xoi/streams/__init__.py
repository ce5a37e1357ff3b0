"""All streams of the tap, in the order of discovery and of emission."""

from __future__ import annotations

from tap_xoi.streams.lists import Documentation, Jobs, Users, WebhookHistory
from tap_xoi.streams.reports import WorkflowJobReports, WorkflowJobStepValues

STREAMS = (
    Jobs,
    Documentation,
    WebhookHistory,
    WorkflowJobReports,
    WorkflowJobStepValues,
    Users,
)
