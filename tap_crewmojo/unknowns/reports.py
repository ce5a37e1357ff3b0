"""Open questions about reports: how they are asked for, and what comes."""

from __future__ import annotations

import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tap_crewmojo.days import Days
from tap_crewmojo.report import Report
from tap_crewmojo.unknowns.account import (
    cells,
    comes,
    configured,
    prompt_report,
    receive,
    request,
)
from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import PermissionDeniedError, StreamError, VendorError
from tap_kit.http.download import Download
from tap_kit.text.content import ROW_NAMES, Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_crewmojo.readers import CrewmojoContext
    from tap_kit.doctor.questions import Trial

_NO_REPORT = "No report of the settings comes at once, to see it by."
_DAY = timedelta(days=1)
_PERIODS = (7, 92)
"""Days that are searched for a row with a date."""
_BOMS = (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE)
_BEGINNING = 65_536
"""Bytes of a file that are looked at."""
_NOBODYS = "no.such.report"
_ABOUT_REQUEST = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Statuses of a request that names no report, or has what the report does not take."""


# How reports are asked for


def _ask_forms(trial: Trial[CrewmojoContext]) -> Finding:
    tap = trial.tap
    items = [dict(item) for item in tap.config["reports"]]
    told: list[str] = []
    refused: list[str] = []
    for item, report in zip(items, configured(tap), strict=False):
        status = _refusal(tap, report)
        if status is None:
            continue
        changes = (one for one in _changes(tap, report) if comes(tap, _with(one, item)))
        if change := next(changes, None):
            item.update(change)
            told.append(f"{report.stream} comes with another {' and '.join(change)}")
        else:
            refused.append(f"{report.stream} is refused in every form (HTTP {status})")
    if refused:
        told.append(f"{'; '.join(refused)}: check the identifier, which Crewmojo gives out")
    text = "; ".join(told) or "No report is refused for its dates or its format"
    if len(told) > bool(refused):
        return Finding(f"{text}.", items)
    return Finding.failed(f"{text}.") if refused else Finding(f"{text}.")


def _refusal(tap: CrewmojoContext, report: Report) -> int | None:
    """The status of a report that is refused as it is requested; None if it comes, or may not."""
    try:
        receive(tap, report)
    except PermissionDeniedError:
        return None
    except VendorError as error:
        return error.status if error.status in _ABOUT_REQUEST else None
    return None


def _with(change: Mapping[str, Any], item: Mapping[str, Any]) -> Report:
    return Report.of({**item, **change})


def _changes(tap: CrewmojoContext, report: Report) -> Iterator[dict[str, Any]]:
    """What else may be tried for a report that is refused."""
    if report.dated or tap.config.get("start_date"):
        yield {"date_range": not report.dated}
    yield {"format": "csv" if report.format == "json" else "json"}


def _ask_unknown(trial: Trial[CrewmojoContext]) -> Finding:
    report = replace(configured(trial.tap)[0], identifier=_NOBODYS)
    try:
        receive(trial.tap, report)
    except VendorError as error:
        return Finding(f"HTTP {error.status}.")
    return Finding("It is answered as if there were one.")


# What comes


def _ask_json(trial: Trial[CrewmojoContext]) -> Finding:
    report = trial.once(prompt_report)
    if report is None:
        return Finding.open(_NO_REPORT)
    try:
        response = request(trial.tap, replace(report, format="json"))
    except VendorError as error:
        if report.format == "json":
            raise
        return Finding(f"JSON is refused (HTTP {error.status}), where csv comes.")
    if not isinstance(response, Download):
        return Finding.open(_NO_REPORT)
    with closing(response):
        kind = kind_of(response.file, response.charset)
        content = response.file.read()
    if kind is not Kind.JSON:
        return Finding(f"JSON was requested, {kind.value} came.")
    answer = json.loads(content)
    if isinstance(answer, list):
        return Finding("Rows are a list that stands alone.")
    names = [name for name, value in answer.items() if isinstance(value, list)]
    known = [name for name in names if name in ROW_NAMES]
    return Finding(f"Rows are a list under {known[0] if known else 'another name'}.")


def _ask_csv(trial: Trial[CrewmojoContext]) -> Finding:
    report = trial.once(prompt_report)
    if report is None:
        return Finding.open(_NO_REPORT)
    response = request(trial.tap, replace(report, format="csv"))
    if not isinstance(response, Download):
        return Finding.open(_NO_REPORT)
    with closing(response):
        content = response.file.read(_BEGINNING)
        charset = response.charset
    mark = "a" if content.startswith(_BOMS) else "no"
    plain = content.replace(b"\0", b"")
    ends = "CR LF" if b"\r\n" in plain else "LF" if b"\n" in plain else "none"
    return Finding(
        f"csv comes with {'a' if charset else 'no'} charset in its label, {mark} byte order mark, "
        f"and line ends {ends}."
    )


def _ask_dates(trial: Trial[CrewmojoContext]) -> Finding:
    tap = trial.tap
    for report in configured(tap):
        if not report.dated:
            continue
        try:
            found = _dated_cell(tap, report)
        except StreamError:
            continue
        if found is None:
            continue
        _, day = found
        edges = {
            name: _has(tap, report, days, found)
            for name, days in (
                ("both", Days(day, day)),
                ("start", Days(day, day + _DAY)),
                ("end", Days(day - _DAY, day)),
            )
        }
        if edges["both"]:
            return Finding("Both the first and the last day belong to a report.")
        words = {True: "belongs", False: "does not belong"}
        return Finding(
            f"The first day {words[edges['start']]} to a report, the last day "
            f"{words[edges['end']]}. The tap takes both as belonging: please report this."
        )
    return Finding.open("No report of the settings has rows with a date of their own.")


def _dated_cell(tap: CrewmojoContext, report: Report) -> tuple[str, date] | None:
    """A column of dates within the period that was requested, and one of them."""
    for length in _PERIODS:
        days = Days(tap.last_day - length * _DAY, tap.last_day - _DAY)
        for heading, column in cells(tap, report, days):
            dates = [_date(cell) for cell in column if cell not in (None, "")]
            inside = [day for day in dates if day is not None and days.start < day < days.end]
            if inside and len(inside) > len(dates) // 2:
                return heading, inside[0]
    return None


def _has(tap: CrewmojoContext, report: Report, days: Days, found: tuple[str, date]) -> bool:
    wanted, day = found
    return any(
        heading == wanted and any(_date(cell) == day for cell in column)
        for heading, column in cells(tap, report, days)
    )


def _date(cell: object) -> date | None:
    try:
        return date.fromisoformat(str(cell)[:10])
    except ValueError:
        return None


QUESTIONS: Final = (
    Question(
        name="report-forms",
        text="Does each report take dates, and come as JSON?",
        source="Nobody lists the reports, or what they take",
        handling="`date_range` and `format` of each item of `reports`",
        setting="reports",
        ask=_ask_forms,
    ),
    Question(
        name="json-rows",
        text="Are JSON rows a list, or a list within an object?",
        source="The page's sample is lost",
        handling="takes both",
        ask=_ask_json,
    ),
    Question(
        name="csv",
        text="In which charset and with which line ends does csv come?",
        source="Not on the page",
        handling=(
            "UTF-8, UTF-16 or the declared charset; the delimiter that divides headings and rows "
            "alike, or the one of a `sep=` line; quoted line breaks"
        ),
        ask=_ask_csv,
    ),
    Question(
        name="dates",
        text="Do the first and the last day belong to a report?",
        source="Not on the page, nor the time zone",
        handling="takes both ends as included, whole days in UTC; look-back covers the edge",
        ask=_ask_dates,
    ),
    Question(
        name="unknown-reports",
        text="What is the status for a report that does not exist?",
        source="Not on the page",
        handling="the stream fails with Crewmojo's message; other reports go on",
        ask=_ask_unknown,
    ),
    Question(
        name="identifiers",
        text="Which reports are there?",
        source="Crewmojo gives out their identifiers; `oneonone.summary` is on the page",
        handling="`reports`",
    ),
    Question(
        name="columns",
        text="Which columns do reports have?",
        source="They differ by customer, and may change",
        handling="finds them at discovery; `columns` gives types",
    ),
    Question(
        name="limits",
        text="What limits are there on requests and rows?",
        source="Not on the page",
        handling="honours 429, 503 and `Retry-After`; `window`",
    ),
)
