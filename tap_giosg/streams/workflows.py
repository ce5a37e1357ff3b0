"""The streams of workflows: their definitions, what ``info/`` says of them, and their figures."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_giosg.backfill import tracks
from tap_giosg.readers.sidedata import SidedataReader
from tap_giosg.readers.workflows import DefinitionsReader, InfoReader
from tap_giosg.streams.base import INTERVAL_END, DiscoveredStream
from tap_kit.streams.schema import OpenObject, record_schema
from tap_kit.streams.stream import RecordStream


class Workflows(RecordStream):
    """The organization's reporting workflows: their definitions."""

    name = "workflows"
    reader = DefinitionsReader.make
    primary_keys = ("id",)
    source = (
        "GET /api/objectives/v1/orgs/<organization_id>/workflows (workflow reporting, "
        "conversational reporting)"
    )
    schema = record_schema(
        th.Property("id", th.StringType, required=True, description="UUID of the workflow."),
        th.Property("organization_id", th.StringType, description="UUID of its organization."),
        th.Property("created_by_user", th.StringType, description="UUID of who made it."),
        th.Property("updated_by_user", th.StringType, description="UUID of who changed it last."),
        th.Property("name", th.StringType, description="Name in giosg's console."),
        th.Property("description", th.StringType, description="Free text."),
        th.Property(
            "created_at",
            th.DateTimeType,
            description="When it was made (conversational reporting only).",
        ),
        th.Property(
            "modified_at",
            th.DateTimeType,
            description="Last change (conversational reporting only).",
        ),
    )


class WorkflowInfo(RecordStream):
    """What kind of workflow each one is, and when its events are."""

    name = "workflow_info"
    reader = InfoReader.make
    primary_keys = ("id",)
    source = "GET …/workflows/<workflow_id>/info/ (workflow info)"
    schema = record_schema(
        th.Property("id", th.StringType, required=True, description="UUID of the workflow."),
        th.Property("org_id", th.StringType, description="UUID of its organization."),
        th.Property(
            "type",
            th.StringType,
            description="giosg-default, interaction or user-generated.",
        ),
        th.Property("name", th.StringType, description="Name in giosg's console."),
        th.Property("description", th.StringType, description="Free text."),
        th.Property("modified_at", th.DateTimeType, description="Last change of the definition."),
        th.Property("is_published", th.BooleanType, description="Published, or a draft."),
        th.Property(
            "start_date",
            th.StringType,
            description="Date of the first event, as giosg writes it; null without events.",
        ),
        th.Property(
            "end_date",
            th.StringType,
            description="Date of the last event, as giosg writes it; null without events.",
        ),
    )


class WorkflowSidedata(DiscoveredStream):
    """Figures of a workflow by window.

    The documented fields are those of page-navigation workflows. What interaction workflows have
    in their place is not documented; discovery finds it.
    """

    name = "workflow_sidedata"
    reader = SidedataReader.make
    backfill = staticmethod(tracks)
    primary_keys = ("workflow_id", "interval_start")
    source = "POST …/workflows/<workflow_id>/sidedata/ (workflow sidedata)"
    own = record_schema(
        th.Property("workflow_id", th.StringType, required=True, description="UUID."),
        th.Property(
            "interval_start",
            th.DateTimeType,
            required=True,
            description="Where the window begins; UTC.",
        ),
        INTERVAL_END,
        th.Property(
            "timeframe_stat",
            OpenObject,
            description=(
                "day_in_week and/or hour_in_day, depending on the window's length: pairs of value "
                "and index; weekdays 1-7, hours 0-23."
            ),
        ),
        th.Property("unique_visitors_count", th.NumberType, description="Different visitors."),
        th.Property("unique_sessions_count", th.NumberType, description="Different sessions."),
    )
