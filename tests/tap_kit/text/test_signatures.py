"""Signed links: whatever escapes them, however deep, the signature is nowhere."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine.redact_records import RecordRedactor
from tap_kit.tables.canonical import canonical
from tap_kit.text.redact_logs import Redactor
from tap_kit.text.signatures import may_be_signed, unsigned, unsigned_cell

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "s3cr3tS1gnatur3"
PARAMETERS = [
    "sig",
    "SIG",
    "signature",
    "Signature",
    "key",
    "token",
    "access_token",
    "X-Amz-Signature",
    "x-amz-credential",
    "X-Amz-Security-Token",
    "X-Goog-Signature",
    "X-Goog-Credential",
    "AWSAccessKeyId",
    "Policy",
    "Key-Pair-Id",
    "api_key",
    "downloadSignature",
    "GoogleAccessId",
    "client_secret",
    "password",
    "passwd",
    "hdnea",
    "hdnts",
    "hmac",
    "secret",
    "auth",
    "authkey",
    "auth-key",
    "jwt",
]
PLAIN = ["sv=2024-01-01", "se=2026-01-01T00%3A00%3A00Z", "sp=r", "Expires=1", "page=2", "a="]
HOSTS = [
    "https://files.example/a/b.pdf",
    "HTTPS://s3.example/b",
    "http://h/",
    "/relative/x",
    "s3://b/c",
]


def _like_dotnet(text: str) -> str:
    r"""As serialisers do that are afraid of HTML: ``&`` is ``\u0026``."""
    escaped = json.dumps(text)
    for character in "&<>'+=?":
        escaped = escaped.replace(character, f"\\u{ord(character):04X}")
    return escaped


def _like_php(text: str) -> str:
    return json.dumps(text).replace("/", "\\/")


def _like_handlebars(text: str) -> str:
    return (
        html.escape(text).replace("=", "&#x3D;").replace("/", "&#x2F;").replace("&#x27;", "&#39;")
    )


WRITTEN: list[Callable[[str], str]] = [
    json.dumps,
    lambda text: json.dumps({"url": text, "n": 1}),
    _like_dotnet,
    lambda text: _like_dotnet(text).lower() if text.islower() else _like_dotnet(text),
    _like_php,
    html.escape,
    _like_handlebars,
    quote,
    lambda text: quote(text, safe=""),
    lambda text: f"https://redirect.example/?url={quote(text, safe='')}&from=mail",
    lambda text: f'see <a href="{text}">here</a>, please',
]


@st.composite
def links(draw: st.DrawFn) -> str:
    """A signed link: a parameter that signs it stands anywhere in its query."""
    name = draw(st.sampled_from(PARAMETERS))
    secret = f"{name}={SECRET}{draw(st.sampled_from(['', '%2B', '%3D', '+/=']))}"
    plain = draw(st.lists(st.sampled_from(PLAIN), max_size=3))
    place = draw(st.integers(0, len(plain)))
    return f"{draw(st.sampled_from(HOSTS))}?{'&'.join([*plain[:place], secret, *plain[place:]])}"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text in which such a link stands, written into other texts up to four times."""
    text = draw(links())
    for write in draw(st.lists(st.sampled_from(WRITTEN), max_size=4)):
        text = write(text)
    return draw(st.sampled_from(["", "see ", "=", "{"])) + text


def scrubbed(value: object) -> bytes:
    redactor = RecordRedactor(links=(), secrets=(), include_secrets=False)
    return redactor.encoded(msgspec.json.encode(value))


@given(texts())
def test_no_signature_reaches_a_log(text: str) -> None:
    assert SECRET not in Redactor().redact(text)
    assert SECRET not in Redactor().redact(text[: text.index(SECRET) + len(SECRET)])


@given(texts())
def test_no_signature_reaches_a_record(text: str) -> None:
    lines = scrubbed({"id": 1, "note": text, "after": "kept"})
    assert SECRET.encode() not in lines
    record = json.loads(lines)
    assert record.pop("note") is not None
    assert record == {"id": 1, "after": "kept"}


