"""``--doctor`` finds what differs at an account; a run with the settings it names is complete."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.errors import CredentialsError, StreamError
from tests.harness import finding
from tests.tap_giosg.conftest import EVENTS, contents, latest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_giosg.conftest import Account

OTHER = "99999999-9999-4999-8999-999999999999"


def assert_complete(account: Account, **settings: Any) -> None:  # noqa: ANN401  # settings have all types
    output = account.run("workflows", *EVENTS, **settings)
    assert not output.failures
    assert len(output.records["workflows"]) == len(account.truth("workflows"))
    for stream in EVENTS:
        typed = stream == "source_data" or settings.get("step_data_format") == "json"
        truth = account.truth(stream, typed=typed)
        assert contents(latest(output, stream)) == contents(truth)


@pytest.mark.parametrize(
    ("variants", "given", "change"),
    [
        ({}, {}, {}),
        ({"auth": "bearer"}, {}, {"auth_scheme": "Bearer"}),
        ({"auth": "token"}, {"auth_scheme": "Bearer"}, {"auth_scheme": "Token"}),
        ({}, {"organization_id": OTHER}, {"organization_id": None}),
        (
            {"auth": "bearer", "workflow_list": "paged", "rows": "arrays"},
            {"organization_id": OTHER},
            {"auth_scheme": "Bearer", "organization_id": None},
        ),
    ],
    ids=str,
)
def test_a_run_with_the_recommended_settings_is_complete(
    account_of: Callable[..., Account],
    variants: dict[str, str],
    given: dict[str, Any],
    change: dict[str, Any],
) -> None:
    account = account_of(**variants)
    settings = {"auth_scheme": "Token", **given}
    report = account.doctor(**settings)
    assert report["change"] == change
    assert report["exit_code"] == (1 if change else 0)
    assert all(stream["works"] for stream in report["streams"])
    assert_complete(account, **{**settings, **change})


@pytest.mark.parametrize("status", [400, 404, 406])
def test_a_format_that_does_not_come_is_found(account: Account, status: int) -> None:
    account.sandbox.fault("status", route="download", status=status, times=None)
    report = account.doctor()
    assert report["change"] == {"step_data_format": "json"}
    assert_complete(account, step_data_format="json")


@pytest.mark.parametrize("status", [429, 500])
def test_a_download_that_is_down_is_no_reason_for_another_format(
    account: Account, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("tap_kit.http.retry.LONGEST_BACKOFF", 0.01)
    account.sandbox.fault("status", route="download", status=status, times=None)
    report = account.doctor()
    assert report["change"] == {}
    assert report["exit_code"] == 2
    assert f"HTTP {status}" in finding(report, "step-format")


def test_a_token_without_an_organization_needs_the_setting(account: Account) -> None:
    account.sandbox.fault("status", route="me", status=200, body="{}", times=None)
    report = account.doctor()
    assert "Set organization_id" in finding(report, "organization")
    assert report["exit_code"] == 2


def test_an_endpoint_that_refuses_a_token_is_not_the_end(account: Account) -> None:
    account.sandbox.fault("status", route="sidedata", status=401, times=None)
    report = account.doctor()
    assert report["failure"] is None
    verdicts = {one["stream"]: one for one in report["streams"]}
    assert "The token is accepted elsewhere" in verdicts["workflow_sidedata"]["missing"]
    assert verdicts["source_data"]["works"]
    assert verdicts["step_source_data"]["works"]


def test_a_run_with_a_format_that_is_refused_names_the_doctor(account: Account) -> None:
    body = '{"format": ["Not a valid choice."]}'
    account.sandbox.fault("status", route="download", status=400, body=body, times=None)
    with pytest.raises(StreamError, match=r"step_data_format\. Run tap-giosg --config … --doctor"):
        account.discover()


def test_a_file_is_enough_where_json_does_not_come(account: Account) -> None:
    account.sandbox.fault("status", route="step", status=404, times=None)
    report = account.doctor(step_data_format="json")
    assert report["change"] == {"step_data_format": "csv"}
    assert "no rows where the download has some" in finding(report, "step-rows")
    assert_complete(account, step_data_format="csv")


def test_a_run_with_the_other_scheme_names_the_doctor(
    account_of: Callable[..., Account],
) -> None:
    account = account_of(auth="bearer")
    with pytest.raises(CredentialsError, match="tap-giosg --config … --doctor"):
        account.run("workflows", auth_scheme="Token")


@pytest.mark.parametrize(
    ("variants", "name", "text"),
    [
        ({"workflow_list": "bare"}, "workflow-list", "a bare list"),
        ({"workflow_list": "paged"}, "workflow-list", "as pages"),
        ({"rows": "objects"}, "goal-rows", "Rows are objects"),
        ({"rows": "arrays"}, "goal-rows", "Rows are lists"),
        ({"rows": "arrays"}, "step-rows", "Rows are lists"),
        ({"empty_window": "empty"}, "empty-window", "a table without rows"),
        ({"empty_window": "not_found"}, "empty-window", "HTTP 404"),
        ({"empty_window": "bare"}, "empty-window", "a table without rows"),
        ({"longest_interval": "none"}, "longest-interval", "is taken"),
        (
            {"longest_interval": "180"},
            "longest-interval",
            "400 days is refused (HTTP 400), one of 180 is taken",
        ),
        ({"longest_interval": "31"}, "longest-interval", "(HTTP 400), one of 30 is taken"),
        ({"longest_interval": "31"}, "goal-rows", "Rows are objects"),
        ({"longest_interval": "31"}, "step-rows", "Rows are objects"),
        ({"longest_interval": "31"}, "interval-edges", "Both edges"),
        ({"edges": "both_inclusive"}, "interval-edges", "Both edges"),
        ({"edges": "half_open"}, "interval-edges", "start is included, its end excluded"),
        ({"edges": "end_inclusive"}, "interval-edges", "start is excluded, its end included"),
        ({}, "step-zero", "no step 0"),
        ({}, "sidedata", "For a workflow of type"),
    ],
    ids=str,
)
def test_what_needs_no_setting_is_found_too(
    account_of: Callable[..., Account], variants: dict[str, str], name: str, text: str
) -> None:
    report = account_of(**variants).doctor()
    assert text in finding(report, name)
    assert report["change"] == {}
    assert report["exit_code"] == 0
    assert all(stream["works"] for stream in report["streams"])


@pytest.mark.parametrize(
    ("cause", "words"),
    [("subscription", "subscription"), ("permission", "reporting")],
)
def test_what_is_missing_is_told_of_its_streams(
    account_of: Callable[..., Account], cause: str, words: str
) -> None:
    report = account_of(forbidden=cause).doctor()
    verdicts = {one["stream"]: one for one in report["streams"]}
    assert verdicts["workflows"]["works"]
    for stream in ("workflow_info", "workflow_sidedata", *EVENTS):
        assert words in verdicts[stream]["missing"]
    assert report["exit_code"] == 0


def test_a_long_list_of_workflows_is_not_read_whole(account_of: Callable[..., Account]) -> None:
    account = account_of(workflow_list="paged")
    account.doctor()
    assert len(account.requests("workflows")) == 1
    routes = Counter(entry.route for entry in account.requests())
    assert routes["info"] <= 4
