"""Completed jobs by windows of `updated`, where the catalog chooses that key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.errors import SettingsError
from tests.tap_flow.conftest import Team, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.singer import Output

STREAMS = ("completed_jobs", "job_attachments")


def bookmark(output: Output, stream: str = "completed_jobs") -> str:
    found: str = output.state["bookmarks"][stream]["replication_key_value"]
    return found


@pytest.mark.parametrize("bounds", ["half_open", "inclusive", "exclusive"])
def test_the_bookmark_moves_window_by_window(
    team_of: Callable[..., Team], monkeypatch: pytest.MonkeyPatch, bounds: str
) -> None:
    monkeypatch.setattr("tap_kit.engine.state.RECORDS_BETWEEN", 1)
    team = team_of(bounds=bounds)
    output = team.run(catalog=team.by_updated(*STREAMS), start_date="2019-01-01", window="month")

    assert_complete(team, output, *STREAMS)
    assert output.schemas["completed_jobs"]["bookmark_properties"] == ["updated"]
    values = [
        state["bookmarks"]["completed_jobs"]["replication_key_value"] for state in output.states
    ]
    assert values == sorted(values)
    assert values[0].endswith("-01T00:00:00Z")
    assert values[-1][:16] == team.sandbox.now().isoformat()[:16]
    assert bookmark(output) == bookmark(output, "job_attachments")


def test_a_later_run_reads_its_last_windows_again(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=1.0)
    catalog = team.by_updated(*STREAMS)
    first = team.run(catalog=catalog, window="day", start_date="2024-01-01")
    before = team.by_key("completed_jobs")
    team.sandbox.advance(days=1)
    team.sandbox.clear_journal()

    second = team.run(catalog=catalog, window="day", state=first.state, lookback_days=1)

    after = team.by_key("completed_jobs")
    held = {
        r["jobId"] for r in (*first.records["completed_jobs"], *second.records["completed_jobs"])
    }
    new = {key[0] for key, row in after.items() if key not in before and row["updated"] > "2024"}
    assert new <= held
    assert bookmark(second) > bookmark(first)
    windows = [query for query in team.queries() if "cursor" not in query and "desc" not in query]
    assert len(windows) == 3


def test_a_bookmark_never_passes_the_end(team: Team) -> None:
    catalog = team.by_updated(*STREAMS)
    first = team.run(catalog=catalog, start_date="2020-01-01", end_date="2020-08-01")
    assert bookmark(first) == "2020-08-01T00:00:00Z"
    rows = team.by_key("completed_jobs").values()
    expected = {row["jobId"] for row in rows if row["updated"] < "2020-08"}
    assert {record["jobId"] for record in first.records["completed_jobs"]} == expected

    second = team.run(catalog=catalog, state=first.state, end_date="2019-07-01")
    assert bookmark(second) == bookmark(first)
    assert not second.records


def test_a_stream_selected_later_gets_its_history(team: Team) -> None:
    first = team.run(catalog=team.by_updated("completed_jobs"))
    second = team.run(catalog=team.by_updated(*STREAMS), state=first.state)

    assert_complete(team, second, "job_attachments")
    assert bookmark(second) == bookmark(second, "job_attachments")


def test_choosing_the_other_key_begins_anew(team: Team) -> None:
    by_cursor = team.run(*STREAMS)
    by_updated = team.run(catalog=team.by_updated(*STREAMS), state=by_cursor.state)
    assert_complete(team, by_updated, *STREAMS)
    assert bookmark(by_updated).startswith("20")

    again = team.run(*STREAMS, state=by_updated.state)
    assert_complete(team, again, *STREAMS)
    assert bookmark(again) == bookmark(by_cursor)


def test_a_bookmark_that_is_no_time_is_a_clear_error(team: Team) -> None:
    entry: dict[str, Any] = {"replication_key": "updated", "replication_key_value": "yesterday"}
    catalog = team.by_updated("completed_jobs")

    with pytest.raises(SettingsError, match="the bookmark of completed_jobs must be a date"):
        team.run(catalog=catalog, state={"bookmarks": {"completed_jobs": entry}})


@pytest.mark.parametrize("by_updated", [False, True])
@pytest.mark.parametrize("bounds", ["half_open", "inclusive", "exclusive"])
def test_a_job_on_the_edge_where_a_run_goes_on_is_not_lost(
    team_of: Callable[..., Team],
    bounds: str,
    by_updated: bool,  # noqa: FBT001
) -> None:
    team = team_of(scale=1.0, frozen=True, bounds=bounds)
    catalog = team.by_updated("completed_jobs") if by_updated else None
    streams = () if by_updated else ("completed_jobs",)
    settings: dict[str, Any] = {"window": "month", "concurrency": 1, "lookback_days": 0}
    broken = 'updatedBefore: \\"2024-05-01T00:00:00.001Z'
    team.sandbox.fault("status", route="graphql", contains=broken, status=403, times=None)
    first = team.run(*streams, catalog=catalog, **settings)
    assert first.failures
    team.sandbox.clear_faults()

    second = team.run(*streams, catalog=catalog, state=first.state, **settings)

    jobs = {row["jobId"]: row for run in (first, second) for row in run.records["completed_jobs"]}
    assert "2024-04-01T00:00:00Z" in {row["updated"] for row in jobs.values()}
    team.assert_same(jobs.values(), team.truth("completed_jobs"), "completed_jobs")
