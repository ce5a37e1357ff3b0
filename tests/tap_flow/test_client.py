"""Errors that come with 200 where data is due: never a record, never an empty list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.tap_flow.readers.test_collection_files import run_with

if TYPE_CHECKING:
    from tests.tap_flow.conftest import Team

ERRORS: list[Any] = [
    {"error": "it broke"},
    {"message": "it broke"},
    {"errors": [{"message": "it broke"}]},
    {"status": "error", "message": "it broke"},
    {"code": 500, "message": "it broke"},
    {"success": False, "error": {"message": "it broke"}},
]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoff.full_jitter", lambda _: 0.0)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    ("stream", "route"),
    [
        ("team_settings", "team_settings"),
        ("user_permissions", "user_permissions"),
        ("job_snapshots", "job_snapshots"),
        ("users", "users"),
        ("jobs", "jobs"),
        ("collections", "collections"),
    ],
)
def test_an_error_is_no_record(
    team: Team, stream: str, route: str, error: dict[str, Any], *, wrapped: bool
) -> None:
    if wrapped and stream == "job_snapshots":
        pytest.skip("nobody knows what its lists hold")
    body = json.dumps([error] if wrapped else error)
    team.sandbox.fault("status", route=route, status=200, body=body, times=None)

    output = team.run(stream, max_attempts=2, concurrency=1)

    assert output.failures.keys() == {stream}
    assert "it broke" in output.failures[stream]
    assert not output.records.get(stream)


@pytest.mark.parametrize("body", ["{}", "[]", "[{}]", '{"foo": 1}', "null", '"x"', "3"])
def test_another_shape_is_no_record(team: Team, body: str) -> None:
    team.sandbox.fault("status", route="team_settings", status=200, body=body, times=None)

    output = team.run("team_settings", max_attempts=2)

    assert "team_settings" in output.failures


def test_an_object_of_the_endpoint_may_have_such_fields(team: Team) -> None:
    body = json.dumps({"DefaultTimezone": "Etc/UTC", "message": "an error occurred", "error": "x"})
    team.sandbox.fault("status", route="team_settings", status=200, body=body)

    output = team.run("team_settings")

    assert [row["DefaultTimezone"] for row in output.records["team_settings"]] == ["Etc/UTC"]


def test_a_user_without_any_permission_has_a_record(team: Team) -> None:
    team.sandbox.fault("status", route="user_permissions", status=200, body="{}", times=None)

    output = team.run("user_permissions")

    assert output.failures == {}
    assert all(row["userId"] for row in output.records["user_permissions"])


@pytest.mark.parametrize(
    "body",
    [
        {"collections": [], "error": "it broke"},
        {"collections": [], "success": False, "message": "it broke"},
    ],
)
def test_an_error_beside_an_empty_list_is_an_error(team: Team, body: dict[str, Any]) -> None:
    team.sandbox.fault("status", route="collections", status=200, body=json.dumps(body), times=None)

    output = team.run("collections", max_attempts=2)

    assert "it broke" in output.failures["collections"]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\r\n1,2\r\n3",
        'a,b\r\n1,2\r\n"3',
        "<!DOCTYPE html><p>Login</p>",
        '{"error": "it broke"}',
        "<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code></Error>",
    ],
)
def test_a_file_that_is_cut_off_or_no_csv_is_sent_for_again(team: Team, text: str) -> None:
    output, _ = run_with(team, text)

    assert output.failures.keys() == {"collection_records"}
    assert "failed" in output.failures["collection_records"]


def test_a_text_that_was_cut_inside_an_emoji_is_kept_in_its_own_stream(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    job = (
        r'{"jobId": "j", "completedJobCursor": "c", "updated": "2024-02-01T00:00:00Z",'
        r' "jobTitle": "title \u0000", "totalDuration": "",'
        r' "steps": [{"uniqueStepId": "s", "note": "note \ud83d"}]}'
    )
    for jobs in (job, ""):
        body = f'{{"data": {{"jobs": [{jobs}]}}}}'
        team.sandbox.fault(
            "status", route="graphql", contains="uniqueStepId", status=200, body=body
        )
    last = r"order: \"desc\", updatedSince"  # asks whether the job was the last one of its window
    body = f'{{"data": {{"jobs": [{job}]}}}}'
    team.sandbox.fault("status", route="graphql", contains=last, status=200, body=body)

    output = team.run("completed_jobs", "job_steps", concurrency=1, start_date="2024-01-01")

    assert "title \ufffd" in {row["jobTitle"] for row in output.records["completed_jobs"]}
    assert "note \ufffd" in {row["note"] for row in output.records["job_steps"]}
    (row,) = [row for row in output.records["completed_jobs"] if row["jobId"] == "j"]
    assert row["totalDuration"] is None
    told = [message for message in caplog.messages if "targets can't store" in message]
    assert len(told) == 2
    assert any("stream job_steps: field note" in message for message in told)
    assert any("stream completed_jobs: field jobTitle" in message for message in told)
