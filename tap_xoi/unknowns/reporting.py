"""Open questions about reports and their steps."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tap_kit.doctor.questions import Finding, Question
from tap_xoi.client import OTHER_STAGING, Xoi
from tap_xoi.data_plates import plate_of
from tap_xoi.report_refs.refs import Summaries
from tap_xoi.unknowns.account import STATS, newest_jobs, pairs, report, reports, steps
from tap_xoi.unknowns.apis import is_default

if TYPE_CHECKING:
    from tap_kit.doctor.questions import Trial
    from tap_kit.streams.context import TapContext

_NO_REPORT = "There is no report to see it by."
_NOBODY = "00000000-0000-0000-0000-000000000000"
_UNKNOWN = (f"cjob-{_NOBODY}", f"wjob-{_NOBODY}")
"""A pair that nobody has."""
_SEARCHED = 20
"""Of the newest jobs, those among which an open one is looked for."""


def _ask_address(trial: Trial[TapContext]) -> Finding:
    some = trial.once(pairs)
    if not some:
        return Finding.open("There is no job with a workflow to see it by.")
    if trial.once(reports):
        return Finding("The Data Reporting API gives reports.")
    status = report(trial.tap, some[0])
    if is_default(trial.tap, "reporting_url"):
        other = OTHER_STAGING["reporting_url"]
        if isinstance(report(trial.having(reporting_url=other), some[0]), dict):
            return Finding("Only the other spelling of staging's host gives reports.", other)
    return Finding.failed(
        f"None of {len(some)} pairs has a report (HTTP {status}). Check the settings environment "
        "and reporting_url, and whether the API key may read reports."
    )


def _ask_plates(trial: Trial[TapContext]) -> Finding:
    if not trial.once(reports):
        return Finding.open(_NO_REPORT)
    places = Counter(
        "under value"
        if isinstance(step, dict) and step.get("value") is not None
        else "directly in the step"
        for step in steps(trial)
        if plate_of(step) is not None
    )
    if not places:
        return Finding.open("No step of some reports is a data plate.")
    told = " and ".join(f"{count} {place}" for place, count in places.items())
    return Finding(f"Of the data plates in some reports stand {told}.")


def _ask_none(trial: Trial[TapContext]) -> Finding:
    if not trial.once(reports):
        return Finding.open(_NO_REPORT)
    kinds = Counter(
        "null" if data is None else "an empty object" if data == {} else "the text None"
        for one in trial.once(reports)
        for data in [one.get("stepData")]
        if data in (None, {}, "None")
    )
    if not kinds:
        return Finding.open("All of some reports have steps with keys.")
    return Finding(f"Where no step has a key, stepData is {' or '.join(kinds)}.")


def _ask_values(trial: Trial[TapContext]) -> Finding:
    kinds = Counter(_kind(step) for step in steps(trial))
    if not kinds:
        return Finding.open(_NO_REPORT)
    told = ", ".join(f"{kind} {count} times" for kind, count in sorted(kinds.items()))
    return Finding(f"The value of a step in some reports is {told}.")


def _kind(step: object) -> str:
    if step is None:
        return "null"
    if plate_of(step) is not None:
        return "a plate"
    value = step.get("value") if isinstance(step, dict) else step
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "a list"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "a number")


def _ask_unknown(trial: Trial[TapContext]) -> Finding:
    found = report(trial.tap, _UNKNOWN)
    if isinstance(found, dict):
        return Finding("There is a report even for a pair that nobody has.")
    return Finding(f"HTTP {found}.")


def _ask_unfinished(trial: Trial[TapContext]) -> Finding:
    jobs = trial.once(newest_jobs).items[:_SEARCHED]
    summaries = Summaries(Xoi(trial.tap.client, trial.tap.config, STATS), skip_missing=True)
    for job in jobs:
        if job.get("completedAt") is None:
            refs = [ref for ref in summaries.refs(job["id"]) if ref.workflow_job_id]
            if refs:
                found = report(trial.tap, (job["id"], refs[0].workflow_job_id))
                what = "has a report" if isinstance(found, dict) else f"has none (HTTP {found})"
                return Finding(f"A workflow of an open job {what}.")
            return Finding.open("The newest open job has no workflow.")
    return Finding.open("None of the newest jobs is open.")


QUESTIONS: Final = (
    Question(
        name="reporting-address",
        text="Where is the Data Reporting API?",
        source="Only production's address is published; staging's is inferred from the others",
        handling="`reporting_url`",
        setting="reporting_url",
        ask=_ask_address,
    ),
    Question(
        name="plates",
        text="Does a data plate stand under value, or directly in its step?",
        source="The schema has the fields, and not the place",
        handling="takes both",
        ask=_ask_plates,
    ),
    Question(
        name="no-step-data",
        text="What is the None that stands for no keys on the wire?",
        source="The guide writes it as Python does",
        handling="null and the text `None` are null, `{}` stays",
        ask=_ask_none,
    ),
    Question(
        name="step-values",
        text="Which shapes do the values of steps have?",
        source="The guide shows that of a number; the schema's other types were cut off",
        handling="takes all; `value_json` keeps the whole",
        ask=_ask_values,
    ),
    Question(
        name="unknown-pairs",
        text="What is the status for a pair that XOi does not know?",
        source="Not in the guides",
        handling="404, and 403 with a new token too: skipped with a warning (`skip_missing`)",
        ask=_ask_unknown,
    ),
    Question(
        name="unfinished",
        text="Are there reports of unfinished workflows?",
        source="Not in the guides",
        handling="requests them; takes what comes",
        ask=_ask_unfinished,
    ),
)
