"""What a token needs for each read endpoint: a scope and a permission (guide 2.2).

The same table explains a 403 to the person who has to change the client's registration.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

SCOPE_PREFIX: Final = "https://www.flow.librestream.com/auth/"
PREFIXES: Final = (SCOPE_PREFIX, "https://www.workfloplus.com/auth/")
"""The guide's, and that of the documentation that it was made from."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of the guide, chapter 2.4.

    Attributes:
        name: With the section of the guide that defines it.
        scopes: A token needs one of them; in a registration they begin with
            :data:`SCOPE_PREFIX`.
        permissions: A token needs one of them, too.
    """

    name: str
    scopes: tuple[str, ...]
    permissions: tuple[str, ...]

    def explain(self, status: int, _: str) -> str | None:
        """Return what a 403 asks for: the policy, its scopes and its permissions."""
        if status != HTTPStatus.FORBIDDEN:
            return None
        scopes = " or ".join(SCOPE_PREFIX + scope for scope in self.scopes)
        return (
            f"This needs policy {self.name}: scope {scopes}, and permission "
            f"{' or '.join(self.permissions)}"
        )


_ADMINS = ("OWNER", "ADMIN")
_EDITORS = (*_ADMINS, "EDITOR")
_APPROVERS = (*_EDITORS, "APPROVER")

QUERY_READ = Policy("Query_Read (guide 2.4.6)", ("query.read", "query.admin"), _ADMINS)
JOB_READ_ALL = Policy(
    "Job_ReadAll (guide 2.4.4)", ("job.read_all", "job.modify", "job.admin"), _ADMINS
)
JOB_READ = Policy("Job_Read (guide 2.4.3)", ("job.read", "job.read_all", "job.admin"), _ADMINS)
REPORTS_READ = Policy(
    "Reports_Read (guide 2.4.10)", ("reports.read", "reports.create", "reports.admin"), _EDITORS
)
REPORTS_CREATE = Policy(
    "Reports_Create (guide 2.4.8)", ("reports.create", "reports.admin"), _EDITORS
)
SCHEDULE_READ_ALL = Policy(
    "Schedule_ReadAll (guide 2.4.13)", ("schedule.read_all", "schedule.admin"), _ADMINS
)
SCHEDULE_READ = Policy(
    "Schedule_Read (guide 2.4.12)",
    ("schedule.read", "schedule.read_all", "schedule.admin"),
    _ADMINS,
)
TEAM_SETTINGS_READ = Policy(
    "TeamSettings_Read (guide 2.4.17)", ("teamsettings.read", "teamsettings.admin"), _APPROVERS
)
TRIGGER_READ = Policy("Trigger_Read (guide 2.4.20)", ("trigger.read", "trigger.admin"), _ADMINS)
USER_PERMISSIONS_READ = Policy(
    # The guide prints Trigger_Admin, the documentation that it was made from Team_Admin.
    "Trigger_Admin (guide 2.4.18) or Team_Admin (guide 2.4.15)",
    ("trigger.admin", "team.admin"),
    _ADMINS,
)
WORKFLOW_READ = Policy(
    "Workflow_Read (guide 2.4.27)",
    ("workflow.read", "workflow.execute", "workflow.admin", "spoke.client"),
    (*_APPROVERS, "SPOKE"),
)

SCOPES: Final = frozenset(
    scope
    for policy in (
        QUERY_READ,
        JOB_READ_ALL,
        JOB_READ,
        REPORTS_READ,
        REPORTS_CREATE,
        SCHEDULE_READ_ALL,
        SCHEDULE_READ,
        TEAM_SETTINGS_READ,
        TRIGGER_READ,
        USER_PERMISSIONS_READ,
        WORKFLOW_READ,
    )
    for scope in policy.scopes
)
"""All scopes that open a read endpoint."""
