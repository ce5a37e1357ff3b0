"""One configured report, and what the tap adds to its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_kit.streams.schema import Schema, record_schema
from tap_kit.tables import ROW_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_kit.time.period import Period
    from tap_kit.time.windows import Length

_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]+")

ENVELOPE: Schema = record_schema(
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


@dataclass(frozen=True, slots=True)
class Report:
    """One item of the setting ``reports``.

    Attributes:
        identifier: As Crewmojo gives it out.
        stream: Name of its stream.
        primary_keys: Columns or names of the envelope.
        dated: Whether it is requested by date.
        window: Days of one request; None: the tap's.
        lookback: How far before the bookmark to read again; None: the tap's.
        format: ``json`` or ``csv``.
        columns: Declared types by column.
    """

    identifier: str
    stream: str
    primary_keys: tuple[str, ...]
    dated: bool
    window: Length | None
    lookback: timedelta | None
    format: str
    columns: Mapping[str, str]

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Report:
        """Read an item of the setting; a member that is missing or null has its default."""
        given = {name: value for name, value in item.items() if value is not None}
        identifier = given["report"]
        lookback = given.get("lookback_days")
        return cls(
            identifier=identifier,
            stream=given.get("name", _NOT_ALPHANUMERIC.sub("_", identifier)),
            primary_keys=tuple(given.get("primary_keys", (ROW_ID,))),
            dated=given.get("date_range", True),
            window=given.get("window"),
            lookback=None if lookback is None else timedelta(days=lookback),
            format=given.get("format", "json"),
            columns=given.get("columns", {}),
        )

    def period(self, period: Period) -> Period:
        """Return the report's period: its own settings, else the tap's."""
        return replace(
            period,
            window=self.window or period.window,
            lookback=period.lookback if self.lookback is None else self.lookback,
        )
