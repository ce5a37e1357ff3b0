"""Lists of the REST API: their forms, their order, the size of their pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.tap_flow.conftest import Team, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(("route", "stream"), [("jobs", "jobs"), ("my_jobs", "jobs")])
def test_a_single_object_is_a_list_of_one(team: Team, route: str, stream: str) -> None:
    job = next(iter(team.by_key("jobs").values()))
    team.sandbox.fault("status", route=route, status=200, body=json.dumps(job))
    team.sandbox.fault("status", route=route, status=200, body="[]", times=None)

    output = team.run(stream, job_scope="my" if route == "my_jobs" else "team")

    assert [record["jobId"] for record in output.records[stream]] == [job["jobId"]]


@pytest.mark.parametrize("body", ["null", '"text"', "3"])
def test_what_is_no_list_is_never_an_empty_one(team: Team, body: str) -> None:
    team.sandbox.fault("status", route="users", status=200, body=body, times=None)

    output = team.run("users", max_attempts=2)

    assert "expected a list" in output.failures["users"]


def test_a_list_is_read_side_by_side_and_written_in_its_order(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=1.0)
    for page in range(60):  # what is requested first often comes last
        wait = 50 + 90 * (page % 3 == 0)
        team.sandbox.fault("latency", route="jobs", contains=f"skip={6 * page}&", milliseconds=wait)
    at_once = team.run("jobs", jobs_page_size=11, concurrency=8)
    in_flight = team.sandbox.journal.max_in_flight
    one_by_one = team.run("jobs", jobs_page_size=11, concurrency=1)

    assert_complete(team, at_once, "jobs")
    assert in_flight == 8
    assert [row["jobId"] for row in at_once.records["jobs"]] == [
        row["jobId"] for row in one_by_one.records["jobs"]
    ]


def test_all_pages_follow_the_setting(team: Team) -> None:
    output = team.run("jobs", jobs_page_size=13)

    assert_complete(team, output, "jobs")
    assert all("limit=13" in asked for asked in team.asked("jobs"))
