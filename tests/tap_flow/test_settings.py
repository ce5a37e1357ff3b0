"""Wrong settings end in one line that names the setting and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_flow.tap import TapFlow
from tap_kit.errors import CredentialsError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_flow.conftest import Team

CLIENT = {"client_id": "made-up", "client_secret": "s3cret-made-up"}
WORKFLOW_RULE = (
    "job_filters must have only one of workflowId, workflowTitle, workflowTag, workflowTagsOr, "
    "workflowTagsAnd (guide 3.5.2.1)"
)


def complaint(config: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as raised:
        TapFlow(config=config)
    message = str(raised.value)
    assert "\n" not in message
    assert "s3cret" not in message
    return message.removeprefix("wrong settings: ")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "client_id and client_secret, access_token or query_key must be given"),
        ({"client_id": "made-up"}, "client_secret is missing"),
        ({"client_secret": "s3cret"}, "client_id is missing"),
        (
            {**CLIENT, "access_token": "s3cret"},
            "access_token must not be given together with client_id and client_secret",
        ),
        ({"query_key": ""}, "query_key must not be empty"),
    ],
)
def test_credentials(config: dict[str, Any], message: str) -> None:
    assert complaint(config).startswith(message)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("page_size", 0, "page_size must be at least 1"),
        ("page_size", 101, "page_size must be at most 100"),
        ("page_size", "many", "page_size must be an integer"),
        ("jobs_page_size", 0, "jobs_page_size must be at least 1"),
        ("jobs_page_size", 1001, "jobs_page_size must be at most 1000"),
        ("job_details_of", "some", "job_details_of must be one of: open, all"),
        ("job_scope", "mine", "job_scope must be one of: team, my"),
        ("date_format", "dots", "date_format must be one of: dash, slash"),
        ("query_path", "graph", "query_path must match ^/"),
        ("gateway_url", "http://flow.example.com", "gateway_url must be an https:// address"),
        ("accounts_url", "accounts", "accounts_url must be an https:// address"),
        ("window", "hour", "window must be one of: day, week, month, quarter, year"),
        ("start_date", "soon", "start_date must be a date or date-time"),
        ("job_filters", "all", "job_filters must be an object"),
        ("job_filters", {"status": "x"}, "job_filters has a key that is not known; known are: "),
        ("job_filters", {"cursor": "x"}, "job_filters has a key that is not known; known are: "),
        ("job_filters", {"workflowTag": ["a"]}, "job_filters.workflowTag must be a string"),
        ("job_filters", {"workflowTagsOr": "a"}, "job_filters.workflowTagsOr must be an array"),
        ("job_filters", {"jobId": 3}, "job_filters.jobId must be a string or array"),
        ("job_filters", {"jobId": []}, "job_filters.jobId needs at least 1 item"),
        ("job_filters", {"jobId": ["a", 3]}, "job_filters.jobId.1 must be a string"),
        ("job_filters", {"userId": ""}, "job_filters.userId must not be empty"),
        ("job_filters", {"workflowId": "a", "workflowTag": "b"}, WORKFLOW_RULE),
        (
            "job_filters",
            {"userName": "a", "userId": ["b"]},
            "job_filters must have only one of userName, userId (guide 3.5.2.2)",
        ),
        (
            "job_filters",
            {"jobTitle": "a", "jobId": "b"},
            "job_filters must have only one of jobTitle, jobId (guide 3.5.2.3)",
        ),
        (
            "job_filters",
            {"createdSince": "2024-13-01"},
            "job_filters.createdSince must be a date or date-time in ISO 8601",
        ),
    ],
)
def test_one_wrong_setting(name: str, value: object, message: str) -> None:
    assert complaint({**CLIENT, name: value}).startswith(message)


def test_filters_of_different_groups_go_together() -> None:
    filters = {"workflowTag": "a", "userName": ["b"], "jobId": "c", "updatedSince": "2024-01-01"}
    tap = TapFlow(config={**CLIENT, "job_filters": {**filters, "userId": None}})

    assert tap.config["job_filters"]["jobId"] == "c"


@pytest.mark.parametrize("failure", ["400", "401"])
def test_a_wrong_client_secret_stops_the_tap(team_of: Callable[..., Team], failure: str) -> None:
    team = team_of(token_failure=failure)

    with pytest.raises(CredentialsError, match="client_id, client_secret") as raised:
        team.run("completed_jobs", "users", client_secret="s3cret-but-wrong")

    assert "s3cret" not in str(raised.value)
    assert len(team.asked("token")) == 1


def test_a_wrong_query_key_stops_the_tap(team: Team) -> None:
    with pytest.raises(CredentialsError, match="Check the setting query_key") as raised:
        team.run("completed_jobs", query_key="s3cret-but-wrong")

    assert "s3cret" not in str(raised.value)


def test_a_query_key_that_is_forbidden_names_the_setting(team_of: Callable[..., Team]) -> None:
    team = team_of(bad_key="403")
    output = team.run("completed_jobs", query_key="s3cret-but-wrong")

    assert "Check the setting query_key" in output.failures["completed_jobs"]
    assert "s3cret" not in str(output.failures)


def test_an_access_token_that_ended_stops_the_tap(team: Team) -> None:
    for name in ("client_id", "client_secret"):
        del team.config[name]

    with pytest.raises(CredentialsError, match="access_token"):
        team.run("completed_jobs", access_token="s3cret-but-over")


def test_a_wrong_query_path_names_both(team_of: Callable[..., Team]) -> None:
    output = team_of(graph_path="api").run("completed_jobs", query_path="/query/v2/graph")

    message = output.failures["completed_jobs"]
    assert "Check the setting query_path" in message
    assert "/api/query/v2/graph" in message
