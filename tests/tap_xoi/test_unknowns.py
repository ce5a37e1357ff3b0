"""``--doctor`` finds what differs at an account; a run with the settings it names is complete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness import finding
from tests.tap_xoi.conftest import REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_xoi.conftest import Tenant

CLOSED = "http://127.0.0.1:9/stag"


def assert_complete(tenant: Tenant, **settings: Any) -> None:  # noqa: ANN401  # settings have all types
    output = tenant.run(*REPORTS, "jobs", **settings)
    assert not output.failures
    source = settings.get("workflow_job_source", "webhook_history")
    for stream in REPORTS:
        tenant.assert_same(output.records[stream], tenant.truth(stream, source), stream)
    tenant.assert_same(output.records["jobs"], tenant.truth("jobs"), "jobs")


@pytest.mark.parametrize(
    ("variants", "given", "change"),
    [
        ({}, {}, {}),
        ({"webhook_history": "empty"}, {}, {"workflow_job_source": "documentation"}),
        ({"webhook_history": "empty"}, {"workflow_job_source": "documentation"}, {}),
        ({"largest_page": "50"}, {}, {"page_size": 25}),
        ({"largest_page": "50", "graphql_error_status": "400"}, {}, {"page_size": 25}),
        ({"largest_page": "50"}, {"page_size": 50}, {}),
        (
            {"webhook_history": "empty", "largest_page": "50", "plate_value": "flat"},
            {},
            {"workflow_job_source": "documentation", "page_size": 25},
        ),
    ],
    ids=str,
)
def test_a_run_with_the_recommended_settings_is_complete(
    tenant_of: Callable[..., Tenant],
    variants: dict[str, str],
    given: dict[str, Any],
    change: dict[str, Any],
) -> None:
    tenant = tenant_of(**variants)
    report = tenant.doctor(**given)
    assert report["change"] == change
    assert report["exit_code"] == (1 if change else 0)
    assert all(stream["works"] for stream in report["streams"])
    assert_complete(tenant, **{**given, **change})


@pytest.mark.parametrize("name", ["token_url", "reporting_url"])
def test_the_other_spelling_of_staging_is_found(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    right = {url: tenant.config.pop(url) for url in tenant.config.copy() if url.endswith("_url")}
    wrong = {
        "token_url": CLOSED,
        # A gateway answers, but not for this path.
        "reporting_url": right["reporting_url"].replace("/prod/", "/stag/"),
    }
    monkeypatch.setitem(
        __import__("tap_xoi.client", fromlist=["ENVIRONMENTS"]).ENVIRONMENTS,
        "staging",
        {**right, name: wrong[name]},
    )
    for module in ("apis", "reporting"):
        monkeypatch.setattr(f"tap_xoi.unknowns.{module}.OTHER_STAGING", right)
    report = tenant.doctor(environment="staging")
    assert report["change"] == {name: right[name]}
    assert all(stream["works"] for stream in report["streams"])
    assert_complete(tenant, environment="staging", **report["change"])


def test_production_is_not_sent_elsewhere(tenant: Tenant) -> None:
    report = tenant.doctor(token_url=CLOSED)
    assert report["exit_code"] == 2
    assert "can't be reached" in report["failure"]
    assert not tenant.requests()


def test_a_wrong_address_of_reports_is_told(tenant: Tenant) -> None:
    wrong = tenant.config["reporting_url"].replace("/prod/", "/old/")
    report = tenant.doctor(reporting_url=wrong)
    assert report["exit_code"] == 2
    assert "reporting_url" in finding(report, "reporting-address")
    output = tenant.run(*REPORTS, reporting_url=wrong)
    assert "tap-xoi --config … --doctor" in output.failures["workflow_job_reports"]


def test_a_page_that_is_too_large_sends_to_the_doctor(tenant_of: Callable[..., Tenant]) -> None:
    output = tenant_of(largest_page="50").run("jobs", max_attempts=1)
    assert "page_size" in output.failures["jobs"]
    assert "tap-xoi --config … --doctor" in output.failures["jobs"]


def test_an_empty_history_sends_to_the_doctor(tenant_of: Callable[..., Tenant]) -> None:
    output = tenant_of(webhook_history="empty").run(*REPORTS, "jobs")
    for stream in REPORTS:
        assert "workflow_job_source to documentation" in output.failures[stream]
        assert "tap-xoi --config … --doctor" in output.failures[stream]
    assert output.records["jobs"]


def test_an_account_that_is_new_has_no_history_yet(
    tenant_of: Callable[..., Tenant], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing was completed in the run's time, so nothing is missing."""
    tenant = tenant_of(webhook_history="empty")
    output = tenant.run(*REPORTS, start_date="2001-01-01", end_date="2001-03-01")
    assert output.failures == {}
    assert "webhook history" not in caplog.text
    assert len(tenant.requests("jobs_graphql")) < 20


