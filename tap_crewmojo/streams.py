"""One stream per configured report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_crewmojo.backfill import tracks
from tap_crewmojo.readers import ReportReader
from tap_crewmojo.report import ENVELOPE
from tap_kit.streams.stream import RecordStream
from tap_kit.tables import Column, ColumnType, TableShape
from tap_kit.tables.schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_crewmojo.report import Report
    from tap_kit.errors import StreamError
    from tap_kit.tap import KitTap


class ReportStream(RecordStream):
    """Rows of a report.

    Attributes:
        report: Its settings.
        shape: Its columns, as discovery, the catalog and the settings know them.
        failure: Why discovery could not find its columns, if so: the stream can't be read then.
    """

    reader = ReportReader.make
    backfill = staticmethod(tracks)
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
            if name not in ENVELOPE["properties"] and name not in columns
        }
        columns = {**columns, **keys}
        super().__init__(
            tap, name=report.stream, schema=table_schema(ENVELOPE, columns, report.primary_keys)
        )
        self.primary_keys = report.primary_keys
        self.replication_key = "end_date" if report.dated else None
        self.report = report
        self.shape = TableShape(columns, ENVELOPE["properties"])
        self.failure = failure
