"""What a checkup found, as text for people and as JSON."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_kit.doctor.questions import Finding, Question

_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with what was found; ``fits``: whether the present settings do, if that shows."""

    question: Question
    finding: Finding
    fits: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a stream can be read.

    Attributes:
        stream: Its name.
        works: None where that is not known.
        words: ``works``, or what is missing, or why it is not known.
        failed: It was tried, and could not be found out.
    """

    stream: str
    works: bool | None
    words: str
    failed: bool = False


@dataclass(slots=True)
class Report:
    """A checkup's report.

    Attributes:
        redact: Takes secrets out of a text.
        limit: The most requests that might have been sent.
        answers: One for each question that a request can answer.
        verdicts: One for each stream.
        requests: How many were sent.
        failure: What ended the checkup; "" where nothing did.
    """

    redact: Callable[[str], str]
    limit: int
    answers: list[Answer] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    requests: int = 0
    failure: str = ""

    @property
    def changes(self) -> dict[str, object]:
        """The settings that must change, each with the value that it must have."""
        return {
            answer.question.setting: answer.finding.value
            for answer in self.answers
            if answer.fits is False and answer.question.setting
        }

    @property
    def unknown(self) -> list[str]:
        """What could not be found out: names of questions and streams."""
        questions = [one.question.name for one in self.answers if one.finding.state == "failed"]
        return questions + [one.stream for one in self.verdicts if one.failed]

    @property
    def lacking(self) -> list[str]:
        """The streams that can't be read."""
        return [one.stream for one in self.verdicts if one.works is False]

    @property
    def nothing_works(self) -> bool:
        """Whether of the streams that were tried none can be read."""
        return bool(self.lacking) and not any(one.works for one in self.verdicts)

    @property
    def exit_code(self) -> int:
        """0: the settings fit; 1: one must change; 2: that could not be found out."""
        if self.changes:
            return 1
        return 2 if self.failure or self.unknown or self.nothing_works else 0

    def as_json(self, tap: str, version: str) -> str:
        """The report as one JSON document."""
        document: dict[str, Any] = {
            "tap": tap,
            "version": version,
            "exit_code": self.exit_code,
            "requests": self.requests,
            "most_requests": self.limit,
            "failure": self.redact(self.failure) or None,
            "change": self.changes,
            "questions": [
                {
                    "name": one.question.name,
                    "question": one.question.text,
                    "state": one.finding.state,
                    "finding": self.redact(one.finding.text),
                    "setting": one.question.setting,
                    "value": one.finding.value,
                    "fits": one.fits,
                }
                for one in self.answers
            ],
            "streams": [
                {
                    "stream": one.stream,
                    "works": one.works,
                    "missing": None if one.works else self.redact(one.words),
                }
                for one in self.verdicts
            ],
        }
        return json.dumps(document, indent=2)

    def as_text(self, tap: str, version: str) -> str:
        """The report for people, 80 columns wide."""
        return self.redact("\n".join(self._lines(tap, version)))

    def _lines(self, tap: str, version: str) -> Iterator[str]:
        yield f"{tap} {version}: {self.requests} of at most {self.limit} requests sent"
        yield ""
        yield "Questions"
        for one in self.answers:
            yield ""
            yield from _wrapped(f"{one.question.name}: {one.question.text}", "", "  ")
            yield from _wrapped(one.finding.text, "  ")
            if one.question.setting:
                yield from _wrapped(_consequence(one, one.question.setting), "  -> ", "     ")
        yield ""
        yield "Streams, with the settings as they must be" if self.changes else "Streams"
        yield ""
        width = max((len(one.stream) for one in self.verdicts), default=0)
        for verdict in self.verdicts:
            yield from _wrapped(
                verdict.words, f"  {verdict.stream:{width}}  ", " " * min(width + 4, _WIDTH // 2)
            )
        yield ""
        yield from self._result()

    def _result(self) -> Iterator[str]:
        if self.failure:
            yield from _wrapped(f"It ended early: {self.failure}")
        if self.changes:
            yield "These settings must change:"
            for name, value in self.changes.items():
                yield from _wrapped(f"{name}: {_said(value)}", "  ", "    ")
        elif self.exit_code:
            if self.unknown and not self.failure:
                yield from _wrapped(f"Not found out: {', '.join(self.unknown)}.")
            yield "Whether the settings fit could not be found out."
        elif any(one.question.setting and one.finding.state == "open" for one in self.answers):
            yield "The settings fit, as far as this account shows."
        else:
            yield "The settings fit."
        if self.lacking:
            yield from _wrapped(f"Can't be read, as said above: {', '.join(self.lacking)}.")


def _consequence(answer: Answer, setting: str) -> str:
    if answer.fits is None:
        return f"{setting}: stays as it is, for lack of an answer"
    if answer.fits:
        return f"{setting}: fits"
    return f"{setting}: must be {_said(answer.finding.value)}"


def _said(value: object) -> str:
    return "left out" if value is None else json.dumps(value)


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
