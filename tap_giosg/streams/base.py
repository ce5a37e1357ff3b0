"""What streams whose columns discovery finds have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from singer_sdk import typing as th

from tap_kit.streams.stream import RecordStream
from tap_kit.tables import ROW_ID, TableShape
from tap_kit.tables.schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_giosg.event_series import SeriesOf
    from tap_kit.errors import StreamError
    from tap_kit.streams.schema import Schema
    from tap_kit.tables import Column
    from tap_kit.tap import KitTap

INTERVAL_START = th.Property(
    "interval_start",
    th.DateTimeType,
    description="Where the window begins that the row was asked for with; UTC.",
)
INTERVAL_END = th.Property(
    "interval_end",
    th.DateTimeType,
    description="Where that window ends: a whole one, or at the run's start or end_date; UTC.",
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


class EventStream(DiscoveredStream):
    """Event rows: an envelope, and the vendor's columns beside it.

    Attributes:
        series: Which series of rows a workflow has.
        shape: What its records look like.
    """

    series: ClassVar[type[SeriesOf]]
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
        self.shape = TableShape(known.columns, self.own["properties"], identity)