@given(texts())
def test_the_quick_test_passes_over_no_signed_link(text: str) -> None:
    assert unsigned(text) != text
    assert may_be_signed(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "68e542149885e3240800003d",
        "9c253d01-003d-4ff8-a561-c4003d253d61",
        "https://a.example/b?jobId=1&userId=2&code=4711",
        "=SUM(A1:A3)",
        "\\u00e4; 61; key%20word",
    ],
)
def test_the_quick_test_passes_over_what_every_page_has(text: str) -> None:
    """Where it does not, every page costs ten times the time."""
    assert not may_be_signed(json.dumps(text).encode())


@given(texts())
def test_with_secrets_records_are_as_the_vendor_sent_them(text: str) -> None:
    redactor = RecordRedactor(links=(), secrets=(), include_secrets=True)
    lines = msgspec.json.encode({"note": text})
    assert redactor.encoded(lines) == lines


@given(links(), st.lists(st.sampled_from(WRITTEN[:6]), max_size=3))
def test_json_around_a_link_stays_json(link: str, written: list[Callable[[str], str]]) -> None:
    text = json.dumps({"before": "a", "link": link, "after": ["b"]})
    for write in written:
        text = write(text)
    found = unsigned(text)
    for write in reversed(written):
        found = html.unescape(found) if write is html.escape else json.loads(found)
        found = found["url"] if isinstance(found, dict) and "url" in found else found
    assert json.loads(found) == {"before": "a", "link": link.partition("?")[0], "after": ["b"]}


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/b?page=2&size=3",
        "https://a.example/item?code=4711",
        "primary_key=jobId",
        "the key=5 and token=6 of the game",
        "R&D=3; a&b=c",
        "https://a.example/?next=%2Fhome%3Fpage%3D2",
        "100 % = all",
        r"C:\users\sig=none",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert unsigned(text) == text
    assert json.loads(scrubbed(text)) == text


def test_a_long_code_is_a_key() -> None:
    code = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
    assert unsigned(f"https://f.example/api/run?code={code}==") == "https://f.example/api/run"
    assert code not in Redactor().redact(f"https://f.example/api/run?code={code}==")


def test_a_link_within_percent_encoded_json_ends_there() -> None:
    text = quote(json.dumps({"link": "https://a.example/b?x=1&sig=abc", "after": 1}), safe="")
    assert json.loads(unquote(unsigned(text))) == {"link": "https://a.example/b", "after": 1}


@pytest.mark.parametrize(
    ("cell", "same"),
    [
        ("https://a.example/b?sv=1&sig=x y", "https://a.example/b"),
        ("https://a.example/b%20c?a=1?b=2&Policy=abc", "https://a.example/b%20c"),
        ("https://a.example/b?X-Goog-Signature=1", "https://a.example/b"),
        ("https://a.example/b?key=1", "https://a.example/b"),
        ("see https://a.example/b?key=1", "see https://a.example/b?key=1"),
        (r"https://a.example/b?a=1\u0026sig=abc", "https://a.example/b"),
        ("https://a.example/b?a=1&amp;sig=abc", "https://a.example/b"),
        ("https%3A%2F%2Fa.example%2Fb%3Fa%3D1%26sig%3Dabc", "https%3A%2F%2Fa.example%2Fb"),
        (r"https:\/\/a.example\/b\u003fa=1\u0026token=abc", r"https:\/\/a.example\/b"),
    ],
)
def test_a_row_is_known_by_its_links_without_signatures(cell: str, same: str) -> None:
    assert unsigned_cell(cell) == same
    assert canonical(cell) == same


@pytest.mark.parametrize("text", ["\\", "%25", "&amp;", "%", "a?", "&#x", "-token"])
def test_long_runs_of_escapes_come_to_an_end(text: str) -> None:
    assert unsigned(text * 100_000) == text * 100_000
