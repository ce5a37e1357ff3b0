"""Wrong settings: one line that names the report and says what is right, before any request."""

from __future__ import annotations

from typing import Any

import pytest

from tap_crewmojo.report import Report
from tap_crewmojo.tap import TapCrewmojo
from tap_kit.errors import SettingsError

CONFIG: dict[str, Any] = {
    "client_id": "an-id",
    "client_secret": "s3cret-value",
    "start_date": "2025-01-01",
    "reports": [{"report": "oneonone.summary"}],
}


def told(**changed: object) -> str:
    config = {name: value for name, value in {**CONFIG, **changed}.items() if value is not None}
    with pytest.raises(SettingsError) as caught:
        TapCrewmojo(config=config)
    message = str(caught.value)
    assert "\n" not in message
    assert CONFIG["client_secret"] not in message
    return message


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({"client_id": None}, "client_id is missing"),
        ({"client_secret": None}, "client_secret is missing"),
        ({"environment": "staging"}, "environment must be one of: production, test"),
        ({"api_url": "http://api.crewmojo.com/v1"}, "api_url must be an https:// address"),
        ({"reports": None}, "reports is missing"),
        ({"reports": []}, "reports needs at least 1 item"),
        ({"reports": {"report": "a"}}, "reports must be an array"),
        ({"reports": ["oneonone.summary"]}, "reports.0 must be an object"),
        ({"start_date": None}, "start_date is missing: oneonone.summary is asked for by date"),
        ({"poll_interval": 0}, "poll_interval must be greater than 0"),
        ({"report_timeout": 0}, "report_timeout must be greater than 0"),
        ({"max_report_restarts": -1}, "max_report_restarts must be at least 0"),
        ({"force_long_running": "yes"}, "force_long_running must be a boolean"),
        (
            {"reports": [{"report": "a.b"}, {"report": "a-b"}]},
            "reports: a.b, a-b have the same stream name a_b; set name for one of them",
        ),
        (
            {"reports": [{"report": "a"}, {"report": "b", "name": "a"}]},
            "reports: a, b have the same stream name a",
        ),
    ],
)
def test_each_rule_names_its_setting(changed: dict[str, Any], right: str) -> None:
    assert right in told(**changed)


@pytest.mark.parametrize(
    ("item", "right"),
    [
        ({"report": ""}, "reports.0 ().report must not be empty"),
        ({"name": ""}, "reports.0 (a.b).name must not be empty"),
        ({"format": "xlsx"}, "reports.0 (a.b).format must be one of: json, csv"),
        ({"window": "hour"}, "reports.0 (a.b).window must be one of: day, week, month"),
        ({"lookback_days": -1}, "reports.0 (a.b).lookback_days must be at least 0"),
        ({"date_range": "no"}, "reports.0 (a.b).date_range must be a boolean"),
        ({"columns": {"x": "float"}}, "reports.0 (a.b).columns.x must be one of: integer, number"),
        ({"columns": ["x"]}, "reports.0 (a.b).columns must be an object"),
        ({"primary_keys": "x"}, "reports.0 (a.b).primary_keys must be an array"),
        ({"primary_keys": [""]}, "reports.0 (a.b).primary_keys.0 must not be empty"),
        ({"primary_keys": [1]}, "reports.0 (a.b).primary_keys.0 must be a string"),
        ({"primary_keys": []}, "reports: a.b: primary_keys must name a column"),
        ({"primary_keys": ["x", "x"]}, "reports: a.b: primary_keys must name each column once"),
        ({"primary_keys": ["extra_columns"]}, "reports: a.b: primary_keys can't have extra"),
        (
            {"primary_keys": ["x", "end_date"], "date_range": False},
            "reports: a.b: primary_keys can't have dates where date_range is false",
        ),
        (
            {"columns": {"report": "string"}},
            "reports: a.b: columns can't have report; the report's own is called column_report",
        ),
        ({"contentType": "json"}, "reports.0 (a.b) has a key that is not known; known are: report"),
    ],
)
def test_each_rule_names_the_report(item: dict[str, Any], right: str) -> None:
    assert right in told(reports=[{"report": "a.b", **item}])


def test_an_item_without_its_report_is_named_by_its_number() -> None:
    message = told(reports=[{"report": "a"}, {"name": "b"}])
    assert "reports.1.report is missing: Identifier of the report" in message


@pytest.mark.parametrize(
    ("identifier", "stream"),
    [
        ("oneonone.summary", "oneonone_summary"),
        ("a.-b__c", "a_b_c"),
        ("Reviews 2025", "Reviews_2025"),
    ],
)
def test_streams_are_named_by_their_report(identifier: str, stream: str) -> None:
    assert Report.of({"report": identifier}).stream == stream
    assert Report.of({"report": identifier, "name": None}).stream == stream


@pytest.mark.parametrize(
    ("environment", "api_url", "used"),
    [
        (None, None, "https://api.crewmojo.com/v1"),
        ("test", None, "https://api.test.crewmojo.com/v1"),
        ("test", "https://proxy.example.com/v1/", "https://proxy.example.com/v1"),
    ],
)
def test_the_environment_gives_the_url(
    environment: str | None, api_url: str | None, used: str
) -> None:
    config = {**CONFIG, "environment": environment, "api_url": api_url}
    tap = TapCrewmojo(config=config, catalog={"streams": []})
    assert tap.api_url == used
