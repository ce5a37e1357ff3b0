"""Cursor mode: a first run, what is new, what has changed, and what goes wrong between."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.time.clock import parse_time
from tests.singer import select
from tests.tap_flow.conftest import (
    DAY,
    JOB_STREAMS,
    KEYS,
    Team,
    assert_complete,
    full_catalog,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.singer import Output


def entry(output: Output, stream: str = "completed_jobs") -> dict[str, Any]:
    found: dict[str, Any] = output.state["bookmarks"][stream]
    return found


def ids(output: Output) -> set[str]:
    return {record["jobId"] for record in output.records["completed_jobs"]}


def together(*outputs: Output) -> dict[str, dict[str, Any]]:
    """What a target holds after some runs."""
    held: dict[str, dict[str, Any]] = {}
    for output in outputs:
        held |= {record["jobId"]: record for record in output.records["completed_jobs"]}
    return held


@pytest.mark.parametrize("bounds", ["half_open", "inclusive", "exclusive"])
def test_a_job_on_the_edge_of_two_windows_comes_once(
    team_of: Callable[..., Team], bounds: str
) -> None:
    output = team_of(scale=1.0, bounds=bounds).run("completed_jobs", window="month")
    jobs = output.records["completed_jobs"]
    assert any(job["updated"].endswith("-01T00:00:00Z") for job in jobs)
    assert len(jobs) == len(ids(output))


@pytest.mark.parametrize("edits", ["keep_cursor", "new_cursor"])
@pytest.mark.parametrize("cursor_filters", ["allowed", "error"])
def test_a_second_run_brings_what_is_new_and_what_has_changed(
    team_of: Callable[..., Team], edits: str, cursor_filters: str
) -> None:
    team = team_of(scale=1.0, edits=edits, cursor_filters=cursor_filters)
    first = team.run(*JOB_STREAMS)
    before = team.by_key("completed_jobs")
    assert_complete(team, first, "completed_jobs")

    team.sandbox.advance(days=1)
    second = team.run(*JOB_STREAMS, state=first.state, page_size=3)

    after = team.by_key("completed_jobs")
    changed = {key[0] for key in after if after[key] != before.get(key)}
    # Among them some that were completed before the first run and uploaded after it.
    assert any(
        after[key]["updated"] < entry(first)["started"] for key in after if key not in before
    )
    assert changed <= ids(second) < {key[0] for key in after}
    held = together(first, second)
    for (job,), row in after.items():
        assert {name: held[job].get(name) for name in row} == row
    assert len(second.records["completed_jobs"]) == len(ids(second))


@pytest.mark.parametrize("days", [0, 1])
def test_a_cursor_tells_the_time_of_its_job(team: Team, days: int) -> None:
    output = team.run(*JOB_STREAMS)
    if days:
        team.sandbox.advance(days=days)
        output = team.run(*JOB_STREAMS, state=output.state)

    jobs = team.by_key("completed_jobs").values()
    last = max(jobs, key=lambda row: row["completedJobCursor"])
    for stream in JOB_STREAMS:
        kept = entry(output, stream)
        assert kept["replication_key_value"] == last["completedJobCursor"]
        assert parse_time(kept["as_of"]) == parse_time(last["updated"])


def test_files_that_come_late_are_read_again(team: Team) -> None:
    first = team.run(*JOB_STREAMS)
    before = team.by_key("job_attachments")

    team.sandbox.advance(hours=20)
    second = team.run(*JOB_STREAMS, state=first.state)

    late = team.by_key("job_attachments").keys() - before.keys()
    assert late
    assert late <= second.by_key("job_attachments", *KEYS["job_attachments"]).keys()


def test_nothing_new_keeps_the_cursor(team_of: Callable[..., Team]) -> None:
    team = team_of(frozen=True)
    first = team.run(*JOB_STREAMS)
    second = team.run(*JOB_STREAMS, state=first.state, lookback_days=0)

    assert not second.records
    assert entry(second) == entry(first)


def test_the_look_back_does_not_move_the_cursor(team_of: Callable[..., Team]) -> None:
    team = team_of(frozen=True)
    first = team.run("completed_jobs")
    second = team.run("completed_jobs", state=first.state, lookback_days=60)

    since = (team.sandbox.now() - 60 * DAY).isoformat().replace("+00:00", "Z")
    expected = {
        key[0] for key, row in team.by_key("completed_jobs").items() if row["updated"] >= since
    }
    assert ids(second) == expected
    assert entry(second)["replication_key_value"] == entry(first)["replication_key_value"]


def test_one_request_a_page_serves_all_streams(team: Team) -> None:
    # One at a time: which empty windows are doubted depends on what others have shown by then.
    team.run("completed_jobs", concurrency=1)
    alone = len(team.queries())
    team.sandbox.clear_journal()

    team.run(*JOB_STREAMS, concurrency=1)

    assert len(team.queries()) == alone


def test_a_first_run_takes_its_cursor_before_anything_else(team: Team) -> None:
    def upload() -> None:
        team.sandbox.advance(days=2)

    # Jobs are uploaded between the cursor and the first window, and between two windows.
    team.meanwhile(upload, route="graphql", contains="updatedSince", skip=0, times=1)
    team.meanwhile(upload, route="graphql", contains="updatedSince", skip=4, times=1)
    output = team.run("completed_jobs", start_date="2019-01-01", concurrency=1)

    assert output.failures == {}
    assert 'order: "desc"' in team.queries()[0]
    assert_complete(team, output, "completed_jobs", once=False)


def test_without_any_job_reading_begins_at_the_beginning(team: Team) -> None:
    nothing = '{"data": {"jobs": []}}'
    team.sandbox.fault("status", route="graphql", status=200, body=nothing, times=None)
    first = team.run(*JOB_STREAMS)
    team.sandbox.clear_faults()

    assert first.failures == {}
    second = team.run(*JOB_STREAMS, state=first.state)
    assert_complete(team, second, *JOB_STREAMS)


def test_an_open_beginning_is_one_window(team: Team) -> None:
    team.run("completed_jobs", window="month")

    bounds = [re.findall(r'updated(Since|Before): "(\d+)', query) for query in team.queries()]
    assert [("Before", "2020")] in bounds
    assert bounds.count([("Since", "2020"), ("Before", "2020")]) >= 6


@pytest.mark.parametrize("bounds", ["half_open", "inclusive", "exclusive"])
def test_start_date_is_exact(team_of: Callable[..., Team], bounds: str) -> None:
    team = team_of(bounds=bounds)
    times = sorted(row["updated"] for row in team.by_key("completed_jobs").values())
    start = times[len(times) // 2]

    output = team.run("completed_jobs", start_date=start)

    found = sorted(record["updated"] for record in output.records["completed_jobs"])
    assert found == times[len(times) // 2 :]


def windows_read(state: dict[str, Any]) -> str | None:
    found: str | None = state["bookmarks"]["completed_jobs"]["backfill"]["until"]
    return found


def test_an_interrupted_first_run_goes_on_at_its_windows(team: Team) -> None:
    broken = r"updatedBefore: \"2024-01-01"
    team.sandbox.fault("status", route="graphql", contains=broken, status=403, times=None)
    first = team.run(*JOB_STREAMS, start_date="2019-01-01")
    team.sandbox.clear_faults()
    assert set(first.failures) == {*JOB_STREAMS}
    assert windows_read(first.state) == "2023-01-01T00:00:00Z"
    cursor = entry(first)["backfill"]["cursor"]
    team.sandbox.clear_journal()

    team.sandbox.advance(hours=5)
    second = team.run(*JOB_STREAMS, state=first.state, start_date="2019-01-01")

    assert second.failures == {}
    assert (
        min(re.findall(r'Since: "([^"]+)', "".join(team.queries()))) == "2022-12-31T23:59:59.999Z"
    )
    assert 'order: "desc"' not in team.queries()[0]  # with which a first run begins
    assert any(f'cursor: "{cursor}"' in query for query in team.queries())
    held = together(first, second)
    assert held.keys() == {key[0] for key in team.by_key("completed_jobs")}


def test_an_interrupted_later_run_leaves_no_gap(team: Team) -> None:
    first = team.run(*JOB_STREAMS)
    team.sandbox.advance(days=1)
    # The new jobs are read, and the changed ones are not.
    team.sandbox.fault("status", route="graphql", contains="updatedSince", status=403, times=None)
    second = team.run(*JOB_STREAMS, state=first.state)
    team.sandbox.clear_faults()
    assert second.failures
    assert entry(second)["started"] == entry(first)["started"]
    assert entry(second)["replication_key_value"] != entry(first)["replication_key_value"]

    team.sandbox.advance(days=1)
    third = team.run(*JOB_STREAMS, state=second.state)

    held = together(first, second, third)
    for (job,), row in team.by_key("completed_jobs").items():
        assert {name: held[job].get(name) for name in row} == row


def test_a_stream_selected_later_gets_its_history(team: Team) -> None:
    first = team.run("completed_jobs", "job_steps", state=None)
    team.sandbox.advance(days=1)

    second = team.run(*JOB_STREAMS, state=first.state)

    assert second.failures == {}
    for stream in ("job_substeps", "job_attachments", "job_attachment_thumbnails", "job_reports"):
        assert_complete(team, second, stream, once=False)
    assert ids(second) < {key[0] for key in team.by_key("completed_jobs")}
    assert len({json.dumps(entry(second, stream)) for stream in JOB_STREAMS}) == 1

    team.sandbox.clear_journal()
    team.run(*JOB_STREAMS, state=second.state)
    pages = [query for query in team.queries() if "limit: 1," not in query]
    assert pages
    assert all("steps {" in query and "reports {" in query for query in pages)


def test_a_stream_that_failed_catches_up_with_the_others(team: Team) -> None:
    first = team.run("completed_jobs", "job_reports")
    old = entry(first)
    team.sandbox.advance(days=1)
    second = team.run("completed_jobs", state=first.state)
    assert entry(second)["replication_key_value"] != old["replication_key_value"]
    assert entry(second, "job_reports") == old
    team.sandbox.advance(days=1)
    team.sandbox.clear_journal()

    third = team.run("completed_jobs", "job_reports", state=second.state, page_size=2)

    assert third.failures == {}
    assert entry(third) == entry(third, "job_reports")
    held = {
        **first.by_key("job_reports", *KEYS["job_reports"]),
        **third.by_key("job_reports", *KEYS["job_reports"]),
    }
    assert held.keys() == team.by_key("job_reports").keys()
    alone = [query for query in team.queries() if "workflowTitle" not in query]
    behind = re.findall(r'cursor: "(\w+)"', " ".join(alone))
    assert min(behind) == old["replication_key_value"]
    assert max(behind) < entry(second)["replication_key_value"]


def test_catching_up_does_not_stop_the_others(team: Team) -> None:
    first = team.run("completed_jobs")
    team.sandbox.advance(days=1)
    # Only the history of steps is read by windows of years ago.
    broken = r"updatedBefore: \"2023-01-01"
    team.sandbox.fault("status", route="graphql", contains=broken, status=403, times=None)
    second = team.run("completed_jobs", "job_steps", state=first.state)

    assert second.failures.keys() == {"job_steps"}
    assert ids(second)
    assert entry(second)["started"] > entry(first)["started"]


def test_a_run_with_an_end_is_a_one_off(team: Team) -> None:
    first = team.run("completed_jobs")
    team.sandbox.advance(days=1)
    start, end = "2020-06-10T09:56:16.212Z", "2020-07-07T12:47:17.619Z"
    team.sandbox.clear_journal()

    second = team.run("completed_jobs", state=first.state, start_date=start, end_date=end)

    expected = {
        row["jobId"] for row in team.truth("completed_jobs") if start <= row["updated"] < end
    }
    assert len(expected) == 2
    assert ids(second) == expected
    assert second.state == first.state
    assert not [query for query in team.queries()[2:] if "updatedBefore" not in query]


def test_a_full_table_is_read_whole_and_leaves_no_bookmark(team: Team) -> None:
    catalog = select(full_catalog(), "completed_jobs", "job_steps")
    for item in catalog["streams"]:
        if item["tap_stream_id"] == "completed_jobs":
            item["replication_method"] = "FULL_TABLE"
    first = team.run(catalog=catalog)
    second = team.run(catalog=catalog, state=first.state)

    for output in (first, second):
        assert_complete(team, output, "completed_jobs")
    assert set(first.state["bookmarks"]) == {"job_steps"}
    assert_complete(team, first, "job_steps")


def test_windows_are_read_side_by_side(team: Team) -> None:
    team.sandbox.fault("latency", milliseconds=30, times=None)
    team.run("completed_jobs", window="month", start_date="2022-01-01")

    assert team.sandbox.journal.max_in_flight == 8


def test_a_job_changed_while_windows_are_read_is_not_lost(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=1.0, late_files="bump_updated")
    # Files arrive while windows are read: their jobs leave windows that were not read yet.
    team.meanwhile(
        lambda: team.sandbox.advance(hours=3), route="graphql", contains="updatedSince", skip=3
    )
    output = team.run("completed_jobs", start_date="2020-01-01", concurrency=1, window="month")

    assert_complete(team, output, "completed_jobs", once=False)


def test_state_moves_with_each_page(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_kit.engine.state.RECORDS_BETWEEN", 1)
    first = team.run("completed_jobs")
    team.sandbox.advance(days=20)

    second = team.run("completed_jobs", state=first.state, page_size=2)

    cursors = [
        state["bookmarks"]["completed_jobs"]["replication_key_value"] for state in second.states
    ]
    assert cursors == sorted(cursors)
    assert len(set(cursors)) > 4


def test_lookback_is_counted_in_days(team: Team) -> None:
    first = team.run("completed_jobs")
    team.sandbox.clear_journal()
    team.run("completed_jobs", state=first.state, lookback_days=0.5)

    (since, *_) = re.findall(r'updatedSince: "([^"]*)"', "".join(team.queries()))
    expected = team.sandbox.now() - timedelta(hours=12)
    assert since[:13] == expected.isoformat()[:13]
