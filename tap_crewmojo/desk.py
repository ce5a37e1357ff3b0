"""Where reports are asked for, with patience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_crewmojo.api import Question
from tap_crewmojo.delivery import delivery
from tap_kit.feed import Page

if TYPE_CHECKING:
    from collections.abc import Generator

    from tap_crewmojo.api import Api
    from tap_crewmojo.days import Days
    from tap_crewmojo.delivery import Job, Patience
    from tap_crewmojo.settings import Report
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, as a source of delivery.

    Attributes:
        api: The endpoints.
        question: What is asked for.
        stats: Takes the counts.
    """

    api: Api
    question: Question
    stats: StreamStats

    def ask(self) -> Download | Job:
        """Ask for the report."""
        return self.api.ask(self.question, self.stats)

    def poll(self, job: Job) -> Download | Job:
        """Ask whether it is ready."""
        return self.api.poll(self.question, job, self.stats)

    def __str__(self) -> str:
        return str(self.question)


@dataclass(frozen=True, slots=True)
class Desk:
    """One for all reports and threads.

    Attributes:
        api: The endpoints.
        patience: With slow reports.
        force_long_running: The setting.
    """

    api: Api
    patience: Patience
    force_long_running: bool

    def asked(self, report: Report, days: Days | None, stats: StreamStats) -> Asked:
        """A report of some days, to be asked for."""
        question = Question(report.identifier, days, report.format, self.force_long_running)
        return Asked(self.api, question, stats)

    def delivered(
        self, report: Report, days: Days | None, stats: StreamStats
    ) -> Generator[Page, None, Download]:
        """Get a report of some days, and wait where need be.

        Yields:
            An empty page after each wait: a moment at which the run can drop a slice.

        Returns:
            The answer.
        """
        steps = delivery(self.asked(report, days, stats), self.patience)
        while True:
            try:
                pause = next(steps)
            except StopIteration as done:
                download: Download = done.value
                return download
            self.api.client.sleep(pause)
            yield Page()
