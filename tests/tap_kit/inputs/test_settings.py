"""Wrong settings: one line, the setting's name, what is right, never the value."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from singer_sdk import typing as th

from tap_kit.errors import SettingsError
from tap_kit.inputs.settings import settings_schema
from tap_kit.inputs.settings_check import check_settings, is_safe_url
from tap_kit.tap import KitTap
from tap_kit.text.redact_logs import REDACTOR
from tap_kit.time.clock import utc_now
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
        ("https://api example.com", False),
        ("https://api.example.com/\tbase", False),
        ("https://api.example.com/base\nX-Other: 1", False),
    ],
)
def test_urls_are_https_or_this_machine(url: str, *, safe: bool) -> None:
    assert is_safe_url(url) is safe


NOW = datetime(2026, 3, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({"start_date": "2026-03-13"}, "start_date must not be in the future"),
        ({"start_date": "9999-12-31"}, "start_date must not be in the future"),
        ({"start_date": "0001-01-01T00:00:00+05:00"}, "start_date must be a date"),
        ({"start_date": "0001-01-01"}, "start_date must not be before 1900"),
        ({"lookback_days": 800_000}, "lookback_days must be at most 36525"),
        ({"lookback_days": 1e12}, "lookback_days must be at most 36525"),
        ({"lookback_days": math.nan}, "lookback_days must be a number, finite"),
        ({"request_timeout": math.inf}, "request_timeout must be"),
        ({"requests_per_second": 1e-300}, "requests_per_second must be 0 or at least 0.000001"),
        ({"max_attempts": 10**30}, "max_attempts must be at most 1000000000"),
        ({"token": "two\nlines"}, "token must not hold blanks, line ends"),
        ({"token": "two words"}, "token must not hold blanks, line ends"),
        ({"token": "schlüssel"}, "token must hold only letters"),
        ({"user_agent": "a\r\nX-Evil: 1"}, "user_agent must hold only letters"),
        ({"stream_maps": {"things": {"a": "b c"}}}, "stream_maps or flattening can't be used"),
    ],
)
def test_what_can_t_be_is_refused(
    changed: dict[str, Any], right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KitTap, "clock", staticmethod(lambda: NOW))
    message = told({**CONFIG, **changed})
    assert right in message
    assert "schlüssel" not in message


def test_an_end_date_may_be_to_come() -> None:
    tap = ExampleTap(config={**CONFIG, "end_date": "2999-12-31"})
    assert tap.until == tap.started_at


@pytest.mark.parametrize("around", ["{}\n", "\t{} ", "\ufeff{}\r\n", "{}\0"])
def test_a_secret_loses_what_a_file_left_around_it(around: str) -> None:
    token = "tok3n-from-a-file"  # no secret
    tap = ExampleTap(config={"token": around.format(token)})
    assert tap.config["token"] == token
    assert token not in REDACTOR.redact(f"refused {token}")
    assert token not in REDACTOR.redact(f"refused {around.format(token)!r}")


def test_lists_and_objects_may_come_as_text() -> None:
    tap = ExampleTap(config={**CONFIG, "stream_maps": "{}", "concurrency": "3.0"})
    assert tap.config["stream_maps"] == {}
    assert tap.config["concurrency"] == 3
    assert type(tap.config["concurrency"]) is int


@pytest.mark.parametrize("bookmark", ["2031-01-01T00:00:00Z", "9999-12-31"])
def test_a_bookmark_of_a_wrong_clock_is_read_from_now(
    bookmark: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(KitTap, "clock", staticmethod(lambda: NOW))
    state = {"bookmarks": {"things": {"replication_key_value": bookmark}}}
    tap = ExampleTap(config={**CONFIG, "window": "day", "lookback_days": 2}, state=state)
    read = list(tap.period.windows(tap.bookmarks.bookmark("things"), tap.until, of="things"))
    assert [window.start for window in read] == [NOW - timedelta(days=2), NOW - timedelta(days=1)]
    tap.sync_all()
    assert f"stream things: its bookmark {bookmark} lies in the future" in caplog.text
    assert tap.bookmarks.bookmark("things") == bookmark


@pytest.mark.parametrize("bookmark", ["0001-01-01", "0001-01-01T00:00:00Z"])
def test_a_bookmark_that_is_not_set_is_none(bookmark: str) -> None:
    tap = ExampleTap(config={**CONFIG, "start_date": "2026-01-15", "lookback_days": 36_525})
    first, *_ = tap.period.windows(bookmark, tap.until, of="things")
    assert first.start == datetime(2026, 1, 15, tzinfo=timezone.utc)
