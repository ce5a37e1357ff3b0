"""Open questions about slow reports, which become jobs."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Final

from tap_crewmojo.report_jobs import Job, JobGoneError
from tap_crewmojo.unknowns.account import STATS, configured, prompt_report, request
from tap_kit.doctor.questions import Finding, Question
from tap_kit.http.download import Download
from tap_kit.text.content import kind_of

if TYPE_CHECKING:
    from tap_crewmojo.client import ReportRequest
    from tap_crewmojo.readers import CrewmojoContext
    from tap_kit.doctor.questions import Trial

_POLLS = 5
"""Until a job is ready; the test switch makes a job of a report that is quick."""
_LONGEST_PAUSE = 10.0
"""Seconds between two polls."""
_NOBODYS = Job("00000000-0000-0000-0000-000000000000")
_STATUS = re.compile(r"\bHTTP (\d{3}):")
_NO_JOB = "No job was made, to see it by."


def _slow_report(trial: Trial[CrewmojoContext]) -> tuple[ReportRequest, Job] | None:
    """A report that was made a job by the vendor's test switch."""
    report = trial.once(prompt_report)
    if report is None:
        return None
    job = request(trial.tap, report, slow=True)
    if isinstance(job, Download):
        job.close()
        return None
    return trial.tap.crewmojo.request_of(report, None), job


def _polled(trial: Trial[CrewmojoContext]) -> tuple[str, str] | None:
    """How a job was polled, and what came: "" where it was not ready."""
    slow = trial.once(_slow_report)
    if slow is None:
        return None
    crewmojo = trial.tap.crewmojo
    pause = min(trial.tap.config["poll_interval"], _LONGEST_PAUSE)
    response: Download | Job = slow[1]
    for _ in range(_POLLS):
        if isinstance(response, Job):
            crewmojo.http.sleep(pause)
            response = crewmojo.poll(slow[0], response, STATS)
    if isinstance(response, Job):
        return crewmojo.polled_by, ""
    with closing(response):
        return crewmojo.polled_by, kind_of(response.file, response.charset).value


def _ask_path(trial: Trial[CrewmojoContext]) -> Finding:
    try:
        polled = trial.once(_polled)
    except JobGoneError as error:
        return Finding(f"Neither as a path segment nor as a parameter ({_statuses(error)}).")
    if polled is None:
        return Finding.open(_NO_JOB)
    return Finding(f"A job is polled as a {polled[0]}.")


def _ask_format(trial: Trial[CrewmojoContext]) -> Finding:
    try:
        polled = trial.once(_polled)
    except JobGoneError:
        polled = None
    if polled is None or not polled[1]:
        return Finding.open("No job became ready, to see it by.")
    report = trial.once(prompt_report)
    asked = "csv" if report and report.format == "csv" else "JSON"
    return Finding(f"{asked} was requested; the job came as {polled[1]}.")


def _ask_gone(trial: Trial[CrewmojoContext]) -> Finding:
    tap = trial.tap
    made = tap.crewmojo.request_of(configured(tap)[0], None)
    try:
        response = tap.crewmojo.poll(made, _NOBODYS, STATS)
    except JobGoneError as error:
        return Finding(f"{_statuses(error)}.")
    if isinstance(response, Download):
        response.close()
    return Finding("It is answered as if there were one.")


def _statuses(error: JobGoneError) -> str:
    return " or ".join(f"HTTP {status}" for status in dict.fromkeys(_STATUS.findall(str(error))))


QUESTIONS: Final = (
    Question(
        name="poll-path",
        text="Where is a slow report polled?",
        source="The page names two placeholders; its sample of the URL is lost",
        handling="as a second path segment; where that is refused, as `?jobId=`",
        ask=_ask_path,
    ),
    Question(
        name="poll-format",
        text="Does a slow report come as JSON, where that was requested?",
        source="The page names csv only for polls",
        handling=(
            "goes by the body, whatever its label; converts cells of csv to the types that "
            "discovery saw"
        ),
        ask=_ask_format,
    ),
    Question(
        name="gone-jobs",
        text="What is the status for a job that has expired, or never was?",
        source="Not on the page",
        handling=(
            "takes 400, 404 and 410 for it: asks for the report again, at most "
            "`max_report_restarts` times"
        ),
        ask=_ask_gone,
    ),
    Question(
        name="job-owner",
        text="Does a job outlive the token that started it?",
        source="Not on the page",
        handling="renews the token and polls on; starts again if the job is gone",
    ),
)
