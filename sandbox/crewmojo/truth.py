"""What a complete run of tap-crewmojo must bring, from the reports and not from their answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.crewmojo.activity import Period
from sandbox.crewmojo.table import csv_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.crewmojo.reports import Report

Row = dict[str, Any]


def report_rows(report: Report, start: date, today: date, *, as_csv: bool) -> Iterator[Row]:
    """The rows since a day, without ``row_id``.

    A summary's rows come for each month, with its dates (``window: month``); the rows of other
    reports don't depend on the windows and are without them.
    """
    periods = _months(start, today) if report.summary else [Period(start, today)]
    for period in periods:
        envelope = {"report": report.identifier}
        if report.summary:
            envelope["start_date"] = period.start.isoformat()
            envelope["end_date"] = period.end.isoformat()
        for row in report.table(period).rows:
            cells = {name: csv_cell(value) or None for name, value in row.items()}
            yield {**envelope, **(cells if as_csv else row)}


def _months(start: date, today: date) -> Iterator[Period]:
    while start <= today:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield Period(start, min(following - timedelta(days=1), today))
        start = following
