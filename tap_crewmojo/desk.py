"""Where reports are asked for, with patience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_crewmojo.api import Question
from tap_crewmojo.delivery import delivery
from tap_kit.streams.reader import Page

if TYPE_CHECKING:
    from collections.abc import Generator

    from tap_crewmojo.api import Api
    from tap_crewmojo.days import Days
    from tap_crewmojo.delivery import Job, Patience
    from tap_crewmojo.settings import Report
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats


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

    def question(self, report: Report, days: Days | None) -> Question:
        """What to ask for a report of some days."""
        return Question(report.identifier, days, report.format, self.force_long_running)

    def delivered(self, question: Question, stats: StreamStats) -> Generator[Page, None, Download]:
        """Get a report, and wait where need be.

        Yields:
            An empty page after each wait: a moment at which the run can drop a slice.

        Returns:
            The answer.
        """
        steps = delivery(_Asked(self.api, question, stats), self.patience)
        while True:
            try:
                pause = next(steps)
            except StopIteration as done:
                download: Download = done.value
                return download
            self.api.client.sleep(pause)
            yield Page()


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question, as a source of delivery."""

    api: Api
    question: Question
    stats: StreamStats

    def ask(self) -> Download | Job:
        return self.api.ask(self.question, self.stats)

    def poll(self, job: Job) -> Download | Job:
        return self.api.poll(self.question, job, self.stats)

    def __str__(self) -> str:
        return str(self.question)
