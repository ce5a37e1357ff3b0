"""Reports that can not be read, wholly or in part; the others go on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.tap_crewmojo.conftest import (
    YESTERDAY,
    Tenant,
    assert_complete,
    reached,
    state_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_primary_key_that_is_null_ends_the_stream(tenant: Tenant) -> None:
    output = tenant.run({"report": "oneonone.summary", "primary_keys": ["completedDate"]})
    assert (
        "field completedDate is part of the primary key, but the vendor sent none"
        in (output.failures["oneonone_summary"])
    )
    assert not output.records


def test_a_primary_key_that_is_no_column_is_told(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    output = tenant.run({"report": "oneonone.summary", "primary_keys": ["employee"]})
    assert "oneonone.summary has no column employee, which its primary_keys name" in caplog.text
    assert "employee is part of the primary key" in output.failures["oneonone_summary"]


def test_a_cell_that_does_not_fit_its_type_is_told(tenant: Tenant) -> None:
    columns = {"comment": "number"}
    output = tenant.run(
        {"report": "objectives.detail", "format": "csv", "columns": columns}, "oneonone.summary"
    )
    message = output.failures["objectives_detail"]
    assert "objectives.detail (2025-03-04 to 2025-03-31)" in message
    assert "Column 'comment', row 1: expected number, found string of " in message
    assert output.records.keys() == {"oneonone_summary"}


@pytest.mark.parametrize("report", ["objectives.detail", "goals.slow"])  # at once, and as a job
def test_a_sentence_in_place_of_a_report_fails_the_stream(tenant: Tenant, report: str) -> None:
    catalog = tenant.discover(report)
    tenant.sandbox.fault(
        "status",
        contains=report,
        status=200,
        body="Oops, something went wrong\n",
        content_type="text/csv",
        times=None,
    )

    output = tenant.run(report, catalog=catalog, max_attempts=2)

    assert "none of the columns" in output.failures[report.replace(".", "_")]
    assert not output.state.get("bookmarks")


def test_an_entirely_empty_body_is_an_empty_report(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    output = tenant.run("bad.empty", window="year")
    assert output.exit_code == 0
    assert not output.records
    assert reached(output) == state_at(YESTERDAY, "bad_empty")
    assert (
        "stream bad_empty: the response is entirely empty: bad.empty (2025-03-04 to 2025-06-02)"
        in (caplog.messages)
    )


def test_headings_alone_are_an_empty_report_without_a_warning(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    output = tenant.run({"report": "bad.headings", "format": "csv"})
    assert output.exit_code == 0
    assert "rating" in output.schemas["bad_headings"]["schema"]["properties"]
    assert not [line for line in caplog.records if line.levelno >= logging.WARNING]


def test_a_row_with_too_many_cells_is_an_error_of_its_stream(tenant: Tenant) -> None:
    output = tenant.run({"report": "bad.ragged", "format": "csv"}, "objectives.detail")
    assert "has 4 cells under 3 headings" in output.failures["bad_ragged"]
    assert_complete(tenant, output, "objectives_detail")


@pytest.mark.parametrize(
    ("report", "variants", "told"),
    [
        ("bad.forbidden", {}, "HTTP 403 Forbidden: No permission for report bad.forbidden. The cl"),
        ("not.there", {}, "HTTP 400 Bad Request: Unknown report not.there. Check the report's id"),
        ("not.there", {"unknown_report": "404"}, "HTTP 404 Not Found: Unknown report not.there"),
        ("not.there", {"error_body": "error"}, "HTTP 400 Bad Request: Unknown report"),
        ("not.there", {"error_body": "error_description"}, "Bad Request: Unknown report"),
    ],
)
def test_a_report_that_can_t_be_read_does_not_stop_the_others(
    tenant_of: Callable[..., Tenant], report: str, variants: dict[str, str], told: str
) -> None:
    tenant = tenant_of(**variants)
    catalog = tenant.discover(report, "objectives.detail")
    for given in (None, catalog):
        output = tenant.run(report, "objectives.detail", catalog=given)
        assert output.failures.keys() == {report.replace(".", "_")}
        assert told in output.failures[report.replace(".", "_")]
        assert_complete(tenant, output, "objectives_detail")


def test_a_report_that_is_refused_with_401_does_not_stop_the_others(tenant: Tenant) -> None:
    tenant.sandbox.fault("status", route="report", contains="people.custom", status=401, times=None)
    output = tenant.run({"report": "people.custom", "date_range": False}, "objectives.detail")
    assert (
        "the client may not read this report, or another process"
        in (output.failures["people_custom"])
    )
    assert_complete(tenant, output, "objectives_detail")


@pytest.mark.parametrize("kind", ["html", "garbage", "truncate"])
def test_responses_that_are_no_report_are_asked_for_again(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("tap_kit.http.retry.backoff.full_jitter", lambda _: 0.0)
    for route in ("report", "poll"):
        tenant.sandbox.fault(kind, route=route, times=2)
    output = tenant.run("goals.slow", "objectives.detail")
    assert_complete(tenant, output, "goals_slow", "objectives_detail")
