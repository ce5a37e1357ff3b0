"""Faults in the shapes that the Query API gives them; none is ever taken for an empty page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tap_flow.conftest import JOB_STREAMS, Team, assert_complete

START = "2024-01-01"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoff.full_jitter", lambda _: 0.0)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("partial", [True, False])
def test_errors_beside_data_end_the_stream(team: Team, status: int, *, partial: bool) -> None:
    message = "Cannot query field 'steps' on type 'Job'."
    team.sandbox.fault(
        "graphql_error", route="graphql", message=message, status=status, partial=partial, skip=4
    )
    output = team.run("completed_jobs", "users", start_date=START, concurrency=1)

    assert output.failures.keys() == {"completed_jobs"}
    assert message in output.failures["completed_jobs"]
    assert not output.records["completed_jobs"]
    assert output.records["users"]


@pytest.mark.parametrize("status", [200, 400])
def test_errors_that_pass_are_tried_again(team: Team, status: int) -> None:
    for message in ("Rate limit exceeded", "The request timed out", "Internal server error"):
        team.sandbox.fault("graphql_error", route="graphql", message=message, status=status)

    output = team.run(*JOB_STREAMS)

    assert output.failures == {}
    assert_complete(team, output, *JOB_STREAMS)


@pytest.mark.parametrize("data", [{}, {"jobs": None}, {"jobs": "none"}, {"jobs": {}}])
def test_missing_jobs_are_no_empty_page(team: Team, data: dict[str, Any]) -> None:
    body = json.dumps({"data": data})
    team.sandbox.fault("status", route="graphql", status=200, body=body, times=None)

    output = team.run("completed_jobs", start_date=START, max_attempts=2)

    assert "expected a list" in output.failures["completed_jobs"]
    assert "completed_jobs" not in output.state["bookmarks"]


def test_a_job_without_a_cursor_is_an_error(team: Team) -> None:
    body = json.dumps({"data": {"jobs": [{"jobId": "j", "updated": "2024-02-01T00:00:00Z"}]}})
    team.sandbox.fault("status", route="graphql", status=200, body=body)

    output = team.run("completed_jobs", start_date=START)

    assert "a job without completedJobCursor" in output.failures["completed_jobs"]


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("jobId", None, "stream completed_jobs: field jobId is part of the primary key"),
        ("totalDuration", "3 s", "field totalDuration is declared as integer"),
        ("metadata", {"a": "b"}, "field metadata is declared as array"),
        ("steps", ["none"], "stream job_steps: field steps is declared as a list of objects"),
    ],
)
def test_another_type_than_declared_names_the_field(
    team: Team, member: str, value: object, message: str
) -> None:
    job = {"jobId": "j", "completedJobCursor": "c", "updated": "2024-02-01T00:00:00Z"}
    body = json.dumps({"data": {"jobs": [{**job, member: value}]}})
    team.sandbox.fault("status", route="graphql", status=200, body=body, skip=3, times=None)

    output = team.run("completed_jobs", "job_steps", start_date=START, concurrency=1)

    assert message in " ".join(output.failures.values())


def test_a_page_that_repeats_its_cursor_within_a_window(team: Team) -> None:
    job = {"jobId": "j", "completedJobCursor": "c", "updated": "2024-02-01T00:00:00Z"}
    body = json.dumps({"data": {"jobs": [job]}})
    team.sandbox.fault("status", route="graphql", status=200, body=body, times=None)

    output = team.run("completed_jobs", start_date=START)

    assert "reading would never end" in output.failures["completed_jobs"]


@pytest.mark.parametrize("kind", ["html", "garbage", "empty", "truncate", "reset"])
def test_bodies_that_are_not_what_they_should_be_are_tried_again(team: Team, kind: str) -> None:
    for route in ("graphql", "jobs", "report_template_contents", "blob"):
        team.sandbox.fault(kind, route=route, skip=1)

    streams = ("completed_jobs", "jobs", "report_template_contents", "collection_records")
    output = team.run(*streams)

    assert output.failures == {}
    assert_complete(team, output, *streams)


def test_the_tap_posts_nothing_but_queries_and_for_tokens(team: Team) -> None:
    team.run()

    posts = {entry.route for entry in team.sandbox.journal if entry.method != "GET"}
    assert posts == {"graphql", "token"}
    assert not team.sandbox.journal.writes()


def test_new_fields_of_rest_streams_are_kept(team: Team) -> None:
    team.sandbox.drift("flow.workflows", {"colour": "red"})
    team.sandbox.drift("flow.workflow_versions", {"reviewed": True})
    output = team.run("workflows", "workflow_versions", "team_settings")

    assert {r["extra_columns"]["colour"] for r in output.records["workflows"]} == {"red"}
    versions = output.records["workflow_versions"]
    assert all(record["extra_columns"] == {"reviewed": True} for record in versions)
    assert not output.records["team_settings"][0].get("extra_columns")
