from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.http.response import Response
from tap_kit.http.status_errors import vendor_message


def response(content: str, content_type: str = "application/json") -> Response:
    return Response(400, {"content-type": content_type}, content.encode())


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
    assert vendor_message(response(content)) == message


def test_long_messages_are_cut() -> None:
    assert vendor_message(response(json.dumps({"message": "ab " * 900}))) == "ab " * 166 + "..."
    assert vendor_message(response("ab " * 9000)) == "ab " * 166 + "..."
    assert vendor_message(response("a" + " " * 30_000 + "b")) == "..."


@given(st.integers(0, 520), st.sampled_from([" ", '"', ","]))
def test_no_cut_goes_through_a_secret(before: int, separator: str) -> None:
    secret = "s3cr3t-value/+="
    text = separator.join(["x" * before, secret, "y" * 40])
    shown = vendor_message(response(json.dumps({"message": text})))
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
    message = vendor_message(response(json.dumps(value)))
    assert message
    assert len(message) <= 503
