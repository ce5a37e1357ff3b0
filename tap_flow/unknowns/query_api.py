"""Open questions about the Query API."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from tap_flow.client import QUERY_PATHS, is_refusal
from tap_flow.filters import updated_at
from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import (
    GoneError,
    PermissionDeniedError,
    RetriesExhaustedError,
    StreamError,
    VendorError,
)
from tap_kit.stats import StreamStats
from tap_kit.streams.graphql import arguments

if TYPE_CHECKING:
    from tap_flow.readers.context import FlowContext
    from tap_kit.doctor.questions import Trial
    from tap_kit.streams.reader import Record

_FIELDS = "jobId completedJobCursor updated"
_LONG_AGO = datetime(2001, 2, 3, tzinfo=timezone.utc)
"""Before any job."""
_DATES = ("dash", "slash")
_NO_JOB = "The team has no completed job to see it by."
_NOT_THERE = frozenset({*range(300, 400), 404, 405, 410})
_LOOKED_FOR = {"Job": "completed", "Step": "stepTag", "Query": "groups"}
_TICK = 1000
"""Microseconds of the finest time that a filter can name."""


def _jobs(tap: FlowContext, **given: object) -> list[Record]:
    document = f"{{ jobs{arguments({'limit': 1, **given})} {{ {_FIELDS} }} }}"
    return list(tap.api.query(document, "jobs", StreamStats("jobs")).rows)


def newest_job(trial: Trial[FlowContext]) -> Record | None:
    """The job that was uploaded last; None where there is none."""
    return next(iter(_jobs(trial.tap, order="desc")), None)


def _oldest_job(trial: Trial[FlowContext]) -> Record | None:
    return next(iter(_jobs(trial.tap, order="asc")), None)


def jobs_by_id(tap: FlowContext, job_id: str) -> list[Record]:
    """The job with an id, as the Query API has it; empty where it does not."""
    return _jobs(tap, jobId=job_id)


def _literal(tap: FlowContext, moment: datetime) -> object:
    return tap.jobs.filters.since(moment)["updatedSince"]


# The path


def _ask_path(trial: Trial[FlowContext]) -> Finding:
    present = trial.tap.config["query_path"]
    error = _is_absent(trial.tap)
    if error is None:
        known = present if present in QUERY_PATHS else None
        return Finding(f"The Query API answers at {_named(present)}.", known)
    for path in QUERY_PATHS:
        if path != present and _is_absent(trial.having(query_path=path)) is None:
            return Finding(f"{path} answers, {_named(present)} does not.", path)
    if not isinstance(error, VendorError):
        raise error
    return Finding.failed(
        f"No known path answers (HTTP {error.status}). Check the setting gateway_url."
    )


def _is_absent(tap: FlowContext) -> StreamError | None:
    """Why the Query API is not at the tap's path; None if it is, even where it refuses."""
    try:
        _jobs(tap)
    except PermissionDeniedError:
        return None
    except VendorError as error:
        return error if error.status in _NOT_THERE or isinstance(error, GoneError) else None
    except RetriesExhaustedError as error:  # a web page, perhaps
        return error
    return None


def _named(path: str) -> str:
    return path if path in QUERY_PATHS else "the path of the settings"


# Dates and bounds


def _ask_dates(trial: Trial[FlowContext]) -> Finding:
    present = trial.tap.config["date_format"]
    taken = [form for form in _DATES if _takes(trial, form)]
    text = (
        "Dates with dashes and with slashes are both taken."
        if len(taken) == len(_DATES)
        else f"Of dates with dashes and with slashes only those are taken: {', '.join(taken)}."
    )
    if not taken:
        return Finding.failed("Neither dates with dashes nor with slashes are taken.")
    return Finding(text, present if present in taken else taken[0])


def _takes(trial: Trial[FlowContext], form: str) -> bool:
    """Whether dates in this format are taken, and heeded: before any job there is none."""
    tap = trial.tap if form == trial.tap.config["date_format"] else trial.having(date_format=form)
    try:
        return not _jobs(tap, updatedBefore=_literal(tap, _LONG_AGO))
    except VendorError as error:
        if not is_refusal(error):
            raise
        return False


