"""The streams of event rows: an envelope, with the vendor's columns beside it."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_giosg.backfill import tracks
from tap_giosg.event_series import GoalSeries, StepSeries
from tap_giosg.readers.events import EventReader
from tap_giosg.streams.base import INTERVAL_END, INTERVAL_START, EventStream
from tap_kit.streams.schema import Schema, record_schema
from tap_kit.tables import ROW_ID


def _event_rows(*step: th.Property[Any]) -> Schema:
    return record_schema(
        th.Property("organization_id", th.StringType, description="UUID of the organization."),
        th.Property("workflow_id", th.StringType, description="UUID of the workflow."),
        *step,
        th.Property("target", th.StringType, description="Which kind of rows was asked for."),
        INTERVAL_START,
        INTERVAL_END,
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
    reader = EventReader.make
    backfill = staticmethod(tracks)
    series = GoalSeries
    source = "POST …/workflows/<workflow_id>/source_data (workflow source data)"
    own = _event_rows()


class StepSourceData(EventStream):
    """The events behind each step of each workflow."""

    name = "step_source_data"
    reader = EventReader.make
    backfill = staticmethod(tracks)
    series = StepSeries
    source = (
        "POST …/workflows/<workflow_id>/step/<step_index>[/download/] (workflow step source data "
        "and its download)"
    )
    own = _event_rows(
        th.Property("step_index", th.IntegerType, description="Number of the step, from 1."),
    )
