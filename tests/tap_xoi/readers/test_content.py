"""Content by its ids: 50 in a request, in the windows of the documentation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.singer import select

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_xoi.conftest import Tenant


def asked(tenant: Tenant) -> list[list[str]]:
    """The ids of each request."""
    bodies = [json.loads(entry.body) for entry in tenant.requests("content_graphql")]
    return [body["variables"]["input"]["contentIDs"] for body in bodies]


@pytest.mark.parametrize("answer", ["list", "object"])
@pytest.mark.parametrize("streams", [("content",), ("documentation", "content")])
def test_all_content_comes_once(
    tenant_of: Callable[..., Tenant], answer: str, streams: tuple[str, ...]
) -> None:
    tenant = tenant_of(content_answer=answer)
    output = tenant.run(*streams)

    assert output.failures == {}
    assert tenant.truth("content")
    tenant.assert_same(output.records["content"], tenant.truth("content"), "content")
    assert all(len(ids) <= 50 for ids in asked(tenant))
    assert output.state["bookmarks"].keys() == {*streams}


def test_ids_go_50_together(tenant_of: Callable[..., Tenant]) -> None:
    tenant = tenant_of(scale=0.5)
    tenant.run("content", window="year")

    sizes = [len(ids) for ids in asked(tenant)]
    assert 50 in sizes
    assert sum(sizes) == len(tenant.truth("content"))
    assert len(sizes) <= len(tenant.truth("content")) // 50 + 4  # a rest for each window


def test_it_is_off_by_default(tenant: Tenant) -> None:
    tenant.run()

    assert not tenant.requests("content_graphql")


def test_a_later_run_goes_on(tenant: Tenant) -> None:
    first = tenant.run("content")
    tenant.sandbox.advance(days=3)
    tenant.sandbox.clear_journal()
    second = tenant.run("content", state=first.state, **_day())

    together = {**first.by_key("content", "id"), **second.by_key("content", "id")}
    truth = tenant.truth("content")
    # That of jobs which were deleted meanwhile is in the warehouse, too.
    there = [together[row["id"],] for row in truth if (row["id"],) in together]
    tenant.assert_same(there, truth, "content")
    assert len(second.records["content"]) < len(first.records["content"])


def _day() -> dict[str, Any]:
    return {"window": "day", "lookback_days": 1}


def test_content_that_is_gone_is_skipped(tenant: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    rows = {row["id"]: row for row in tenant.truth("content")}
    gone, *rest = rows
    _answer_with(tenant, [rows[key] for key in rest])
    output = tenant.run("content", window="year", start_date="2020-01-01")

    assert output.failures == {}
    assert f"{gone} is gone, skipped" in caplog.text


def _answer_with(tenant: Tenant, rows: list[dict[str, Any]]) -> None:
    """Answer each request with those of the rows that it names, whatever the others are."""
    vendor: Any = tenant.sandbox.vendor("xoi")
    known = {row["id"]: row for row in rows}
    vendor._tenant.contents = lambda: known


def test_a_refusal_that_names_no_id_leaves_only_that_one_out(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    gone = next(row["id"] for row in tenant.truth("content"))
    tenant.sandbox.fault(
        "graphql_error",
        route="content_graphql",
        contains=f'"{gone}"',
        message="Content not found",
        times=None,
    )
    output = tenant.run("content")

    assert output.failures == {}
    rest = [row for row in tenant.truth("content") if row["id"] != gone]
    tenant.assert_same(output.records["content"], rest, "content")
    assert f"{gone} is gone, skipped" in caplog.text


def test_where_all_is_gone_the_stream_fails_and_its_bookmark_waits(tenant: Tenant) -> None:
    _answer_with(tenant, [])
    output = tenant.run("content", "documentation")

    assert output.failures.keys() == {"content"}
    assert "none of" in output.failures["content"]
    assert "content_url" in output.failures["content"]
    assert output.state["bookmarks"].keys() == {"documentation"}


def test_its_failure_leaves_the_documentation_alone(tenant: Tenant) -> None:
    tenant.sandbox.fault("status", route="content_graphql", status=400, times=None)
    first = tenant.run("content", "documentation")
    tenant.sandbox.clear_faults()
    second = tenant.run("content", state=first.state)

    assert first.failures.keys() == {"content"}
    tenant.assert_same(
        first.records["documentation"], tenant.truth("documentation"), "documentation"
    )
    tenant.assert_same(second.records["content"], tenant.truth("content"), "content")


@pytest.mark.parametrize("data", [{}, {"getContent": {}}, {"getContent": {"content": "text"}}])
def test_another_shape_is_no_empty_answer(tenant: Tenant, data: dict[str, Any]) -> None:
    body = json.dumps({"data": data})
    tenant.sandbox.fault("status", route="content_graphql", status=200, body=body, times=None)
    output = tenant.run("content", max_attempts=2)

    assert output.failures.keys() == {"content"}
    assert "content" not in output.state["bookmarks"]


def test_only_selected_fields_are_requested(tenant: Tenant) -> None:
    catalog = select(tenant.discover(), "content", without=[("content", "uploader")])
    output = tenant.run(catalog=catalog)

    assert not any("uploader" in entry.body for entry in tenant.requests("content_graphql"))
    assert {row["mediaType"] for row in output.records["content"]} == {"image/jpeg"} | {
        row["mediaType"] for row in tenant.truth("content")
    }


def test_a_field_that_xoi_lacks_leaves_its_column_empty(tenant: Tenant) -> None:
    complaint = "Cannot query field 'sha256hex' on type 'Content'."
    tenant.sandbox.fault(
        "graphql_error",
        route="content_graphql",
        contains="sha256hex",
        message=complaint,
        times=None,
    )
    output = tenant.run("content")

    assert output.failures == {}
    assert len(output.records["content"]) == len(tenant.truth("content"))
    assert not any(row.get("sha256hex") for row in output.records["content"])
