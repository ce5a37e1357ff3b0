"""Open questions about the REST services."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tap_flow.streams.jobs import JOB_SNAPSHOTS, JOBS
from tap_flow.streams.people import GROUP, GROUPS
from tap_flow.unknowns.query_api import jobs_by_id
from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import GoneError, VendorError
from tap_kit.stats import StreamStats

if TYPE_CHECKING:
    from tap_flow.readers.context import FlowContext
    from tap_kit.doctor.questions import Trial
    from tap_kit.streams.reader import Record

_SMALLER = (500, 100, 20)
_FEW = "The team has not the jobs to see it by."
_KEY_ONLY = "A query key opens the Query API only, and not the REST services."


def _jobs(tap: FlowContext, **params: int) -> list[Record]:
    endpoint = tap.api.in_scope(JOBS)
    return list(tap.api.rows(endpoint, StreamStats("jobs"), params=params).rows)


def _ask_names(trial: Trial[FlowContext]) -> Finding:
    tap = trial.tap
    if tap.client.auth is None:
        return Finding.open(_KEY_ONLY)
    first, second = _jobs(tap, skip=0, limit=1), _jobs(tap, skip=1, limit=1)
    if not first or not second:
        return Finding.open(_FEW)
    limit = "heeded" if len(first) == 1 else f"not heeded ({len(first)} rows came for 1)"
    moved = first[0].get("jobId") != second[0].get("jobId")
    skip = "heeded" if moved else "not heeded"
    end = "" if moved else ": the streams of jobs of every status can't be read"
    return Finding(f"limit is {limit}, skip is {skip}{end}.")


def _ask_largest(trial: Trial[FlowContext]) -> Finding:
    tap = trial.tap
    if tap.client.auth is None:
        return Finding.open(_KEY_ONLY)
    present = tap.config["jobs_page_size"]
    refused = ""
    for size in (present, *(one for one in _SMALLER if one < present)):
        try:
            rows = _jobs(tap, skip=0, limit=size)
        except VendorError as error:
            if error.status not in {400, 413, 422}:
                raise
            refused = refused or f"{present} is refused (HTTP {error.status}). "
            continue
        if len(rows) == size:
            text = f"{refused}For a limit of {size} as many rows came."
        elif rows and _jobs(tap, skip=len(rows), limit=1):
            text = f"{refused}For a limit of {size} came {len(rows)} rows, and there are more."
        else:
            text = f"{refused}A limit of {size} is taken; all {len(rows)} jobs came."
        return Finding(text, size)
    return Finding.failed(f"{refused}So are smaller ones.")


def _ask_group(trial: Trial[FlowContext]) -> Finding:
    tap = trial.tap
    if tap.client.auth is None:
        return Finding.open(_KEY_ONLY)
    stats = StreamStats("groups")
    groups = tap.api.rows(GROUPS, stats).rows
    if not groups:
        return Finding.open("The team has no group to see it by.")
    item = str(groups[0].get("id"))
    for endpoint in filter(None, (replace(GROUP, elsewhere=None), GROUP.elsewhere)):
        try:
            tap.api.one(endpoint, stats, item)
        except GoneError:
            continue
        return Finding(f"{endpoint.path} on the {endpoint.host} host answers.")
    return Finding("Neither host knows a group that the list has (HTTP 404).")


def _ask_excluded(trial: Trial[FlowContext]) -> Finding:
    tap = trial.tap
    if tap.client.auth is None:
        return Finding.open(_KEY_ONLY)
    jobs = _jobs(tap, skip=0, limit=tap.config["jobs_page_size"])
    excluded = [job for job in jobs if job.get("excluded") and _is_completed(job)]
    if not excluded:
        return Finding.open("None of the newest completed jobs is excluded.")
    found = jobs_by_id(tap, str(excluded[0].get("jobId")))
    return Finding(f"An excluded job is {'' if found else 'not '}in the Query API.")


def _is_completed(job: Record) -> bool:
    facts = job.get("metadata")
    return isinstance(facts, dict) and facts.get("status") == "Completed"


def _ask_snapshots(trial: Trial[FlowContext]) -> Finding:
    tap = trial.tap
    if tap.client.auth is None:
        return Finding.open(_KEY_ONLY)
    jobs = _jobs(tap, skip=0, limit=tap.config["jobs_page_size"])
    facts = [job["metadata"] for job in jobs if isinstance(job.get("metadata"), dict)]
    ids = [str(fact["clientJobId"]) for fact in facts if fact.get("clientJobId")]
    if not ids:
        return Finding.open("None of the newest jobs has a client job id.")
    try:
        kind, names = tap.api.get(
            JOB_SNAPSHOTS,
            lambda response: _shape(response.json()),
            StreamStats("jobs"),
            item=ids[0],
        )
    except GoneError as error:
        return Finding(f"There is none for a job of the list (HTTP {error.status}).")
    return Finding(f"A snapshot is {kind} with {names} fields.")


def _shape(decoded: object) -> tuple[str, int]:
    if isinstance(decoded, list):
        return "a list", len(decoded[0]) if decoded and isinstance(decoded[0], dict) else 0
    return ("an object", len(decoded)) if isinstance(decoded, dict) else ("no object", 0)


QUESTIONS: Final = (
    Question(
        name="skip-and-limit",
        text="Are skip and limit the names of the list's parameters?",
        source="The guide prints `?{skip}&{limit}` (6.1); integrations send `limit`",
        handling="sends `skip` and `limit`, and stops where the list does not move",
        ask=_ask_names,
    ),
    Question(
        name="largest-page",
        text="How many jobs does one request to the list bring?",
        source="Not in the guide; integrations send `limit=1000`",
        handling="`jobs_page_size`; reads by the rows that came until a page is empty",
        setting="jobs_page_size",
        ask=_ask_largest,
    ),
    Question(
        name="group-host",
        text="On which host are the details of a group?",
        source=(
            "The guide prints the gateway's `/group/{group_id}` (5.3), upstream and integrations "
            "`/api/group/{group_id}` on the accounts host"
        ),
        handling="requests the latter, and where a group is gone there, the former",
        ask=_ask_group,
    ),
    Question(
        name="excluded-jobs",
        text="Are excluded jobs in the Query API?",
        source="Not in the guide (6.10)",
        handling="takes what comes",
        ask=_ask_excluded,
    ),
    Question(
        name="snapshots",
        text="What does a snapshot look like?",
        source="The guide's sample is empty (6.3)",
        handling="`job_snapshots` keeps the response whole, in an open object",
        ask=_ask_snapshots,
    ),
    Question(
        name="user-permissions",
        text="Which scope do user permissions need?",
        source="The guide prints Trigger_Admin (2.4.18), upstream Team_Admin (2.4.15)",
        handling="the stream is off; a 403 names both",
    ),
    Question(
        name="deleted-jobs",
        text="How can deleted jobs be told?",
        source="There are no tombstones",
        handling="they stay in the warehouse; compare with the full table `jobs`",
    ),
)
