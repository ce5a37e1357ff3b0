"""Pages after a cursor: those that lead nowhere, that filters choose, that may be missing."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.tap_flow.conftest import (
    JOB_STREAMS,
    Forgetful,
    Team,
    assert_complete,
)
from tests.tap_flow.readers.test_job_cursor import entry, ids, together

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("status", ["200", "400"])
@pytest.mark.parametrize("filters", [{}, {"userName": ["nobody", "else"]}])
def test_a_refused_cursor_says_how_to_go_on(
    team_of: Callable[..., Team], status: str, filters: dict[str, Any]
) -> None:
    team = team_of(graphql_status=status)
    state = {
        "bookmarks": {
            "completed_jobs": {
                "replication_key": "completedJobCursor",
                "replication_key_value": "ffffffffffffffffffffffff",
            }
        }
    }
    output = team.run("completed_jobs", "users", state=state, job_filters=filters)

    assert output.failures.keys() == {"completed_jobs"}
    message = output.failures["completed_jobs"]
    assert "refuses to go on behind the cursor ffffffffffffffffffffffff" in message
    assert "remove the bookmarks of completed_jobs from the state" in message
    assert entry(output)["replication_key_value"] == "ffffffffffffffffffffffff"
    assert output.records["users"]


def page_with(cursor: str) -> str:
    job = {"jobId": "j", "completedJobCursor": cursor, "updated": "2024-01-01T00:00:00Z"}
    return json.dumps({"data": {"jobs": [job]}})


def lead(team: Team, sent: str, got: str) -> None:
    """Let a request that holds a text bring one job, with a cursor."""
    team.sandbox.fault(
        "status", route="graphql", contains=sent, status=200, body=page_with(got), times=None
    )


def test_a_page_that_leads_to_itself_is_an_error(team: Team) -> None:
    first = team.run("completed_jobs")
    cursor = entry(first)["replication_key_value"]
    body = page_with(cursor)
    team.sandbox.fault("status", route="graphql", contains=cursor, status=200, body=body)

    second = team.run("completed_jobs", state=first.state)

    assert "reading would never end" in second.failures["completed_jobs"]
    assert "remove the bookmarks" in second.failures["completed_jobs"]
    assert entry(second) == entry(first)
    assert not second.records


def test_cursors_that_lead_in_a_circle_are_an_error(team: Team) -> None:
    first = team.run("completed_jobs")
    cursor = entry(first)["replication_key_value"]
    one, two = "1" * 24, "2" * 24
    for sent, got in ((cursor, one), (one, two), (two, one)):
        lead(team, sent, got)

    second = team.run("completed_jobs", state=first.state)

    failure = second.failures["completed_jobs"]
    assert "GraphQL jobs goes in a circle: its completedJobCursor came before" in failure
    assert "remove the bookmarks" in failure
    assert len(second.records["completed_jobs"]) == 2


def test_a_job_that_comes_for_ever_behind_new_cursors_is_an_error(team: Team) -> None:
    first = team.run("completed_jobs")
    cursors = [entry(first)["replication_key_value"], *(f"{number:024x}" for number in range(9))]
    for sent, got in pairwise(cursors):
        lead(team, sent, got)

    second = team.run("completed_jobs", state=first.state)

    failure = second.failures["completed_jobs"]
    assert "GraphQL jobs does not move: 3 responses in a row brought nothing new" in failure
    assert "remove the bookmarks" in failure
    assert len(second.records["completed_jobs"]) == 3


def test_a_window_whose_jobs_come_for_ever_is_an_error(team: Team) -> None:
    for number in reversed(range(9)):
        lead(team, f"{number:024x}" if number else "updatedSince", f"{number + 1:024x}")

    output = team.run("completed_jobs", window="year", start_date="2024-01-01")

    failure = output.failures["completed_jobs"]
    assert "GraphQL jobs does not move: 3 responses in a row brought nothing new" in failure


def test_other_filters_than_those_of_the_bookmark_are_an_error(team: Team) -> None:
    first = team.run(*JOB_STREAMS, job_filters={"workflowTag": "Repair"})
    second = team.run("completed_jobs", "job_steps", "users", state=first.state)

    assert second.failures.keys() == {"completed_jobs", "job_steps"}
    message = second.failures["completed_jobs"]
    assert "restore job_filters, or remove the bookmarks of completed_jobs, job_steps" in message
    assert second.state["bookmarks"] == first.state["bookmarks"]
    assert second.records["users"]

    third = team.run(*JOB_STREAMS, state=first.state, job_filters={"workflowTag": "Repair"})
    assert third.failures == {}


def test_filters_choose_jobs(team: Team) -> None:
    rows = team.by_key("completed_jobs").values()
    names = sorted({row["userName"] for row in rows if row["userName"]})[:2]
    filters = {"userName": names, "createdSince": "2021-01-01"}
    expected = [row for row in rows if row["userName"] in names and row["created"] > "2021"]

    output = team.run("completed_jobs", job_filters=filters, page_size=2)

    assert ids(output) == {row["jobId"] for row in expected}


def test_filters_where_the_vendor_refuses_them_beside_a_cursor(
    team_of: Callable[..., Team],
) -> None:
    team = team_of(scale=1.0, cursor_filters="error")
    rows = team.by_key("completed_jobs").values()
    wanted = sorted({row["userId"] for row in rows if row["userId"]})[:40]
    filters = {"userId": wanted}
    first = team.run("completed_jobs", job_filters=filters)
    team.sandbox.advance(days=3)

    second = team.run("completed_jobs", state=first.state, page_size=5, job_filters=filters)

    assert second.failures == {}
    rows = team.by_key("completed_jobs").values()
    assert together(first, second).keys() == {r["jobId"] for r in rows if r["userId"] in wanted}
    assert ids(second) - ids(first)
    cursor = second.state["bookmarks"]["completed_jobs"]["replication_key_value"]
    assert cursor == max(row["completedJobCursor"] for row in rows)


def test_a_vendor_that_forgets_filters_beside_a_cursor(
    team_of: Callable[..., Team], caplog: pytest.LogCaptureFixture
) -> None:
    team = team_of(scale=1.0)
    team.sandbox.plan.add(Forgetful(route="graphql", contains="cursor: ", times=None))

    output = team.run("completed_jobs", window="month", page_size=20)

    assert output.failures == {}
    assert_complete(team, output, "completed_jobs", once=False)
    assert len(output.records["completed_jobs"]) < 2 * len(team.by_key("completed_jobs"))
    told = [text for text in caplog.messages if "does not take a cursor together" in text]
    assert len(told) == 1


@pytest.mark.parametrize("stream", ["completed_jobs", "users", "collections"])
def test_no_content_is_an_empty_list(team: Team, stream: str) -> None:
    team.sandbox.fault("status", skip=1, status=204, body="", times=None)

    output = team.run(stream, max_attempts=1)

    assert output.failures == {}
    assert not output.records


@pytest.mark.parametrize("by_updated", [False, True])
def test_a_page_after_the_last_one_may_not_exist(team: Team, by_updated: bool) -> None:  # noqa: FBT001
    catalog = team.by_updated("completed_jobs") if by_updated else None
    streams = () if by_updated else ("completed_jobs",)
    last = max(row["completedJobCursor"] for row in team.by_key("completed_jobs").values())
    after_last = f'cursor: \\"{last}'
    team.sandbox.fault("status", route="graphql", contains=after_last, status=404, times=None)

    output = team.run(*streams, catalog=catalog)

    assert output.failures == {}
    assert_complete(team, output, "completed_jobs")
    assert any(f'cursor: "{last}"' in query for query in team.queries())


def test_a_page_before_the_last_one_that_does_not_exist_is_an_error(team: Team) -> None:
    cursors = sorted(row["completedJobCursor"] for row in team.by_key("completed_jobs").values())
    after = f'cursor: \\"{cursors[9]}'
    team.sandbox.fault("status", route="graphql", contains=after, status=404, times=None)
    catalog = team.by_updated("completed_jobs")

    output = team.run(catalog=catalog, window="year", page_size=1)

    assert "HTTP 404" in output.failures["completed_jobs"]
