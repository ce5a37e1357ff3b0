"""``--doctor`` finds what differs at a tenant; a run with the settings it names is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.harness import finding
from tests.tap_crewmojo.conftest import assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_crewmojo.conftest import Tenant

SUMMARY = "oneonone.summary"
PEOPLE = "people.custom"
DATED = {"report": SUMMARY}
UNDATED = {"report": PEOPLE, "date_range": False}


@pytest.mark.parametrize(
    ("variants", "given", "reports"),
    [
        ({}, [DATED, UNDATED], None),
        ({"undated_reports": "refuse_dates"}, [DATED, UNDATED], None),
        ({"undated_reports": "refuse_dates"}, [DATED, {"report": PEOPLE}], [DATED, UNDATED]),
        (
            {"formats": "csv_only"},
            [DATED, UNDATED],
            [{**DATED, "format": "csv"}, {**UNDATED, "format": "csv"}],
        ),
    ],
    ids=str,
)
def test_a_run_with_the_recommended_settings_is_complete(
    tenant_of: Callable[..., Tenant],
    variants: dict[str, str],
    given: list[dict[str, Any]],
    reports: list[dict[str, Any]] | None,
) -> None:
    tenant = tenant_of(**variants)
    report = tenant.doctor(reports=given)
    assert report["change"] == ({"reports": reports} if reports else {})
    assert report["exit_code"] == (1 if reports else 0)
    assert all(stream["works"] for stream in report["streams"])
    output = tenant.run(*(reports or given))
    assert not output.failures
    assert_complete(tenant, output, "people_custom", as_csv="formats" in variants)


@pytest.mark.parametrize(
    "variants", [{"undated_reports": "refuse_dates"}, {"formats": "csv_only"}], ids=str
)
def test_a_run_with_the_other_setting_names_the_doctor(
    tenant_of: Callable[..., Tenant], variants: dict[str, str]
) -> None:
    output = tenant_of(**variants).run({"report": PEOPLE})
    assert "date_range" in output.failures["people_custom"]
    assert "tap-crewmojo --config … --doctor" in output.failures["people_custom"]


@pytest.mark.parametrize("status", ["400", "404"])
def test_a_report_that_is_refused_in_every_form_does_not_fit(
    tenant_of: Callable[..., Tenant], status: str
) -> None:
    report = tenant_of(unknown_report=status).doctor(reports=[{"report": "no.such"}, DATED])
    (question,) = (one for one in report["questions"] if one["name"] == "report-forms")
    assert f"no_such is refused in every form (HTTP {status})" in question["finding"]
    assert question["fits"] is None
    assert report["exit_code"] == 2
    assert report["change"] == {}


def test_a_form_is_found_beside_one_that_is_not(tenant_of: Callable[..., Tenant]) -> None:
    given = [{"report": "no.such"}, {"report": PEOPLE}]
    report = tenant_of(undated_reports="refuse_dates").doctor(reports=given)
    assert report["change"] == {"reports": [given[0], UNDATED]}
    assert "no_such is refused in every form" in finding(report, "report-forms")


def test_a_vendor_that_is_down_is_told_of_every_question(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not "no report comes at once", and not by three tries for each question."""
    monkeypatch.setattr("tap_kit.http.retry.LONGEST_BACKOFF", 0.01)
    tenant.sandbox.fault("status", route="report", status=503, times=None)
    report = tenant.doctor(reports=[DATED, UNDATED])
    states = {one["name"]: one["state"] for one in report["questions"]}
    assert states["json-rows"] == states["csv"] == states["poll-path"] == "failed"
    assert report["requests"] < 20
    assert not any("used up" in str(one["missing"]) for one in report["streams"])


@pytest.mark.parametrize("path", ["segment", "query", "both"])
@pytest.mark.parametrize("kind", ["as_asked", "csv"])
def test_slow_reports_are_looked_at(tenant_of: Callable[..., Tenant], path: str, kind: str) -> None:
    tenant = tenant_of(poll_path=path, poll_format=kind)
    report = tenant.doctor()
    form = "query parameter" if path == "query" else "path segment"
    assert form in finding(report, "poll-path")
    assert ("JSON" if kind == "as_asked" else "text") in finding(report, "poll-format").split(";")[
        1
    ]
    assert report["exit_code"] == 0
    output = tenant.run("goals.slow")
    assert_complete(tenant, output, "goals_slow", as_csv=kind == "csv")


@pytest.mark.parametrize(
    ("variants", "name", "text"),
    [
        ({"json_rows": "array"}, "json-rows", "stands alone"),
        ({"json_rows": "data"}, "json-rows", "under data"),
        ({"json_rows": "rows"}, "json-rows", "under rows"),
        ({"csv_encoding": "utf-8"}, "csv", "no charset in its label, no byte order mark"),
        ({"csv_encoding": "utf-8-bom"}, "csv", "a byte order mark"),
        ({"csv_encoding": "utf-16-charset"}, "csv", "a charset in its label"),
        ({"csv_lines": "crlf"}, "csv", "line ends CR LF"),
        ({"csv_lines": "lf"}, "csv", "line ends LF"),
        ({"dates": "inclusive"}, "dates", "Both the first and the last day belong"),
        ({"dates": "end_excluded"}, "dates", "the last day does not belong"),
        ({"unknown_report": "400"}, "unknown-reports", "HTTP 400"),
        ({"unknown_report": "404"}, "unknown-reports", "HTTP 404"),
        ({"job_gone": "400"}, "gone-jobs", "HTTP 400"),
        ({"job_gone": "404"}, "gone-jobs", "HTTP 404"),
        ({"slow": "never"}, "poll-format", "No job became ready"),
    ],
    ids=str,
)
def test_what_needs_no_setting_is_found_too(
    tenant_of: Callable[..., Tenant], variants: dict[str, str], name: str, text: str
) -> None:
    report = tenant_of(**variants).doctor()
    assert text in finding(report, name)
    assert report["change"] == {}


def test_what_is_missing_is_told_of_its_report(tenant: Tenant) -> None:
    report = tenant.doctor(reports=[{"report": "bad.forbidden"}, {"report": SUMMARY}])
    verdicts = {one["stream"]: one["missing"] for one in report["streams"]}
    assert "Crewmojo can allow it" in verdicts["bad_forbidden"]
    assert verdicts["oneonone_summary"] is None
    assert report["exit_code"] == 0


def test_reports_beyond_the_bound_are_named(tenant: Tenant) -> None:
    many = [{"report": SUMMARY, "name": f"r{number}"} for number in range(60)]
    report = tenant.doctor(reports=many)
    assert report["requests"] == 40 == len(tenant.requests())
    left = [one for one in report["streams"] if one["works"] is None]
    assert left
    assert all("40 requests are used up" in one["missing"] for one in left)
    assert len(report["streams"]) == len(many)
