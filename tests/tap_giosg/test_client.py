"""What giosg refuses comes with what to change; what is not there is told from what is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.web import Response
from tap_giosg.tap import TapGiosg
from tap_kit.errors import CredentialsError
from tests.singer import select, sync
from tests.tap_giosg.conftest import EVENTS, Account, payloads

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_giosg.given import Given


@pytest.mark.parametrize(
    ("cause", "advice", "left"),
    [
        ("subscription", "needs an active giosg subscription", {"workflows"}),
        ("permission", "needs the permission 'reporting'", {"workflows"}),
        ("organization", "organization_id must be the organization of the token's user", set()),
    ],
)
def test_the_three_causes_of_403_say_what_to_change(
    account_of: Callable[..., Account], cause: str, advice: str, left: set[str]
) -> None:
    account = account_of(forbidden=cause)

    output = account.run()

    assert len(output.failures) == 5 - len(left)
    assert set(output.records) == left
    for failure in output.failures.values():
        assert "403" in failure
        assert advice in failure


def test_any_other_403_names_all_three_causes(account: Account) -> None:
    account.sandbox.fault("status", route="info", status=403, times=None)

    failure = account.run().failures["workflow_info"]

    for word in ("subscription", "organization_id", "'reporting'"):
        assert word in failure


def test_a_filter_that_is_not_implemented(account: Account) -> None:
    filters = [{"property": "mood", "values": ["happy"]}]

    output = account.run(filters=filters)

    assert sorted(output.failures) == sorted(EVENTS)
    assert all(
        "406" in failure and "setting filters" in failure for failure in output.failures.values()
    )
    assert all(payload["filters"] == filters for payload in payloads(account.requests("download")))


@pytest.mark.parametrize(("variant", "scheme"), [("bearer", "Token"), ("token", "Bearer")])
def test_the_wrong_scheme_is_a_hint(
    account_of: Callable[..., Account], variant: str, scheme: str
) -> None:
    account = account_of(auth=variant)

    with pytest.raises(CredentialsError, match="Bearer for an OAuth2 access token") as caught:
        account.run(auth_scheme=scheme)
    assert account.config["api_token"] not in str(caught.value)


def test_a_token_that_dies_in_a_run_ends_it(account: Account) -> None:
    catalog = select(account.discover(), *EVENTS)
    account.sandbox.fault("status", route="download", status=401, skip=5, times=None)

    with pytest.raises(CredentialsError, match="a token dies with the user who made it"):
        sync(TapGiosg, account.config, catalog=catalog)


def test_workflows_without_any_reports_mean_a_wrong_address(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.fault("status", route="info", status=404, times=None)

    output = account.run(catalog=catalog)

    assert output.failures.keys() == {
        "workflow_info",
        "workflow_sidedata",
        "source_data",
        "step_source_data",
    }
    for failure in output.failures.values():
        assert "GET /workflows/<id>/info/: none of 5 items was found" in failure
        assert "Check the settings api_url and organization_id" in failure
    assert output.records.keys() == {"workflows"}


def test_sidedata_without_any_figures_mean_a_wrong_address(account: Account) -> None:
    first = account.run("workflow_sidedata", end_date="2026-03-01")
    account.sandbox.fault("status", route="sidedata", status=404, times=None)

    output = account.run("workflow_sidedata", "workflow_info", state=first.state)

    assert output.failures.keys() == {"workflow_sidedata"}
    failure = output.failures["workflow_sidedata"]
    assert "POST /workflows/<id>/sidedata/: none of" in failure
    assert "api_url" in failure
    bookmarks = [each.state["bookmarks"]["workflow_sidedata"] for each in (first, output)]
    assert bookmarks[0] == bookmarks[1]


def test_a_window_without_figures_is_normal(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.fault("status", route="sidedata", status=404, skip=2, times=None)

    output = account.run("workflow_sidedata", catalog=catalog)

    assert output.failures == {}
    assert len(output.records["workflow_sidedata"]) == 2


_STEP = "step_source_data"


@pytest.mark.parametrize(
    ("stream", "route"),
    [("source_data", "source_data"), (_STEP, "download"), ("workflow_sidedata", "sidedata")],
)
def test_a_404_with_html_is_not_no_data(account: Account, stream: str, route: str) -> None:
    catalog = account.discover()
    page = "<html><h1>404 Not Found</h1><hr>nginx</html>"
    account.sandbox.fault("status", route=route, status=404, body=page, times=None)

    output = account.run(stream, catalog=catalog)

    assert "check the setting api_url" in output.failures[stream]
    assert stream not in output.state.get("bookmarks", {})


@pytest.mark.parametrize("step_indexes", [None, [1]])
def test_404_for_all_windows_with_events_is_no_data_with_a_warning(
    account: Account, caplog: pytest.LogCaptureFixture, step_indexes: list[int] | None
) -> None:
    catalog = account.discover()
    settings: dict[str, Any] = {"step_indexes": step_indexes} if step_indexes else {}
    account.run(_STEP, catalog=catalog, **settings)
    assert "every response of giosg was a 404" not in caplog.text
    account.sandbox.fault("status", route="download", status=404, times=None)

    output = account.run(_STEP, catalog=catalog, **settings)

    assert output.failures == {}
    assert "stream step_source_data: every response of giosg was a 404" in caplog.text


def test_only_interaction_workflows_have_source_data(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    output = account.run("source_data")

    types = {info["id"]: info["type"] for info in account.truth("workflow_info")}
    assert {types[row["workflow_id"]] for row in output.records["source_data"]} == {"interaction"}
    assert any("is of type giosg-default: it has no source data" in m for m in caplog.messages)


def test_a_redirection_of_a_post_is_not_followed(account_given: Account, given: Given) -> None:
    catalog = account_given.discover()
    given.download = Response(
        b"", 301, headers={"Location": "https://www.giosg.com/somewhere-else/"}
    )

    output = account_given.run("step_source_data", catalog=catalog)

    assert "redirection to www.giosg.com" in output.failures["step_source_data"]
    assert {entry.method for entry in account_given.requests("download")} == {"POST"}


def test_paths_have_just_the_slashes_of_the_documentation(account: Account) -> None:
    account.run()
    account.run("step_source_data", step_data_format="json", step_indexes=[1])

    asked = {(entry.method, entry.route): entry.path for entry in account.requests()}
    endings = {
        ("GET", "me"): "/service-host/api/v5/users/me",
        ("GET", "workflows"): "/workflows",
        ("GET", "info"): "/info/",
        ("POST", "sidedata"): "/sidedata/",
        ("POST", "source_data"): "/source_data",
        ("POST", "step"): "/step/1",
        ("POST", "download"): "/download/",
    }
    assert asked.keys() == endings.keys()
    for call, ending in endings.items():
        assert asked[call].endswith(ending)


def test_windows_of_all_partitions_are_read_side_by_side(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.clear_journal()
    account.sandbox.fault("latency", milliseconds=20, times=None)

    account.run("step_source_data", catalog=catalog, concurrency=6, step_indexes=[1])

    assert account.sandbox.journal.max_in_flight == 6


def test_info_that_makes_no_sense_is_a_data_error(account_given: Account, given: Given) -> None:
    given.info["start_date"] = "long ago"

    output = account_given.run()

    assert "start_date is no date: 'long ago'" in output.failures["step_source_data"]
