"""Whose reports are read, and which workflows the organization lists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from sandbox.web import Response, as_json
from tap_kit.errors import StreamError, UnreachableError
from tests.tap_giosg.conftest import Account, contents, latest
from tests.tap_giosg.given import ORGANIZATION, WORKFLOW, Given

if TYPE_CHECKING:
    from collections.abc import Callable

ELSEWHERE = "99999999-0000-4000-8000-000000000000"

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
