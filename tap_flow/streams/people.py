"""Users and groups (guide 5 and 13)."""

from __future__ import annotations

from tap_flow import policies
from tap_flow.endpoints import Endpoint
from tap_flow.readers.details import DetailsOf, Ids
from tap_flow.readers.lists import ListOf
from tap_flow.sources import guide
from tap_flow.stream import FlowStream
from tap_kit.streams.fields import flag, mapping, moment, text, texts
from tap_kit.streams.schema import record_schema

USERS = Endpoint("/api/team/user", "13.1", host="accounts", fields=frozenset({"userId"}))
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
# integrations say otherwise (docs: taps/flow/facts#group-host).
_GROUP = frozenset({"groupId", "users"})
GROUP = Endpoint(
    "/api/group/{group_id}",
    "5.3",
    host="accounts",
    fields=_GROUP,
    elsewhere=Endpoint("/group/{group_id}", "5.3", fields=_GROUP),
)


class Users(FlowStream):
    """Users of the team (guide 13.1)."""

    name = "users"
    primary_keys = ("userId",)
    reader = ListOf(USERS)
    schema = record_schema(
        *guide(
            "13.1",
            text("userId", "Id of the user.", key=True),
            text("username", "Name to log in with; personal data."),
            text("emailAddress", "E-mail address; personal data."),
            text("name", "Name of the person; personal data."),
            moment("created", "When the user was made."),
            flag("locked", "Whether the user is locked out."),
        )
    )


class UserPermissions(FlowStream):
    """What each user may do; what is not granted may be absent (guide 13.4)."""

    name = "user_permissions"
    primary_keys = ("userId",)
    reader = DetailsOf(USER_PERMISSIONS, ids=Ids(USERS, "userId"), id_column="userId")
    selected_by_default = False
    schema = record_schema(
        *guide(
            "13.4",
            text("userId", "Id of the user.", key=True),
            flag("admin", "May administer the team."),
            flag("approver", "May approve workflows."),
            flag("dataViewer", "May see the data of jobs."),
            flag("editor", "May edit workflows."),
            flag("executor", "May work through jobs."),
            flag("modifier", "May change the data of jobs."),
        )
    )


class Groups(FlowStream):
    """Groups with their members and permissions (guide 5.3)."""

    name = "groups"
    primary_keys = ("groupId",)
    reader = DetailsOf(GROUP, ids=Ids(GROUPS, "id"))
    schema = record_schema(
        *guide(
            "5.3",
            text("groupId", "Id of the group.", key=True),
            text("teamName", "Team that the group belongs to."),
            text("name", "Name of the group."),
            text("lowercaseName", "The same in lower case."),
            moment("created", "When the group was made."),
            texts("users", "Ids of the members."),
            mapping("permissions", "What the group grants: true by name of the permission."),
        )
    )