def _ask_bounds(trial: Trial[FlowContext]) -> Finding:
    job = trial.once(newest_job)
    updated = updated_at(job) if job else None
    if job is None or updated is None:
        return Finding.open(_NO_JOB)
    if updated.microsecond % _TICK:
        return Finding.open("The times of jobs are finer than those of filters.")
    tap = trial.tap
    at = _literal(tap, updated)
    since = bool(_jobs(tap, jobId=job["jobId"], updatedSince=at))
    before = bool(_jobs(tap, jobId=job["jobId"], updatedBefore=at))
    words = {True: "includes", False: "excludes"}
    return Finding(f"updatedSince {words[since]} its own moment, updatedBefore {words[before]} it.")


# Cursors


def _ask_cursor(trial: Trial[FlowContext]) -> Finding:
    first, last = trial.once(_oldest_job), trial.once(newest_job)
    if not first or not last or first["jobId"] == last["jobId"]:
        return Finding.open("The team has not the two completed jobs to see it by.")
    tap = trial.tap
    cursor, bound = first["completedJobCursor"], _literal(tap, _LONG_AGO)
    try:
        found = _jobs(tap, order="asc", cursor=cursor, updatedBefore=bound)
    except VendorError as error:
        if not is_refusal(error):
            raise
        return Finding("A cursor beside a filter is refused; the tap reads without the two.")
    if found:
        return Finding("A filter beside a cursor is not heeded; the tap reads without the two.")
    return Finding("A filter beside a cursor is taken, and heeded.")


# The schema


def _ask_schema(trial: Trial[FlowContext]) -> Finding:
    try:
        schema = trial.tap.api.introspect("types { name fields { name } }", StreamStats("schema"))
    except VendorError as error:
        if not is_refusal(error):
            raise
        return Finding("Introspection is off.")
    fields = {one.get("name"): _names(one.get("fields")) for one in schema.get("types") or ()}
    told = [
        f"{kind} {'has' if name in fields[kind] else 'has no'} {name}"
        for kind, name in _LOOKED_FOR.items()
        if kind in fields
    ]
    return Finding(f"Introspection is on: {len(fields)} types. {'; '.join(told)}.")


def _names(fields: Any) -> set[str]:  # noqa: ANN401  # any JSON
    return {str(field.get("name")) for field in fields or () if isinstance(field, dict)}


QUESTIONS: Final = (
    Question(
        name="query-path",
        text="At which path is the Query API?",
        source=(
            "The guide's text says `/api/query/v2/graph` (3.1.2.3, 3.3.2.1), the pictures of the "
            "running product `/query/v2/graph`"
        ),
        handling="`query_path`, by default the latter",
        setting="query_path",
        ask=_ask_path,
    ),
    Question(
        name="date-format",
        text="How are times written in filters?",
        source="The guide's samples have slashes, but its text says ISO (3.5.2.4)",
        handling="`date_format`, by default dashes",
        setting="date_format",
        ask=_ask_dates,
    ),
    Question(
        name="bounds",
        text="Is a job that was changed at just the moment of a bound included?",
        source="The guide does not say (3.5.2.4)",
        handling="requests a millisecond more, and drops what is too much",
        ask=_ask_bounds,
    ),
    Question(
        name="cursor-filters",
        text="May filters stand beside a cursor?",
        source="The guide shows no query with both",
        handling=(
            "sends your `job_filters` with the cursor, but no time filter; without the two "
            "together where they are refused"
        ),
        ask=_ask_cursor,
    ),
    Question(
        name="schema",
        text="Is introspection on, and which fields are there that only one sample shows?",
        source="The schema is not published; `completed` of a job stands in one sample (3.7.1)",
        handling="requests documented fields only: an unknown one fails a whole query",
        ask=_ask_schema,
    ),
    Question(
        name="new-cursor",
        text="Does a job that changes later get a new cursor?",
        source="The guide says only that cursors follow uploads (3.5.2.5)",
        handling="reads what was updated since the last run again, in any case",
    ),
    Question(
        name="late-files",
        text="Do files that arrive late count as an update of the job?",
        source="The guide says that they may be late (3.5.4.3)",
        handling="look-back; raise `lookback_days` where attachments arrive after days",
    ),
    Question(
        name="cursor-life",
        text="How long is a cursor good, and what happens when its job is deleted?",
        source="Not in the guide",
        handling="stops with an error that says how to go on",
    ),
    Question(
        name="drafts",
        text="Are draft jobs in the Query API?",
        source="A picture has titles that begin with `(Draft) - ` (Fig. 3-1)",
        handling="takes what comes",
    ),
    Question(
        name="limits",
        text="What limits are there on requests, and what do errors look like?",
        source="Not in the guide",
        handling="honours 429, 503 and `Retry-After`; takes the message wherever it stands",
    ),
)
