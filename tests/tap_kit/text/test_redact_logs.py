"""Known secrets, and what looks like one, in texts and in what goes to stderr."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import sys
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_kit.text.redact_logs import RedactedStream, Redactor
from tests.tap_kit.text.conftest import SECRET

# Known values


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps(SECRET)),
        json.dumps(SECRET).replace("&", r"\u0026").replace("/", r"\/"),
        html.escape(SECRET),
        quote(quote(SECRET, safe=""), safe=""),
        quote_plus(json.dumps(SECRET)),
    ],
)
def test_a_known_value_goes_in_every_form(redactor: Redactor, form: str) -> None:
    assert re.sub(r'[\\"]|%22|%5C', "", redactor.redact(f"before {form} after")) == (
        "before *** after"
    )


@given(
    before=st.text(max_size=6), secret=st.text(min_size=8, max_size=40), after=st.text(max_size=6)
)
def test_a_known_value_goes_from_within_base64(before: str, secret: str, after: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    left = redactor.redact(_base64(before + secret + after)).replace("***", "")
    # At both ends a character may hold bits of the secret and of its neighbour or padding.
    assert len(left) <= len(_base64(before)) + len(_base64(after)) + len("A==")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@settings(deadline=None)
@given(st.lists(st.text(min_size=4), min_size=1, max_size=5), st.text(), st.data())
def test_no_known_value_survives(values: list[str], around: str, data: st.DataObject) -> None:
    redactor = Redactor()
    for value in values:
        redactor.add(value)
    secret = data.draw(st.sampled_from(values))
    redacted = redactor.redact(f"{around}{secret}{around}")
    # The mask itself is the only text that may spell a secret.
    assert all(secret not in part for part in redacted.split("***") for secret in values)


def test_values_too_short_to_be_told_apart_are_left() -> None:
    redactor = Redactor()
    redactor.add("abc")
    redactor.add("")
    assert redactor.redact("abc") == "abc"


# What secrets look like


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer XYZ",
        "Authorization: Token XYZ",
        "Authorization: XYZ",
        "{'Authorization': 'Bearer XYZ', 'Accept': '*/*'}",
        "{'Authorization': b'XYZ', 'Accept': b'*/*'}",
        "{'X-Amz-Security-Token': b'XYZ', 'X-Amz-Date': b'1'}",
        "x-amz-date:1\nx-amz-security-token:XYZ\n\nhost;x-amz-security-token",
        '{"authorization": "XYZ"}',
        r"send: b'GET / HTTP/1.1\r\nAuthorization: Basic XYZ\r\nHost: a'",
        "the header was Bearer XYZ",
        "sent Bearer XYZ1 again",
        '"GET /query/v2/graph?key=XYZ&csv=true HTTP/1.1" 200',
        "https://a.example/b?sv=1&sig=XYZ&se=2",
        "https://a.example/b?X-Amz-Signature=XYZ",
        "https://a.example/b?x-amz-credential=XYZ",
        "client_id=me&client_secret=XYZ&grant_type=client_credentials",
        "Token(access_token='XYZ')",
        "api_key=XYZ",
        "api_secret=XYZ",
        "/x?token=XYZ",
        '{"access_token":"XYZ","expires_in":3600}',
        '{"access_token": "XYZ',
        "{'client_secret': 'XYZ'}",
        r'{"body": "{\"token\": \"XYZ\"}"}',
        '{"downloadSignature": "XYZ"}',
        "http://me:XYZ@proxy.example:3128",
    ],
)
@pytest.mark.parametrize("secret", ["eyJ0.a-b_c~9", "Zm9vOmJhcg%3D%3D"])
def test_what_looks_like_a_secret_goes(text: str, secret: str) -> None:
    redacted = Redactor().redact(text.replace("XYZ", secret))
    assert secret not in redacted
    assert "***" in redacted
    for kept in ("csv=true", "se=2", "expires_in", "client_id=me", "Host: a", "Accept"):
        assert (kept in redacted) == (kept in text)


@pytest.mark.parametrize(
    "text",
    [
        "primary_key=jobId replication-key=updated",
        "Check the settings client_id, client_secret",
        "set auth_scheme to Bearer instead of Token",
        "HTTP 401 Unauthorized: the authorization header is missing",
        'nextToken="" tokens=3',
        "https://a.example:8443/b?page=2",
        "2026-01-01 10:00:00 | INFO | user@example.com",
        '{"token": ""}',
        "***",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Redactor().redact(text) == text


# stderr


def test_a_secret_in_pieces_does_not_pass(redactor: Redactor) -> None:
    below = io.StringIO()
    stream = RedactedStream(below, redactor)
    for piece in ("a ", SECRET[:4], SECRET[4:], " b\nnext ", "line"):
        stream.write(piece)
    assert below.getvalue() == "a *** b\n"
    stream.flush()
    assert below.getvalue() == "a *** b\nnext line"


def test_it_can_stand_in_for_stderr(redactor: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    import click  # noqa: PLC0415  # one of those that look for a way to the bytes below

    below = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stderr", RedactedStream(below, redactor))
    click.echo(SECRET, err=True)
    print(SECRET, file=sys.stderr)  # noqa: T201  # as anybody may
    sys.__excepthook__(ValueError, ValueError(SECRET), None)  # the SDK puts its own in place
    below.seek(0)
    assert below.read() == "***\n***\nValueError: ***\n"
    assert not sys.stderr.isatty()
