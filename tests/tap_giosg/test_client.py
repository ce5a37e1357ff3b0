"""What giosg refuses comes with what to change; what is not there is told from what is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from sandbox.web import Response, as_json
from tap_giosg.tap import TapGiosg
from tap_kit.errors import CredentialsError, StreamError, UnreachableError
from tests.singer import select, sync
from tests.tap_giosg.conftest import EVENTS, Account, contents, latest, payloads
from tests.tap_giosg.given import ORGANIZATION, WORKFLOW, Given

if TYPE_CHECKING:
    from collections.abc import Callable

ELSEWHERE = "99999999-0000-4000-8000-000000000000"


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


def test_an_organization_without_workflows_is_told(
    account_given: Account, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.pages = [as_json([])]

    assert account_given.run("workflows", catalog=_CATALOG).failures == {}
    assert "lists no workflows, so there is nothing to read" in caplog.text


def test_an_unknown_workflow_is_an_error_behind_those_that_exist(account: Account) -> None:
    known = [info["id"] for info in account.truth("workflow_info")]

    output = account.run(workflow_ids=[ELSEWHERE, *known])

    assert len(output.failures) == 5
    for failure in output.failures.values():
        assert f"has no workflow {ELSEWHERE} (404)" in failure
        assert "workflow_ids" in failure
    assert contents(latest(output, "step_source_data")) == contents(
        account.truth("step_source_data")
    )
    with pytest.raises(StreamError, match=ELSEWHERE):
        account.discover(workflow_ids=[ELSEWHERE, *known])


def test_a_listed_workflow_without_reports_is_left_out(
    account_given: Account, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.workflows = as_json([{"id": ELSEWHERE}, {"id": WORKFLOW}])

    output = account_given.run()

    assert output.failures == {}
    assert [row["id"] for row in output.records["workflow_info"]] == [WORKFLOW]
    assert any(f"{ELSEWHERE} is listed, but has no reports" in m for m in caplog.messages)


def test_configured_workflows_need_no_list(account_of: Callable[..., Account]) -> None:
    account = account_of(listed="without_default")
    account.sandbox.set_variant("giosg.listed", "all")
    hidden = [
        info["id"] for info in account.truth("workflow_info") if info["type"] == "giosg-default"
    ]
    account.sandbox.set_variant("giosg.listed", "without_default")

    output = account.run(workflow_ids=hidden)

    assert output.failures == {}
    assert [row["id"] for row in output.records["workflows"]] == hidden
    assert {row["workflow_id"] for row in output.records["step_source_data"]} == set(hidden)
    assert account.requests("workflows") == []


def test_only_interaction_workflows_have_source_data(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    output = account.run("source_data")

    types = {info["id"]: info["type"] for info in account.truth("workflow_info")}
    assert {types[row["workflow_id"]] for row in output.records["source_data"]} == {"interaction"}
    assert any("is of type giosg-default: it has no source data" in m for m in caplog.messages)


def test_a_given_organization_is_not_asked_for(account: Account) -> None:
    output = account.run("workflows", organization_id=ORGANIZATION)

    assert output.failures == {}
    assert account.requests("me") == []


def test_a_token_without_an_owner_needs_the_setting(account: Account) -> None:
    account.sandbox.fault("status", route="me", status=404, times=None)

    output = account.run()

    assert all("set organization_id" in failure for failure in output.failures.values())
    assert len(output.failures) == 5


def test_an_organization_that_nobody_tells_ends_the_run_after_one_requests_tries(
    account: Account,
) -> None:
    account.sandbox.fault("status", route="me", status=503, times=None)

    with pytest.raises(UnreachableError, match="no organization: GET /api/v5/users/me failed 3"):
        account.run(max_attempts=3)

    assert len(account.requests("me")) == 3


def test_a_list_of_workflows_that_does_not_come_is_tried_for_once(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.clear_journal()
    account.sandbox.fault("status", route="workflows", status=503, times=None)

    output = account.run(catalog=catalog, max_attempts=3)

    assert output.failures.keys() >= {"workflows", "workflow_info", "workflow_sidedata"}
    assert len(set(output.failures.values())) == 1
    assert len(account.requests("workflows")) == 3


@pytest.mark.parametrize(
    ("following", "message"),
    [
        ("https://elsewhere.example/workflows?cursor=x", "another host (elsewhere.example)"),
        ("", None),
        (None, None),
        ("?cursor=x", "in a circle"),
        ("//elsewhere.example/workflows", "another host (elsewhere.example)"),
        ("https://127.0.0.1@elsewhere.example/workflows", "another host (elsewhere.example)"),
        ("https://[broken/workflows", "another host (a malformed URL)"),
    ],
)
def test_the_next_page_lies_on_the_same_host(
    account_given: Account, given: Given, following: str | None, message: str | None
) -> None:
    given.workflows = as_json({"next": following, "previous": None, "results": [{"id": WORKFLOW}]})

    failures = account_given.run("workflows", catalog=_CATALOG).failures

    assert bool(failures) is bool(message)
    if message:
        assert message in failures["workflows"]


@pytest.mark.parametrize(
    "link",
    [
        "{path}?cursor=x",
        "?cursor=x",
        "https://127.0.0.1{path}?cursor=x",
        "http://127.0.0.1:1{path}?cursor=x",
        "HTTP://LOCALHOST.:{port}{path}?cursor=x",
        "//localhost{path}?cursor=x#page",
    ],
)
def test_a_next_link_is_followed_by_the_scheme_and_port_of_the_setting(
    account_given: Account, given: Given, link: str
) -> None:
    base = urlsplit(account_given.config["api_url"])
    path = f"{base.path}/api/objectives/v1/orgs/{ORGANIZATION}/workflows"
    following = link.format(path=path, port=base.port)
    host = "localhost" if "localhost" in link.lower() else "127.0.0.1"
    first = {"next": following, "results": [{"id": WORKFLOW}]}
    given.pages = [as_json(first), as_json({"next": None, "results": [{"id": "another"}]})]

    output = account_given.run(
        "workflows", catalog=_CATALOG, api_url=f"http://{host}:{base.port}{base.path}"
    )

    assert output.failures == {}
    assert [record["id"] for record in output.records["workflows"]] == [WORKFLOW, "another"]
    assert [entry.query for entry in account_given.requests("workflows")] == ["", "cursor=x"]


@pytest.mark.parametrize("status", [404, 410, 204])
def test_a_page_of_workflows_after_the_last_one_may_not_exist(
    account_given: Account, given: Given, status: int
) -> None:
    first = {"next": "?page=2", "results": [{"id": WORKFLOW}]}
    given.pages = [
        as_json(first),
        Response(b"" if status == 204 else b'{"detail": "Invalid page."}', status),
    ]

    output = account_given.run("workflows", catalog=_CATALOG)

    assert output.failures == {}
    assert [record["id"] for record in output.records["workflows"]] == [WORKFLOW]


def test_workflows_that_only_repeat_are_an_error(account_given: Account, given: Given) -> None:
    given.pages = [
        as_json({"next": f"?cursor={page}", "results": [{"id": WORKFLOW}]}) for page in range(50)
    ]

    failure = account_given.run("workflows", catalog=_CATALOG).failures["workflows"]

    assert "GET /workflows does not move: 3 responses in a row brought nothing new" in failure
    assert len(account_given.requests("workflows")) == 4


_CATALOG = {
    "streams": [
        {
            "tap_stream_id": "workflows",
            "stream": "workflows",
            "key_properties": ["id"],
            "schema": {"type": "object", "properties": {"id": {"type": "string"}}},
            "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
        }
    ]
}


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
