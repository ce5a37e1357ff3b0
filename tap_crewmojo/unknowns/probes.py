"""Which reports can be read: each is requested for a day."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tap_crewmojo.report import Report
from tap_crewmojo.unknowns.account import receive
from tap_kit.doctor.probes import Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_crewmojo.readers import CrewmojoContext


def probes_of(tap: CrewmojoContext) -> Iterator[Probe]:
    """The probe of each report; a job is not waited for."""
    for report in map(Report.of, tap.config["reports"]):
        yield Probe([report.stream], partial(receive, tap, report))
