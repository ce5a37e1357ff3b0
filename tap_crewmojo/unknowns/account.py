"""What questions about Crewmojo share: a report that comes at once, and requests for it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from tap_crewmojo.days import Days
from tap_crewmojo.report import Report
from tap_kit.errors import RetriesExhaustedError, StreamError
from tap_kit.http.download import Download
from tap_kit.stats import StreamStats
from tap_kit.tables import is_empty, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_crewmojo.readers import CrewmojoContext
    from tap_crewmojo.report_jobs import Job
    from tap_kit.doctor.questions import Trial

STATS = StreamStats("doctor")
LOOKED_AT = 8
"""Reports of the settings that are requested."""


def configured(tap: CrewmojoContext) -> Sequence[Report]:
    """The first reports of the settings."""
    return [Report.of(item) for item in tap.config["reports"][:LOOKED_AT]]


def request(
    tap: CrewmojoContext, report: Report, days: Days | None = None, *, slow: bool = False
) -> Download | Job:
    """Request a report, by default of the last day if it has dates.

    Raises:
        VendorError: Crewmojo refuses.
    """
    if report.dated and days is None:
        days = Days(tap.last_day, tap.last_day)
    made = tap.crewmojo.request_of(report, days if report.dated else None)
    return tap.crewmojo.request(replace(made, force_long_running=slow), STATS)


def receive(tap: CrewmojoContext, report: Report) -> None:
    """Request a report, of the last day if it has dates, and drop it.

    Raises:
        VendorError: Crewmojo refuses.
    """
    response = request(tap, report)
    if isinstance(response, Download):
        response.close()


def comes(tap: CrewmojoContext, report: Report) -> bool:
    """Whether a report comes, or becomes a job; False where it is refused."""
    try:
        receive(tap, report)
    except StreamError:
        return False
    return True


def prompt_report(trial: Trial[CrewmojoContext]) -> Report | None:
    """A report that comes at once; None where none does.

    Raises:
        RetriesExhaustedError: None does, and one may have, were the vendor up.
    """
    down: RetriesExhaustedError | None = None
    for report in configured(trial.tap):
        try:
            response = request(trial.tap, report)
        except RetriesExhaustedError as error:
            down = error
            continue
        except StreamError:
            continue
        if isinstance(response, Download):
            response.close()
            return report
    if down is not None:
        raise down
    return None


def cells(
    tap: CrewmojoContext, report: Report, days: Days
) -> Iterator[tuple[str, Sequence[object]]]:
    """The columns of a report's first rows, with their cells; none where it becomes a job."""
    response = request(tap, report, days)
    if not isinstance(response, Download):
        return
    with closing(response):
        block = None if is_empty(response) else next(iter(read_table(response)), None)
    for place, heading in enumerate(block.headings if block else ()):
        rows = chain(block.rows if block else ())
        yield heading, [row[place] for row in rows if place < len(row)]
