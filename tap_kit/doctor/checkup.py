"""Asks the questions of a tap, then probes its streams, with a bound on the requests."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from tap_kit.doctor.memory import RememberingClient
from tap_kit.doctor.questions import Finding
from tap_kit.doctor.report import Answer, Report, Verdict
from tap_kit.doctor.words import words_of
from tap_kit.errors import (
    CredentialsError,
    RequestsSpentError,
    RetriesExhaustedError,
    SettingsError,
    StoppedError,
    TapError,
    UnreachableError,
    VendorError,
    WaitTooLongError,
)
from tap_kit.http.settings import HttpSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tap_kit.doctor.probes import Probe
    from tap_kit.doctor.questions import Question
    from tap_kit.http.auth import Auth
    from tap_kit.http.client import Client
    from tap_kit.text.redact_logs import Redactor

R = TypeVar("R")

_log = logging.getLogger(__name__)

REQUESTS = 40
"""The most that a checkup sends, those for tokens and further tries included."""
_TRIES = 3
"""Of one request: a vendor that is down is soon known to be."""
_LONGEST_WAIT = 60.0
"""Seconds that a vendor may ask to wait, or take to respond."""

_NOTHING_WORKS = (CredentialsError, UnreachableError, SettingsError, StoppedError)
_NOT_FOUND_OUT = (RetriesExhaustedError, WaitTooLongError)
_SPENT = f"not checked: the {REQUESTS} requests are used up"
_NOT_REACHED = "not checked"
_UNEXPECTED = "a response has a shape that this version does not know"


class Examined(Protocol):
    """A tap, as a checkup sees it."""

    questions: ClassVar[Sequence[Question]]
    """What the vendor's documents leave open."""

    @property
    def config(self) -> Mapping[str, Any]:
        """The validated settings, with their defaults."""

    def auth(self) -> Auth | None:
        """How requests are authorised."""

    def send_through(self, client: Client) -> None:
        """Send all requests through this client."""

    def stream_names(self) -> Sequence[str]:
        """All streams, without a request."""

    def probes(self) -> Iterable[Probe]:
        """What shows with few requests whether each stream can be read."""


class Checkup:
    """A checkup of one account.

    Args:
        tap: The tap with the settings that were given.
        make: Makes it with others, without a request.
        redactor: Takes secrets out of all texts.
    """

    def __init__(
        self,
        tap: Examined,
        make: Callable[[Mapping[str, Any]], Examined],
        redactor: Redactor,
    ) -> None:
        self._make = make
        self._redactor = redactor
        self._given = tap.config
        self._config = dict(tap.config)
        self._memory: dict[Callable[[Any], Any], Any] = {}
        settings = HttpSettings.from_config(tap.config)
        patience = replace(
            settings,
            max_attempts=min(settings.max_attempts, _TRIES),
            max_wait=min(settings.max_wait, _LONGEST_WAIT),
            request_timeout=min(settings.request_timeout, _LONGEST_WAIT),
        )
        self._client: Client = RememberingClient(patience, redactor, tap.auth(), most=REQUESTS)
        tap.send_through(self._client)
        self.tap: Examined = tap

    # A trial, for questions

    def having(self, **settings: Any) -> Examined:  # noqa: ANN401  # settings have all types
        """The tap with other settings, and the same token."""
        return self._sending_through(self._client, settings)

    def authorized_by(self, **settings: Any) -> Examined:  # noqa: ANN401  # settings have all types
        """The tap with other credentials, or another way to send them."""
        auth = self._make({**self._config, **settings}).auth()
        return self._sending_through(self._client.authorized_by(auth), settings)

    def _sending_through(self, client: Client, settings: Mapping[str, Any]) -> Examined:
        tap = self._make({**self._config, **settings})
        tap.send_through(client)
        return tap

    def once(self, fetch: Callable[[Any], R]) -> R:
        """What ``fetch`` returns for this trial, fetched once."""
        if fetch not in self._memory:
            self._memory[fetch] = fetch(self)
        found: R = self._memory[fetch]
        return found

    # The checkup

    def run(self) -> Report:
        """Ask and probe; errors are findings, and what ends everything stands in the report."""
        report = Report(redact=self._redactor.redact, limit=REQUESTS)
        try:
            report.answers += self._answers()
            report.verdicts += self._verdicts()
        except _NOTHING_WORKS as error:
            report.failure = words_of(error)
        finally:
            self._client.close()
        self._fill_up(report)
        report.requests = self._client.sent
        return report

    def _answers(self) -> Iterator[Answer]:
        for question in self.tap.questions:
            if question.ask is not None:
                finding = self._finding(question.ask)
                yield Answer(question, finding, self._fits(question, finding))
                self._take(question, finding)

    def _finding(self, ask: Callable[[Any], Finding]) -> Finding:
        try:
            return ask(self)
        except _NOTHING_WORKS:
            raise
        except RequestsSpentError:
            return Finding.failed(f"Not asked: the {REQUESTS} requests are used up.")
        except VendorError as error:
            return Finding.open(f"The vendor answers with {words_of(error)}.")
        except _NOT_FOUND_OUT as error:
            return Finding.failed(f"It could not be found out: {words_of(error)}.")
        except TapError as error:
            return Finding.open(f"It does not show: {words_of(error)}.")
        except Exception:  # noqa: BLE001  # what a vendor sends may have any shape
            _log.debug("unexpected error", exc_info=True)
            return Finding.failed(f"It could not be found out: {_UNEXPECTED}.")

    def _fits(self, question: Question, finding: Finding) -> bool | None:
        if question.setting is None or finding.state != "answered":
            return None
        present = self._given.get(question.setting)
        if finding.leave_out:
            return present is None
        return finding.value is None or present == finding.value

    def _take(self, question: Question, finding: Finding) -> None:
        """Go on with the setting that follows."""
        if question.setting is None or (finding.value is None and not finding.leave_out):
            return
        if self.tap.config.get(question.setting) == finding.value:
            return
        self._config[question.setting] = finding.value
        if question.authorizes:
            auth = self._make(self._config).auth()
            self._client = self._client.authorized_by(auth)
        self.tap = self.having()

    def _verdicts(self) -> Iterator[Verdict]:
        spent = False
        for probe in self.tap.probes():
            works, words, failed = None, _SPENT, False
            if not spent:
                try:
                    works, words, failed = self._verdict(probe)
                except RequestsSpentError:
                    spent = True
            for name in probe.streams:
                yield Verdict(name, works=works, words=words, failed=failed)

    def _verdict(self, probe: Probe) -> tuple[bool | None, str, bool]:
        """Whether streams work, in words, and whether that could not be found out."""
        try:
            probe.run()
        except (*_NOTHING_WORKS, RequestsSpentError):
            raise
        except _NOT_FOUND_OUT as error:
            return None, f"could not be found out: {words_of(error)}", True
        except TapError as error:
            return False, words_of(error), False
        except Exception:  # noqa: BLE001  # as above
            _log.debug("unexpected error", exc_info=True)
            return None, f"could not be found out: {_UNEXPECTED}", True
        return True, "works", False

    def _fill_up(self, report: Report) -> None:
        """Add what was not reached, so that every report has every question and every stream."""
        answered = {answer.question.name for answer in report.answers}
        report.answers += [
            Answer(question, Finding.failed("Not asked."), None)
            for question in self.tap.questions
            if question.ask is not None and question.name not in answered
        ]
        judged = {verdict.stream for verdict in report.verdicts}
        report.verdicts += [
            Verdict(name, works=None, words=_NOT_REACHED)
            for name in self.tap.stream_names()
            if name not in judged
        ]
