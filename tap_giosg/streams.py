"""The five streams: keys, columns, and where they come from in giosg's documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_kit.streams.schema import OpenObject, Schema, record_schema
from tap_kit.streams.stream import RecordStream
from tap_kit.tables import ROW_ID, Column, RowShape
from tap_kit.tables.schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_kit.errors import StreamError
    from tap_kit.tap import KitTap

_INTERVAL_START = th.Property(
    "interval_start",
    th.DateTimeType,
    description="Where the window begins that the row was asked for with; UTC.",
)
_INTERVAL_END = th.Property(
    "interval_end",
    th.DateTimeType,
    description="Where that window ends: a whole one, or at the run's start or end_date; UTC.",
)


class Workflows(RecordStream):
    """The organization's reporting workflows: their definitions."""

    name = "workflows"
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


@dataclass(frozen=True, slots=True)
class Discovered:
    """What is known of a stream's vendor columns.

    Attributes:
        columns: By name.
        failure: Why they could not be found.
    """

    columns: Mapping[str, Column]
    failure: StreamError | None = None


class DiscoveredStream(RecordStream):
    """A stream whose vendor columns are found by samples.

    Attributes:
        failure: Why discovery could not find them, if so: the stream can't be read then, since rows
            would get other ids than with them.
    """

    name = ""
    replication_key = "interval_end"
    own: ClassVar[Schema]
    """What the tap adds to each record, and what giosg documents."""

    def __init__(self, tap: KitTap, known: Discovered) -> None:
        """Take the columns that discovery or the catalog knows."""
        super().__init__(tap, schema=table_schema(self.own, known.columns))
        self.failure = known.failure


class WorkflowSidedata(DiscoveredStream):
    """Figures of a workflow by window.

    The documented fields are those of page-navigation workflows. What interaction workflows have
    in their place is not documented; discovery finds it.
    """

    name = "workflow_sidedata"
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
        _INTERVAL_END,
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


class EventStream(DiscoveredStream):
    """Event rows: an envelope, and the vendor's columns beside it.

    Attributes:
        shape: What its records look like.
    """

    primary_keys = (ROW_ID,)

    def __init__(self, tap: KitTap, known: Discovered) -> None:
        """Find out which columns make a row's identity."""
        super().__init__(tap, known)
        chosen = tap.config.get("row_id_columns") or ()
        unknown = [name for name in chosen if name not in known.columns]
        if unknown and known.columns:
            self.logger.warning(
                "stream %s has no column %s, which row_id_columns names",
                self.name,
                ", ".join(unknown),
            )
        identity = [name for name in chosen if name in known.columns]
        self.shape = RowShape(known.columns, self.own["properties"], identity)


def _event_rows(*step: th.Property[Any]) -> Schema:
    return record_schema(
        th.Property("organization_id", th.StringType, description="UUID of the organization."),
        th.Property("workflow_id", th.StringType, description="UUID of the workflow."),
        *step,
        th.Property("target", th.StringType, description="Which kind of rows was asked for."),
        _INTERVAL_START,
        _INTERVAL_END,
        th.Property(
            ROW_ID,
            th.StringType,
            required=True,
            description=(
                "Hash over workflow, step, target, the row's columns and its number among equal "
                "rows of the window."
            ),
        ),
    )


class SourceData(EventStream):
    """Outer-goal events of interaction workflows."""

    name = "source_data"
    source = "POST …/workflows/<workflow_id>/source_data (workflow source data)"
    own = _event_rows()


class StepSourceData(EventStream):
    """The events behind each step of each workflow."""

    name = "step_source_data"
    source = (
        "POST …/workflows/<workflow_id>/step/<step_index>[/download/] (workflow step source data "
        "and its download)"
    )
    own = _event_rows(
        th.Property("step_index", th.IntegerType, description="Number of the step, from 1."),
    )
