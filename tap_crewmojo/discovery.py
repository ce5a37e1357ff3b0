"""Discovery: the columns of a report, which nobody documents, from a small sample.

The sample is the shortest of a few intervals that has rows; all of them end at the last day.
Columns differ by customer, and may change (docs: taps/crewmojo/facts#reports).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from tap_crewmojo.days import trailing
from tap_crewmojo.report import ENVELOPE
from tap_kit.errors import BadBodyError, DataError, StreamError
from tap_kit.tables import ColumnSurvey, declared_columns, is_empty, read_table, warn_of_twins

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from datetime import date

    from tap_crewmojo.client import CrewmojoClient
    from tap_crewmojo.days import Days
    from tap_crewmojo.report import Report
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats
    from tap_kit.tables import Column

_log = logging.getLogger(__name__)

_BLOCKS = 50
"""Of at most 1 000 rows each: a report without dates comes as a whole, however large it is."""


@dataclass(slots=True)
class Discovered:
    """What discovery knows of a report.

    Attributes:
        columns: As found, with the setting ``columns`` over them.
        failure: Why there was no sample, if so.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    failure: StreamError | None = None


def discover(
    crewmojo: CrewmojoClient, report: Report, start: date | None, end: date, stats: StreamStats
) -> Discovered:
    """Find the columns of a report; an error of the report is part of the result.

    Args:
        crewmojo: Sends the requests.
        report: Which.
        start: First day that may be requested; None for a report without dates.
        end: Last day.
        stats: The stream's.
    """
    survey = ColumnSurvey(ENVELOPE["properties"])
    intervals = [None] if start is None else trailing(start, end)
    try:
        rows = _sample(crewmojo, report, intervals, survey, stats)
    except (StreamError, BadBodyError) as error:
        _log.error("discovery: the columns of %s are not known: %s", report.identifier, error)
        return Discovered(failure=error if isinstance(error, StreamError) else DataError(error))
    columns = {**survey.columns, **declared_columns(report.columns)}
    _log.info(
        "discovery: %s has %d columns, found with %d requests%s",
        report.identifier,
        len(columns),
        stats.requests,
        f": {', '.join(columns)}" if columns else "",
    )
    warn_of_twins(report.stream, [*ENVELOPE["properties"], *columns])
    unknown = [
        name for name in report.primary_keys if name not in {*columns, *ENVELOPE["properties"]}
    ]
    if rows and unknown:
        _log.warning(
            "discovery: %s has no column %s, which its primary_keys name",
            report.identifier,
            ", ".join(unknown),
        )
    return Discovered(columns)


def _sample(
    crewmojo: CrewmojoClient,
    report: Report,
    intervals: Iterable[Days | None],
    survey: ColumnSurvey,
    stats: StreamStats,
) -> int:
    """Request ever longer intervals until one has rows; returns how many."""
    rows = 0
    for days in intervals:
        request = crewmojo.request_of(report, days)
        with _ended(crewmojo.fetch(request, stats)) as download:
            if not is_empty(download):
                rows = survey.add(islice(read_table(download), _BLOCKS))
        _log.info("discovery: asked for %s: %d rows", request, rows)
        if rows:
            break
    return rows


def _ended(waits: Generator[object, None, Download]) -> Download:
    try:
        while True:
            next(waits)
    except StopIteration as done:
        download: Download = done.value
        return download
