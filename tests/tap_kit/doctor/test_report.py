"""Reports: what must change, the exit code, and lines of 80 columns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_kit.doctor.questions import Finding, Question
from tap_kit.doctor.report import Answer, Report, Verdict


def answer(finding: Finding, *, fits: bool | None, setting: str | None = "path") -> Answer:
    question = Question(
        name="the-path", text="Which path?", source="", handling="", setting=setting
    )
    return Answer(question, finding, fits)


def report(*answers: Answer, verdicts: tuple[Verdict, ...] = (), failure: str = "") -> Report:
    return Report(
        redact=lambda text: text.replace("secret", "***"),
        limit=40,
        answers=list(answers),
        verdicts=list(verdicts),
        failure=failure,
    )


FITS = answer(Finding("It is /a.", "/a"), fits=True)
DOES_NOT = answer(Finding("It is /b.", "/b"), fits=False)
LEFT_OUT = answer(Finding("It is another's.", leave_out=True), fits=False)
OPEN = answer(Finding.open("No data."), fits=None)
FAILED = answer(Finding.failed("HTTP 503."), fits=None)
WORKS = Verdict("jobs", works=True, words="works")
LACKS = Verdict("users", works=False, words="HTTP 403 Forbidden")
UNKNOWN = Verdict("users", works=None, words="could not be found out", failed=True)
SPENT = Verdict("users", works=None, words="not checked: the 40 requests are used up")


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (report(FITS, OPEN), 0),
        (report(FITS, verdicts=(WORKS, LACKS, SPENT)), 0),
        (report(FITS, verdicts=(SPENT,)), 0),
        (report(FITS, verdicts=(LACKS,)), 2),
        (report(FITS, verdicts=(LACKS, SPENT)), 2),
        (report(FITS, DOES_NOT, verdicts=(LACKS,)), 1),
        (report(FITS, DOES_NOT), 1),
        (report(LEFT_OUT), 1),
        (report(DOES_NOT, FAILED, failure="the network"), 1),
        (report(FITS, FAILED), 2),
        (report(FITS, verdicts=(UNKNOWN,)), 2),
        (report(FITS, failure="wrong credentials"), 2),
    ],
)
def test_the_exit_code_says_what_follows(made: Report, code: int) -> None:
    assert made.exit_code == code
    assert json.loads(made.as_json("tap-x", "1"))["exit_code"] == code


def test_json_and_text_hold_no_secret() -> None:
    made = report(
        answer(Finding("The secret word."), fits=True),
        verdicts=(Verdict("users", works=False, words="secret"),),
        failure="secret",
    )
    for text in (made.as_json("tap-x", "1"), made.as_text("tap-x", "1")):
        assert "secret" not in text
        assert "***" in text


def test_what_must_change_is_told_with_its_value() -> None:
    made = report(DOES_NOT, LEFT_OUT)
    text = made.as_text("tap-x", "1")
    assert 'path: must be "/b"' in text
    assert "path: must be left out" in text
    assert json.loads(made.as_json("tap-x", "1"))["change"] == {"path": None}


@pytest.mark.parametrize(
    ("made", "end"),
    [
        (report(FITS, verdicts=(WORKS,)), "The settings fit."),
        (report(FITS, OPEN, verdicts=(WORKS,)), "The settings fit, as far as this account shows."),
        (
            report(FITS, verdicts=(WORKS, LACKS)),
            "The settings fit.\nCan't be read, as said above: users.",
        ),
        (
            report(FITS, verdicts=(LACKS,)),
            (
                "Whether the settings fit could not be found out.\n"
                "Can't be read, as said above: users."
            ),
        ),
    ],
)
def test_the_end_claims_no_more_than_was_seen(made: Report, end: str) -> None:
    assert made.as_text("tap-x", "1").endswith(f"\n\n{end}")


def test_lines_are_no_longer_than_80_columns() -> None:
    long: Any = [{"report": f"number {number}"} for number in range(30)]
    made = report(
        answer(Finding("word " * 100, long), fits=False),
        verdicts=(Verdict("a_stream_with_a_long_name", works=False, words="word " * 100),),
        failure="word " * 100,
    )
    assert max(map(len, made.as_text("tap-x", "1").splitlines())) <= 80
