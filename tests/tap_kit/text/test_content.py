"""What a body is, and whether JSON reports an error in place of data."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import BadBodyError
from tap_kit.http.response import Response
from tap_kit.text.charset import LOST, encoding_of
from tap_kit.text.content import JsonDecoder, Kind, error_in, error_in_rows, kind_of


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", Kind.EMPTY),
        (b"\xef\xbb\xbf \r\n\x1a", Kind.EMPTY),
        (b" " * 10_000, Kind.EMPTY),
        (b" " * 10_000 + b'{"a"', Kind.JSON),
        (b"<!-- a --><html>", Kind.MARKUP),
        ("<html>".encode("utf-16"), Kind.MARKUP),
        (b"[1, 2]", Kind.JSON),
        (b"[1, 2],b\n", Kind.TEXT),
        (b"nullable", Kind.TEXT),
        (b"0", Kind.JSON),
        (b"-1.5e3\n", Kind.JSON),
        (b"2026-01-05", Kind.TEXT),
        (b"1,2", Kind.TEXT),
        (b"PK\x03\x04", Kind.WORKBOOK),
        (b"\xd0\xcf\x11\xe0", Kind.WORKBOOK),
        (b"\x1f\x8b\x08", Kind.OTHER),
    ],
)
def test_kinds(body: bytes, kind: Kind) -> None:
    file = io.BytesIO(body)

    assert kind_of(file) is kind
    assert file.tell() == 0


# The mark of UTF-16 before a NUL is that of UTF-32.
@given(
    st.text(min_size=1).filter(lambda text: not text.startswith("\0")),
    st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]),
)
def test_a_mark_tells_the_encoding_whatever_the_label_says(text: str, encoding: str) -> None:
    body = text.encode(encoding)

    assert body.decode(encoding_of(body[:4], "iso-8859-1")).lstrip("\ufeff") == text.lstrip(
        "\ufeff"
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["{}", '{"a": "é"}', "a,b\n", "[]"])
def test_zeros_tell_the_encoding_without_a_mark(encoding: str, text: str) -> None:
    assert encoding_of(text.encode(encoding)[:4]) == encoding


@pytest.mark.parametrize(
    "response",
    [
        {"error": "x"},
        {"error": {"message": "x"}},
        {"errors": ["x"], "foo": 1},
        {"error_description": "x", "foo": 1},
        {"Exception": "x", "foo": 1},
        {"success": False, "foo": 1},
        {"status": "ERROR", "foo": 1},
        {"statusCode": 500, "foo": 1},
        {"code": "503", "foo": 1},
        {"message": "Internal server error", "requestId": "x", "foo": 1},
        {"message": "anything"},
        {"detail": "Not now."},
        {"type": "about:blank", "title": "x", "status": 500, "detail": "y"},
    ],
)
def test_errors(response: dict[str, Any]) -> None:
    assert error_in(response) is not None
    assert error_in(response, {"bar", "type", "status", "name"}) is not None
    assert error_in({"bar": 1, **response}, {"bar"}) is None


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"foo": 1},
        {"error": None, "foo": 1},
        {"errors": [], "success": True, "foo": 1},
        {"status": "ok", "foo": 1},
        {"status": "completed", "code": 200, "foo": 1},
        {"message": "All is well", "foo": 1},
        [],
        [{"error": "x"}],
        "error",
        None,
    ],
)
def test_what_is_no_error(response: object) -> None:
    assert error_in(response) is None


def test_only_the_words_of_an_error_are_given() -> None:
    error = {"message": "It broke", "customer": "Maria", "errors": [{"detail": "badly", "id": 3}]}

    assert error_in(error) == "It broke; badly"
    assert error_in({"status": "error", "customer": "Maria"}) == "an object of status, customer"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_what_the_standard_library_writes_is_read(value: object) -> None:
    body = json.dumps(value).encode()

    assert JsonDecoder(float).decode(body) == json.loads(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("label", ["utf-8", "iso-8859-1", "klingon"])
def test_json_is_read_in_its_encoding(encoding: str, label: str) -> None:
    headers = {"content-type": f"text/plain; charset={label}"}

    assert Response(200, headers, '{"a": "é"}'.encode(encoding)).json() == {"a": "é"}


def test_json_is_read_in_its_declared_charset() -> None:
    headers = {"content-type": "application/json; charset=iso-8859-1"}

    assert Response(200, headers, '{"a": "é"}'.encode("iso-8859-1")).json() == {"a": "é"}


@pytest.mark.parametrize("label", ["", "; charset=utf-8", "; charset=klingon", "; charset=ascii"])
def test_a_byte_that_is_no_utf_8_costs_one_character(label: str) -> None:
    body = b'{"note": "ok \xff, \xc3\xa9", "cut": "\xf0\x9f\x98"}'

    assert Response(200, {"content-type": f"application/json{label}"}, body).json() == {
        "note": f"ok {LOST}, é",
        "cut": LOST,
    }


@pytest.mark.parametrize(
    "body", [b"", b'{"name": "Maria', b'["Maria"] x', b"<p>Maria", b'"Maria\xc3']
)
def test_a_body_that_is_no_json_is_not_quoted(body: bytes) -> None:
    with pytest.raises(BadBodyError) as caught:
        Response(200, {"content-type": "application/json"}, body).json()

    assert f"got {len(body)} bytes of application/json" in str(caught.value)
    assert "Maria" not in str(caught.value)


@pytest.mark.parametrize(
    "rows",
    [
        [{"error": "boom"}],
        [{"error": "boom", "code": 3}, {"errors": [{"message": "boom"}]}],
        [{"message": "Internal server error"}],
        [{"error": {"code": 1}, "timestamp": "2026-01-05T10:00:00Z"}],
    ],
)
def test_errors_in_place_of_rows(rows: list[Any]) -> None:
    assert error_in_rows(rows) is not None
    assert error_in_rows([*rows, {"error": "boom", "customer": "Maria"}]) is None


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{}],
        [None],
        [{"error": None}],
        [{"error": ""}, {"error": "boom"}],
        [{"message": "Welcome"}],
        [{"message": "Delivery failed"}, {"message": "Delivery failed"}],
        [{"title": "Bring failed log-ins down", "status": "failed"}],
    ],
)
def test_rows_that_speak_of_errors_are_rows(rows: list[Any]) -> None:
    assert error_in_rows(rows) is None
