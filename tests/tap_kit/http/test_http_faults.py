from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.http.call import Body
from tap_kit.http.faults import retry_after, vendor_message

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


def test_a_date_counts_from_our_clock_when_the_answer_has_none() -> None:
    later = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
    seconds = retry_after({"retry-after": later})
    assert seconds is not None
    assert 3500 < seconds <= 3600
    assert retry_after({"retry-after": date(9), "date": "rubbish"}) == 0


@given(st.text(), st.text())
def test_rubbish_is_no_wait(value: str, sent: str) -> None:
    seconds = retry_after({"retry-after": value, "date": sent})
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))


def body(content: str, content_type: str = "application/json") -> Body:
    return Body(400, {"content-type": content_type}, content.encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"message": "a"}', "a"),
        ('{"Message": "a", "x": 1}', "a"),
        ('{"error": "invalid_client", "error_description": "a"}', "a; invalid_client"),
        ('{"error": {"code": 5, "message": "a"}}', "a"),
        ('{"detail": "a"}', "a"),
        ('{"errors": [{"message": "a"}, {"message": "b"}, {"message": "a"}]}', "a; b"),
        ('{"title": "t", "errors": {"Limit": ["a", "b"]}}', "t; Limit: a; Limit: b"),
        ('{"format": ["wrong"], "end": ["early", "odd"]}', "format: wrong; end: early; end: odd"),
        ('["a", "b"]', "a; b"),
        ('"a"', "a"),
        ('{"message": null, "code": 7}', '{"message": null, "code": 7}'),
        ("<html>\n <b>a</b>", "<html> <b>a</b>"),
        ("", ""),
    ],
)
def test_the_vendors_words_are_found(content: str, message: str) -> None:
    assert vendor_message(body(content)) == message


def test_long_messages_are_cut() -> None:
    assert vendor_message(body(json.dumps({"message": "ab " * 900}))) == "ab " * 166 + "..."
    assert vendor_message(body("ab " * 9000)) == "ab " * 166 + "..."
    assert vendor_message(body("a" + " " * 30_000 + "b")) == "..."


@given(st.integers(0, 520), st.sampled_from([" ", '"', ","]))
def test_no_cut_goes_through_a_secret(before: int, separator: str) -> None:
    secret = "s3cr3t-value/+="
    text = separator.join(["x" * before, secret, "y" * 40])
    shown = vendor_message(body(json.dumps({"message": text})))
    assert secret in shown or "s3" not in shown


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["message", "errors", "error", "x"]), inner)
    ),
)


@given(_json)
def test_any_json_gives_a_message(value: object) -> None:
    message = vendor_message(body(json.dumps(value)))
    assert message
    assert len(message) <= 503