def test_a_quiet_night_is_only_told(
    tenant_of: Callable[..., Tenant], caplog: pytest.LogCaptureFixture
) -> None:
    """A history that had events may have none for a while; but somebody should know."""
    tenant = tenant_of()
    first = tenant.run(*REPORTS)
    tenant.sandbox.set_variant("xoi.webhook_history", "empty")
    assert "webhook history" not in caplog.text
    output = tenant.run(*REPORTS, state=first.state)
    assert output.failures == {}
    assert "tap-xoi --config … --doctor" in caplog.text


def test_a_history_that_is_too_short_is_told(
    tenant_of: Callable[..., Tenant], caplog: pytest.LogCaptureFixture
) -> None:
    tenant = tenant_of(webhook_history="recent")
    output = tenant.run(*REPORTS)
    assert output.failures == {}
    assert "jobs with documentation were completed before" in caplog.text
    caplog.clear()
    began = min(event["firedAt"] for event in tenant.truth("webhook_history"))
    tenant.run(*REPORTS, start_date=began)
    assert "webhook history" not in caplog.text


def test_an_account_without_a_job_is_no_puzzle(tenant: Tenant) -> None:
    nothing = {"items": [], "nextToken": ""}
    lists = {
        "listJobs": "jobConnection",
        "listDocumentation": "documentationConnection",
        "listWebhookHistory": "webhookHistoryConnection",
    }
    answer = json.dumps({"data": {name: {holder: nothing} for name, holder in lists.items()}})
    tenant.sandbox.fault("status", route="jobs_graphql", status=200, body=answer, times=None)
    report = tenant.doctor()
    assert report["exit_code"] == 0
    assert report["change"] == {}
    assert all(stream["works"] for stream in report["streams"])
    for name in ("plates", "no-step-data", "step-values"):
        assert finding(report, name) == "There is no report to see it by."
    for name in ("content-form", "gone-content"):
        assert "No new documentation" in finding(report, name)


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429}], ids=str)
def test_a_vendor_that_is_down_is_no_reason_for_smaller_pages(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, fault: dict[str, int]
) -> None:
    monkeypatch.setattr("tap_kit.http.retry.LONGEST_BACKOFF", 0.01)
    tenant.sandbox.fault("status", route="jobs_graphql", contains="CREATED_AT", times=None, **fault)
    report = tenant.doctor()
    assert f"HTTP {fault['status']}" in finding(report, "largest-page")
    assert report["change"] == {}
    assert report["exit_code"] == 2


def test_ids_that_are_gone_may_be_refused(tenant: Tenant) -> None:
    body = json.dumps({"data": None, "errors": [{"message": "Content not found"}]})
    tenant.sandbox.fault(
        "status", route="content_graphql", contains="00000000", status=200, body=body, times=None
    )
    report = tenant.doctor()
    assert "makes it refuse both (HTTP 200)" in finding(report, "gone-content")
    assert report["exit_code"] == 0


@pytest.mark.parametrize(
    ("variants", "name", "text"),
    [
        ({"webhook_history": "recent"}, "webhook-history", "the oldest of 2"),
        ({"webhook_history": "recent"}, "webhook-history", "Documentation is older"),
        ({"webhook_history": "all"}, "webhook-history", "No documentation is older"),
        ({"content_answer": "list"}, "content-form", "For 2 ids it gives a list of 2."),
        ({"content_answer": "object"}, "content-form", "For 2 ids it gives an object."),
        ({"content_answer": "list"}, "gone-content", "gives a list of 1."),
        ({"content_answer": "object"}, "gone-content", "gives an object."),
        ({"event_names": "imperative"}, "event-names", "are 100 job_update."),
        ({"event_names": "past"}, "event-names", "are 100 job_updated."),
        ({}, "organizations", "of 1 organization."),
        ({}, "fields", "All fields are known."),
        ({"users_phone_number": "field"}, "phone-number", "knows phone_number"),
        ({"users_phone_number": "unknown_field"}, "phone-number", "does not know phone_number"),
        ({"plate_value": "nested"}, "plates", "under value"),
        ({"plate_value": "flat"}, "plates", "directly"),
        ({"choice_value": "list"}, "step-values", "a list"),
        ({"no_step_data": "null"}, "no-step-data", "is null"),
        ({"no_step_data": "none_text"}, "no-step-data", "is the text None"),
        ({"no_step_data": "empty_object"}, "no-step-data", "is an empty object"),
        ({"unknown_pair": "404"}, "unknown-pairs", "HTTP 404"),
        ({"unknown_pair": "403"}, "unknown-pairs", "HTTP 403"),
        ({"unfinished_report": "200"}, "unfinished", "has a report"),
        ({"unfinished_report": "404"}, "unfinished", "has none (HTTP 404)"),
    ],
    ids=str,
)
def test_what_needs_no_setting_is_found_too(
    tenant_of: Callable[..., Tenant], variants: dict[str, str], name: str, text: str
) -> None:
    report = tenant_of(**variants).doctor()
    assert text in finding(report, name)
    assert report["change"] == {}
