from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.http.retry import retry_after

NOW = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3),
        (" 0 ", 0),
        ("1.5", 1.5),
        ("-4", 0),
        (date(90), 90),
        (date(-90), 0),
        ("Thu, 01 Jan 2026 12:00:05 -0000", 5),
        ("Thursday, 01-Jan-26 12:00:05 GMT", 5),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Thu, 99 Jan 2026 12:00:05 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value, "date": date(0)}) == seconds


def test_a_date_counts_from_our_clock_when_the_response_has_none() -> None:
    later = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
    seconds = retry_after({"retry-after": later})
    assert seconds is not None
    assert 3500 < seconds <= 3600
    assert retry_after({"retry-after": date(9), "date": "rubbish"}) == 0


@given(st.text(), st.text())
def test_rubbish_is_no_wait(value: str, sent: str) -> None:
    seconds = retry_after({"retry-after": value, "date": sent})
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))
