"""Users as the Query API has them (guide 3.7.7)."""

from __future__ import annotations

from tap_flow.readers.lists import QueryOf
from tap_flow.sources import guide
from tap_flow.stream import FlowStream
from tap_kit.streams.fields import items, text
from tap_kit.streams.schema import record_schema


class QueryUsers(FlowStream):
    """Users with their groups, from the Query API (guide 3.7.7)."""

    name = "query_users"
    primary_keys = ("emailAddress",)
    reader = QueryOf("users", "3.7.7")
    schema = record_schema(
        *guide(
            "3.7.7",
            text("emailAddress", "E-mail address of the user; personal data.", key=True),
            text("name", "Name of the user; personal data."),
            items("userGroups", "The user's groups.", text("name", "Name of the group.")),
        ),
        extra_columns=False,
    )
