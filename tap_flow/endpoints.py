"""The vendor's read endpoints: path, section of the guide, and what a token needs for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tap_flow import policies

if TYPE_CHECKING:
    from tap_flow.policies import Policy


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something to GET.

    Attributes:
        path: With ``{placeholders}``; slashes count.
        section: Of the developer guide.
        policy: None where any valid token will do.
        host: Whose base URL the path belongs to.
        wrapper: The member that holds the rows, where a list may come wrapped.
        fields: Of each object one at least of these; what has none of them is another answer.
        may_be_empty: Nor has an object without any members, where all may be left out.
    """

    path: str
    section: str
    policy: Policy | None = None
    host: Literal["accounts", "gateway"] = "gateway"
    wrapper: str | None = None
    fields: frozenset[str] = frozenset()
    may_be_empty: bool = False

    def __str__(self) -> str:
        """For documentation."""
        return f"GET {self.path} (guide {self.section})"


_JOB = frozenset({"jobId", "metadata"})
_USER = frozenset({"userId"})
_TEMPLATE = frozenset({"reportTemplateId"})
_COLLECTION = frozenset({"collectionId"})

JOBS = Endpoint("/jobs/v1/", "6.1", policies.JOB_READ_ALL, fields=_JOB)
MY_JOBS = Endpoint("/jobs/v1/my/", "6.6", policies.JOB_READ, fields=_JOB)
JOB = Endpoint("/jobs/v1/bson/{job_id}", "6.5", policies.JOB_READ, fields=_JOB)
JOB_SNAPSHOTS = Endpoint("/jobs/v1/snapshots/{client_job_id}", "6.3", policies.JOB_READ_ALL)
REPORT_URL = Endpoint("/reports/v1/generate/{client_job_id}", "8.1", policies.REPORTS_READ)
USERS = Endpoint("/api/team/user", "13.1", host="accounts", fields=_USER)
USER_PERMISSIONS = Endpoint(
    "/api/team/user/{user_id}/permissions",
    "13.4",
    policies.USER_PERMISSIONS_READ,
    host="accounts",
    fields=frozenset({"admin", "approver", "dataViewer", "editor", "executor", "modifier"}),
    may_be_empty=True,
)
GROUPS = Endpoint("/api/group", "5.1", host="accounts", fields=frozenset({"id"}))
# The guide prints the gateway; the documentation that it was made from and the vendor's own
# integrations say otherwise.
GROUP = Endpoint(
    "/api/group/{group_id}", "5.3", host="accounts", fields=frozenset({"groupId", "users"})
)
WORKFLOWS = Endpoint(
    "/workflows/v2", "14.1", policies.WORKFLOW_READ, fields=frozenset({"workflowId"})
)
SCHEDULED_JOBS = Endpoint("/scheduledjobs/v1", "10.1", policies.SCHEDULE_READ_ALL, fields=_JOB)
MY_SCHEDULED_JOBS = Endpoint("/scheduledjobs/v1/my", "10.3", policies.SCHEDULE_READ, fields=_JOB)
TRIGGERS = Endpoint("/trigger/v2", "12.1", policies.TRIGGER_READ, fields=frozenset({"triggerId"}))
REPORT_TEMPLATES = Endpoint("/reporttemplates/v1", "9.1", policies.REPORTS_CREATE, fields=_TEMPLATE)
REPORT_TEMPLATE_CONTENT = Endpoint(
    "/reporttemplates/v1/content/{report_template_id}",
    "9.2",
    policies.REPORTS_CREATE,
    fields=_TEMPLATE,
)
TEAM_SETTINGS = Endpoint(
    "/teamsettings/v1/",
    "11.4",
    policies.TEAM_SETTINGS_READ,
    fields=frozenset(
        {
            "AutoDeviceSignOut",
            "AutoDownload",
            "CheckDeviceTime",
            "DefaultTimezone",
            "DisableJobRestart",
            "DisableOldTemplates",
            "EnableJobNaming",
            "GoBackReason",
            "PermanentDataEdit",
            "RemoteExpertSolution",
            "Reports",
            "RequiresAbandonReason",
            "StoreDBOnExternalStorage",
            "SupportsOnsight",
            "WorkflowApproverMode",
        }
    ),
)
COLLECTIONS = Endpoint(
    "/collections/v1/collection", "4.2", wrapper="collections", fields=_COLLECTION
)
COLLECTION = Endpoint(
    "/collections/v1/collection/{collection_id}",
    "4.1",
    wrapper="collections",
    fields=_COLLECTION,
)
