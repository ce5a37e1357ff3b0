"""A vendor that gives empty pages for full ones for a while costs no job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.tap_flow.conftest import JOB_STREAMS, Team, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.singer import Output

NOTHING = '{"data": {"jobs": []}}'
SETTINGS: dict[str, Any] = {"start_date": "2019-01-01", "window": "month", "concurrency": 1}


def go_dark(team: Team, *, after: int, **where: Any) -> None:  # noqa: ANN401  # fields of Fault
    """From some request on, every page of jobs is empty."""
    team.sandbox.fault(
        "status", route="graphql", status=200, body=NOTHING, skip=after, times=None, **where
    )


def assert_dark(output: Output, *streams: str) -> None:
    assert output.failures.keys() == {*streams}
    for failure in output.failures.values():
        assert "the vendor gave empty pages for full ones" in failure
        assert "Run again: the windows are read once more" in failure


def held(*outputs: Output) -> set[str]:
    return {row["jobId"] for output in outputs for row in output.records["completed_jobs"]}


@pytest.mark.parametrize("after", [3, 9, 40])
def test_a_first_run_fails_and_the_next_one_reads_all_windows_again(team: Team, after: int) -> None:
    go_dark(team, after=after)
    first = team.run(*JOB_STREAMS, **SETTINGS)
    assert_dark(first, *JOB_STREAMS)

    team.sandbox.clear_faults()
    second = team.run(*JOB_STREAMS, state=first.state, **SETTINGS)

    assert second.failures == {}
    assert_complete(team, second, *JOB_STREAMS)


@pytest.mark.parametrize("after", [2, 3, 8, 13])
@pytest.mark.parametrize("times", [1, 3, 12])
@pytest.mark.parametrize("page_size", [7, 100])
def test_empty_pages_cost_no_job_whenever_they_begin_and_end(
    team: Team, after: int, times: int, page_size: int
) -> None:
    settings = {**SETTINGS, "window": "year", "page_size": page_size}
    team.sandbox.fault("status", route="graphql", status=200, body=NOTHING, skip=after, times=times)
    first = team.run("completed_jobs", "job_steps", **settings)
    team.sandbox.clear_faults()
    second = team.run("completed_jobs", "job_steps", state=first.state, **settings)

    assert second.failures == {}
    if not first.failures:
        assert_complete(team, first, "completed_jobs", "job_steps")
    assert {(job,) for job in held(first, second)} == team.by_key("completed_jobs").keys()


@pytest.mark.parametrize("after", range(2, 20))
@pytest.mark.parametrize("times", [2, 4, 6, 8])
def test_a_one_off_run_is_complete_or_fails(team: Team, after: int, times: int) -> None:
    settings = {**SETTINGS, "end_date": "2024-01-01"}
    whole = team.run("completed_jobs", **settings)
    team.sandbox.fault("status", route="graphql", status=200, body=NOTHING, skip=after, times=times)

    output = team.run("completed_jobs", **settings)

    assert output.failures or held(output) == held(whole)


def test_a_first_run_that_was_interrupted_checks_itself_too(team: Team) -> None:
    team.sandbox.fault(
        "status", route="graphql", contains="2023-01-01", status=403, skip=1, times=None
    )
    first = team.run("completed_jobs", **SETTINGS)
    assert first.failures
    assert first.state["bookmarks"]["completed_jobs"]["backfill"]["newest"]["jobId"]
    team.sandbox.clear_faults()
    go_dark(team, after=2)
    second = team.run("completed_jobs", state=first.state, **SETTINGS)
    assert_dark(second, "completed_jobs")

    team.sandbox.clear_faults()
    third = team.run("completed_jobs", state=second.state, **SETTINGS)

    assert third.failures == {}
    assert_complete(team, third, "completed_jobs")


def test_a_stream_that_catches_up_checks_itself_too(team: Team) -> None:
    first = team.run("completed_jobs", **SETTINGS)
    go_dark(team, after=5)
    second = team.run("completed_jobs", "job_steps", state=first.state, **SETTINGS)
    assert "job_steps" in second.failures

    team.sandbox.clear_faults()
    third = team.run("completed_jobs", "job_steps", state=second.state, **SETTINGS)

    assert third.failures == {}
    assert_complete(team, third, "job_steps", once=False)


@pytest.mark.parametrize("begun", [False, True])
def test_a_run_by_updated_keeps_its_bookmark(team: Team, begun: bool) -> None:  # noqa: FBT001
    catalog = team.by_updated("completed_jobs")
    settings = {**SETTINGS, "start_date": "2020-01-01"}
    early = team.run(catalog=catalog, **{**settings, "end_date": "2021-01-01"})
    state = early.state if begun else None
    go_dark(team, after=9)
    first = team.run(catalog=catalog, state=state, **settings)
    assert_dark(first, "completed_jobs")
    before = early.state["bookmarks"]["completed_jobs"]["replication_key_value"]
    kept = first.state["bookmarks"].get("completed_jobs", {}).get("replication_key_value")
    assert kept == (before if begun else None)

    team.sandbox.clear_faults()
    second = team.run(catalog=catalog, state=first.state, **settings)

    assert second.failures == {}
    expected = {
        row["jobId"]
        for row in team.by_key("completed_jobs").values()
        if row["updated"] >= ("2021" if begun else "2020")
    }
    assert expected <= held(second)


def test_a_one_off_run_fails_too(team: Team) -> None:
    go_dark(team, after=9)

    assert_dark(
        team.run("completed_jobs", **{**SETTINGS, "end_date": "2024-01-01"}), "completed_jobs"
    )


def test_a_newest_job_that_changes_meanwhile_is_no_fault(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=1.0)
    newest = max(team.by_key("completed_jobs").values(), key=lambda row: row["completedJobCursor"])
    changed = {**{name: newest[name] for name in ("jobId", "completedJobCursor")}}
    changed["updated"] = "2024-05-15T09:29:59.999Z"
    hide(team, newest, changed)

    output = team.run("completed_jobs", **SETTINGS)

    assert output.failures == {}
    assert newest["jobId"] not in held(output)


def test_a_newest_job_that_is_deleted_meanwhile_is_no_fault(team: Team) -> None:
    newest = max(team.by_key("completed_jobs").values(), key=lambda row: row["completedJobCursor"])
    hide(team, newest, None)

    assert team.run("completed_jobs", **SETTINGS).failures == {}


def hide(team: Team, job: dict[str, Any], by_id: dict[str, Any] | None) -> None:
    """Once the newest job is known it comes in no window, and asked for by its id as given."""
    others = {"jobId": "another", "completedJobCursor": "f" * 24, "updated": job["updated"]}
    responses = {
        f'jobId: \\"{job["jobId"]}': [by_id] if by_id else [],
        "desc": [others],
        "updatedBefore": [],
    }
    for contains, rows in responses.items():
        body = json.dumps({"data": {"jobs": rows}})
        team.sandbox.fault(
            "status",
            route="graphql",
            contains=contains,
            status=200,
            body=body,
            skip=contains == "desc",
            times=None,
        )


@pytest.mark.parametrize("edited", [True, False])
def test_a_last_job_that_is_edited_meanwhile_is_no_fault(team: Team, edited: bool) -> None:  # noqa: FBT001
    # The request reaches a millisecond beyond the window's end, where a job is.
    march = [
        row
        for row in team.by_key("completed_jobs").values()
        if "2024-03" <= row["updated"] <= "2024-04-01T00:00:00Z"
    ]
    *others, last = sorted(march, key=lambda row: row["completedJobCursor"])
    known = ("jobId", "completedJobCursor", "updated")
    by_id = {name: last[name] for name in known}
    if edited:
        by_id["updated"] = "2024-05-15T09:29:59.999Z"
    for contains, row in (
        ('\\"desc\\", updatedSince: \\"2024-03-01', others[0]),
        (f'jobId: \\"{last["jobId"]}', by_id),
    ):
        body = json.dumps({"data": {"jobs": [{name: row[name] for name in known}]}})
        team.sandbox.fault(
            "status", route="graphql", contains=contains, status=200, body=body, times=None
        )

    output = team.run("completed_jobs", **{**SETTINGS, "page_size": 1})

    if edited:
        assert output.failures == {}
        assert last["jobId"] in held(output)
    else:
        assert_dark(output, "completed_jobs")


@pytest.mark.parametrize("times", [1, 4, 6, None])
@pytest.mark.parametrize("begun", [False, True])
def test_a_run_by_updated_that_begins_with_empty_pages_loses_no_job(
    team: Team,
    times: int | None,
    begun: bool,  # noqa: FBT001
) -> None:
    settings: dict[str, Any] = {
        **SETTINGS,
        "window": "year",
        "catalog": team.by_updated("completed_jobs"),
    }
    early = team.run(**{**settings, "end_date": "2021-01-01"})
    state = early.state if begun else None
    team.sandbox.fault("status", route="graphql", status=200, body=NOTHING, times=times)
    first = team.run(state=state, **settings)
    team.sandbox.clear_faults()

    second = team.run(state=first.state, **settings)

    assert second.failures == {}
    seen = held(early, first, second) if begun else held(first, second)
    assert {(job,) for job in seen} == team.by_key("completed_jobs").keys()


@pytest.mark.parametrize("end", [{}, {"end_date": "2024-05-01"}])
def test_filters_that_no_job_matches_are_no_fault(team: Team, end: dict[str, str]) -> None:
    settings = {**SETTINGS, **end, "job_filters": {"userName": "nobody"}}
    output = team.run(catalog=team.by_updated("completed_jobs"), **settings)

    assert output.failures == {}
    assert output.state["bookmarks"]["completed_jobs"]["replication_key_value"]
