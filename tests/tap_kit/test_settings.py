"""Wrong settings: one line, the setting's name, what is right, never the value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from singer_sdk import typing as th

from tap_kit.clock import utc_now
from tap_kit.errors import SettingsError
from tap_kit.settings import check_settings, is_safe_url, settings_schema
from tests.tap_kit.example import CONFIG, ExampleTap


def told(config: dict[str, Any], *, validate: bool = True) -> str:
    with pytest.raises(SettingsError) as caught:
        ExampleTap(config=config, validate_config=validate)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({"token": None}, "token is missing: A token"),
        ({"token": 1234567}, "token must be a string"),
        ({"concurrency": 0}, "concurrency must be at least 1"),
        ({"concurrency": 33}, "concurrency must be at most 32"),
        ({"concurrency": "many"}, "concurrency must be an integer"),
        ({"window": "decade"}, "window must be one of: day, week, month, quarter, year"),
        ({"requests_per_second": 0}, "requests_per_second must be greater than 0"),
        ({"lookback_days": "soon"}, "lookback_days must be a number"),
        ({"lookback_days": "nan"}, "lookback_days must be a number"),
        ({"request_timeout": "inf"}, "request_timeout must be a number"),
        ({"start_date": "yesterday"}, "start_date must be a date or date-time in ISO 8601"),
        ({"start_date": "2024-02-30"}, "start_date must be a date or date-time in ISO 8601"),
        (
            {"start_date": "2024-02-02", "end_date": "2024-02-02"},
            "end_date must be after start_date",
        ),
        ({"api_url": "http://api.example.com"}, "api_url must be an https:// address"),
        ({"include_secrets": "yes"}, "include_secrets must be a boolean"),
    ],
)
def test_each_rule_names_its_setting(changed: dict[str, Any], right: str) -> None:
    message = told({**CONFIG, **changed})
    assert right in message
    assert "1234567" not in message


def test_all_that_is_wrong_is_one_line() -> None:
    message = told({"concurrency": 99, "window": "x"})
    assert message.count(";") == 2


def test_an_item_of_a_list_is_called_by_its_first_required_member() -> None:
    schema = settings_schema(
        th.Property(
            "reports",
            th.ArrayType(
                th.ObjectType(
                    th.Property("report", th.StringType, required=True),
                    th.Property("lookback_days", th.NumberType),
                )
            ),
        )
    )
    config = {"reports": [{"report": "a.b", "lookback_days": "x"}, {"lookback_days": 1}]}
    assert list(check_settings(config, schema, complete=True, now=utc_now())) == [
        "reports.0 (a.b).lookback_days must be a number",
        "reports.1.report is missing",
    ]


def test_discovery_does_without_what_is_missing_but_not_with_what_is_wrong() -> None:
    ExampleTap(config={}, validate_config=False)
    assert "window must be one of" in told({"window": "x"}, validate=False)


def test_defaults_are_filled_in_and_nulls_are_as_absent() -> None:
    tap = ExampleTap(config={**CONFIG, "window": None, "end_date": None})
    assert tap.config["window"] == "month"
    assert tap.config["concurrency"] == 4
    assert "end_date" not in tap.config


def test_numbers_may_come_as_text() -> None:
    tap = ExampleTap(config={**CONFIG, "lookback_days": "0.5"})
    assert tap.config["lookback_days"] == 0.5


def test_the_decimals_that_the_sdk_reads_from_files_are_plain_numbers() -> None:
    config = {**CONFIG, "request_timeout": Decimal("0.5"), "lookback_days": Decimal("2.0")}
    tap = ExampleTap(config={**config, "stream_map_config": {"limits": [Decimal("1.5")]}})
    assert type(tap.config["request_timeout"]) is float
    assert type(tap.config["lookback_days"]) is int
    assert type(tap.config["stream_map_config"]["limits"][0]) is float


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://api.example.com", True),
        ("https://api.example.com:8443/base", True),
        ("http://localhost:8765", True),
        ("http://127.0.0.9", True),
        ("http://[::1]:80", True),
        ("http://api.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("https://user:password@api.example.com", False),
        ("https://api.example.com/?key=1", False),
        ("https://", False),
        ("https://api.example.com:x", False),
        ("ftp://api.example.com", False),
        ("api.example.com", False),
    ],
)
def test_urls_are_https_or_this_machine(url: str, *, safe: bool) -> None:
    assert is_safe_url(url) is safe
