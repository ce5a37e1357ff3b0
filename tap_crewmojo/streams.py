"""One stream per configured report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from tap_kit.streams.schema import record_schema
from tap_kit.streams.stream import RecordStream
from tap_kit.tables import ROW_ID, Column, ColumnType, RowShape
from tap_kit.tables.schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_crewmojo.settings import Report
    from tap_kit.errors import StreamError
    from tap_kit.streams.schema import Schema
    from tap_kit.tap import KitTap

OWN: Schema = record_schema(
    th.Property("report", th.StringType, description="Identifier of the report."),
    th.Property(
        "start_date",
        th.DateType,
        description="First day of the window that the row was asked for with.",
    ),
    th.Property(
        "end_date",
        th.DateType,
        description="Last day of that window, itself included; the run's day at most.",
    ),
    th.Property(
        ROW_ID,
        th.StringType,
        description=(
            "Hash over the report, the window's start_date, the row's columns and its number "
            "among equal rows of the window."
        ),
    ),
)
"""What the tap adds to the report's columns."""


class ReportStream(RecordStream):
    """Rows of a report.

    Attributes:
        report: Its settings.
        shape: Its columns, as discovery, the catalog and the settings know them.
        failure: Why discovery could not find its columns, if so: the stream can't be read then.
    """

    source = "POST /integrations/download/<report> (download API)"

    def __init__(
        self,
        tap: KitTap,
        report: Report,
        columns: Mapping[str, Column],
        failure: StreamError | None = None,
    ) -> None:
        """Take the columns; a primary key that is none of them is a column of text."""
        keys = {
            name: Column(ColumnType.STRING)
            for name in report.primary_keys
            if name not in OWN["properties"] and name not in columns
        }
        columns = {**columns, **keys}
        super().__init__(
            tap, name=report.stream, schema=table_schema(OWN, columns, report.primary_keys)
        )
        self.primary_keys = report.primary_keys
        self.replication_key = "end_date" if report.dated else None
        self.report = report
        self.shape = RowShape(columns, OWN["properties"])
        self.failure = failure
