"""Users and groups (guide 3.7.7, 5 and 13)."""

from __future__ import annotations

from tap_flow.endpoints import GROUP, GROUPS, USER_PERMISSIONS, USERS
from tap_flow.sources import guide
from tap_kit.streams.fields import flag, items, mapping, moment, text, texts
from tap_kit.streams.schema import record_schema
from tap_kit.streams.stream import RecordStream


class QueryUsers(RecordStream):
    """Users with their groups, from the Query API (guide 3.7.7)."""

    name = "query_users"
    primary_keys = ("emailAddress",)
    source = "GraphQL users (guide 3.7.7)"
    schema = record_schema(
        *guide(
            "3.7.7",
            text("emailAddress", "E-mail address of the user; personal data.", key=True),
            text("name", "Name of the user; personal data."),
            items("userGroups", "The user's groups.", text("name", "Name of the group.")),
        ),
        extra_columns=False,
    )


class Users(RecordStream):
    """Users of the team (guide 13.1)."""

    name = "users"
    primary_keys = ("userId",)
    source = str(USERS)
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


class UserPermissions(RecordStream):
    """What each user may do; what is not granted may be absent (guide 13.4)."""

    name = "user_permissions"
    primary_keys = ("userId",)
    source = str(USER_PERMISSIONS)
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


class Groups(RecordStream):
    """Groups with their members and permissions (guide 5.3)."""

    name = "groups"
    primary_keys = ("groupId",)
    source = f"{GROUPS}, {GROUP}"
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
