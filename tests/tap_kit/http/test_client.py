"""Responses: which are tried again, which end the stream, and what errors say."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import (
    BadBodyError,
    DataError,
    GoneError,
    PermissionDeniedError,
    RetriesExhaustedError,
    TransientError,
    UnreachableError,
    VendorError,
)
from tap_kit.http.request import Request
from tap_kit.http.response import Response
from tap_kit.stats import StreamStats
from tests.tap_kit.http.scripted import chunked, cut, hang_up, ok, reset, respond, silence

if TYPE_CHECKING:
    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeClient, MakeRequest
    from tests.tap_kit.http.scripted import Exchange, Step, Vendor


BODY = json.dumps({"items": [1, 2, 3]}).encode()


HTML = respond(200, "<html><body>Login</body></html>", content_type="text/html")


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


# What comes back


@pytest.mark.parametrize(
    "step",
    [
        respond(200, BODY),
        chunked(BODY[:5], BODY[5:]),
        respond(200, gzip.compress(BODY), content_encoding="gzip"),
        respond(200, gzip.compress(BODY[:4]) + gzip.compress(BODY[4:]), content_encoding="GZIP"),
        respond(200, zlib.compress(BODY), content_encoding="deflate"),
        respond(200, raw_deflate(BODY), content_encoding="deflate"),
        chunked(gzip.compress(BODY)[:9], gzip.compress(BODY)[9:], content_encoding="gzip"),
        respond(200, b"\xef\xbb\xbf" + BODY),
        respond(201, BODY, content_type="text/plain"),
    ],
)
def test_bodies_arrive(
    vendor: Vendor, client: Client, make_request: MakeRequest, step: Step
) -> None:
    vendor.script(step)
    assert client.fetch(make_request(), Response.json) == {"items": [1, 2, 3]}
    assert len(vendor.seen) == 1


def test_what_a_body_says_of_itself() -> None:
    response = Response(
        200, {"content-type": 'Text/CSV; header=present; charset="ISO-8859-1"'}, b"\xe4"
    )
    assert (response.content_type, response.charset, response.text()) == (
        "text/csv",
        "ISO-8859-1",
        "ä",
    )
    assert (Response(200, {}, b"").content_type, Response(200, {}, b"").charset) == ("", None)
    assert Response(200, {"content-type": "a/b; charset=nonsense"}, b"a").text() == "a"


# Faults that pass

FAULTS = {
    "429": respond(429),
    "500": respond(500, "oops"),
    "502": respond(502, "<html>Bad Gateway</html>", content_type="text/html"),
    "503": respond(503),
    "504": respond(504, ""),
    "599": respond(599),
    "error cut off": cut(b"HTTP"),
    "hung up": hang_up,
    "reset": reset(),
    "reset in the headers": reset(b"HTTP/1.1 200 OK\r\nContent-"),
    "reset in the body": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
    "no HTTP": reset(b"nonsense\r\n\r\n"),
    "length": cut(b"{}"),
    "chunk": chunked(b"{}", end=b"5\r\nab"),
    "no last chunk": chunked(b"{}", end=b""),
    "chunk size": chunked(b"{}", end=b"zz\r\n"),
    "gzip cut off": respond(200, gzip.compress(BODY)[:-3], content_encoding="gzip"),
    "gzip chunked and cut off": chunked(gzip.compress(b"{}")[:-9], content_encoding="gzip"),
    "no gzip": respond(200, BODY, content_encoding="gzip"),
    "brotli": respond(200, BODY, content_encoding="br"),
    "HTML": HTML,
    "empty": respond(200, ""),
    "half a JSON": respond(200, BODY[:9]),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_faults_that_pass_are_tried_again(
    vendor: Vendor, client: Client, make_request: MakeRequest, fault: Step
) -> None:
    vendor.script(fault, fault, respond(200, BODY))
    stats = StreamStats("items")
    assert client.fetch(make_request(), Response.json, stats) == {"items": [1, 2, 3]}
    assert (stats.requests, stats.retries) == (3, 2)
    assert len(vendor.seen) == 3


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_but_not_for_ever(
    vendor: Vendor, client: Client, make_request: MakeRequest, fault: Step
) -> None:
    vendor.script(fault)
    with pytest.raises(RetriesExhaustedError, match="GET /items failed 3 times") as caught:
        client.fetch(make_request(), Response.json)
    assert len(vendor.seen) == 3
    assert isinstance(caught.value.__cause__, TransientError)
    assert str(caught.value.__cause__) in str(caught.value)


@pytest.mark.parametrize(
    "partial", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"], ids=["headers", "body"]
)
def test_silence_is_not_waited_for(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, partial: bytes
) -> None:
    def stalled(exchange: Exchange) -> None:
        exchange.wfile.write(partial)
        silence(exchange)

    vendor.script(stalled, ok([1]))
    client = make_client(request_timeout=0.2, max_attempts=2)
    assert client.fetch(make_request(), Response.json) == [1]


def test_a_vendor_that_is_not_there(client: Client) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/items?key=abcdef"
        with pytest.raises(UnreachableError, match="Connection refused") as caught:
            client.fetch(Request("GET", url, "GET /items"), Response.json)
    assert "key" not in str(caught.value)


def test_the_last_cause_is_told(vendor: Vendor, client: Client, make_request: MakeRequest) -> None:
    vendor.script(respond(502), HTML)
    with pytest.raises(RetriesExhaustedError) as caught:
        client.fetch(make_request(), Response.json)
    assert "text/html" in str(caught.value)
    assert "31 bytes" in str(caught.value)
    assert "Login" not in str(caught.value)


# What decode says


def test_decode_may_ask_for_another_try(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(ok({}), ok({"data": 1}))

    def decode(response: Response) -> int:
        found = response.json()
        if "data" not in found:
            msg = "no data"
            raise BadBodyError(msg)
        return int(found["data"])

    assert client.fetch(make_request(), decode) == 1


@pytest.mark.parametrize("error", [DataError("odd"), KeyError("odd")])
def test_other_errors_of_decode_pass(
    vendor: Vendor, client: Client, make_request: MakeRequest, error: Exception
) -> None:
    vendor.script(ok())

    def decode(_: Response) -> None:
        raise error

    with pytest.raises(type(error), match="odd") as caught:
        client.fetch(make_request(), decode)
    assert caught.value is error
    assert len(vendor.seen) == 1


def test_accepted_statuses_go_to_decode(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(400, "[1]"), respond(500, "[2]"))
    accepting = make_request(accept=frozenset({400, 500}))
    assert client.fetch(accepting, lambda body: (body.status, body.json())) == (400, [1])
    assert client.fetch(accepting, lambda body: (body.status, body.json())) == (500, [2])


# Faults that stay


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, VendorError),
        (401, VendorError),
        (402, VendorError),
        (403, PermissionDeniedError),
        (404, GoneError),
        (406, VendorError),
        (410, GoneError),
        (422, VendorError),
    ],
)
def test_other_client_errors_end_the_stream(
    vendor: Vendor, client: Client, make_request: MakeRequest, status: int, kind: type[VendorError]
) -> None:
    vendor.script(respond(status, '{"message": "that\'s why"}'))
    hinted = make_request(authorized=False, explain=lambda *given: f"do this about {given}")
    with pytest.raises(kind) as caught:
        client.fetch(hinted, Response.json)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.detail) == (status, "that's why")
    assert str(caught.value).startswith(f"GET /items: HTTP {status} ")
    assert str(caught.value).endswith(f": that's why. do this about ({status}, \"that's why\")")
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirections_are_not_followed(
    vendor: Vendor, client: Client, make_request: MakeRequest, status: int
) -> None:
    location = "https://login.example/x?token=abcdef"
    vendor.script(respond(status, "", location=location))
    with pytest.raises(VendorError, match=r"login\.example.*\*_url setting") as caught:
        client.fetch(make_request(), Response.json)
    assert "abcdef" not in str(caught.value)
    assert len(vendor.seen) == 1


def test_other_statuses_may_name_a_location_too(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(304, ""), respond(404, "", location="/elsewhere"))
    with pytest.raises(VendorError, match=r"HTTP 304 Not Modified$"):
        client.fetch(make_request(), Response.json)
    with pytest.raises(GoneError, match=r"HTTP 404 Not Found$"):
        client.fetch(make_request(), Response.json)


def test_an_error_that_is_cut_off_is_still_that_error(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(reset(b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n{"))
    with pytest.raises(GoneError):
        client.fetch(make_request(), Response.json)


# Secrets


def test_errors_hold_no_secrets(vendor: Vendor, client: Client, make_request: MakeRequest) -> None:
    client.redactor.add("known-value")
    told = json.dumps({"message": "bad key known-value, Bearer eyJhbGciOi.x9"})
    for status in (400, 500):
        vendor.script(respond(status, told))
        with pytest.raises((VendorError, RetriesExhaustedError)) as caught:
            client.fetch(make_request(explain=lambda _, detail: f"hint {detail}"), Response.json)
        for error in (caught.value, caught.value.__cause__):
            assert "known-value" not in str(error)
            assert "eyJ" not in str(error)
        assert "known-value" not in getattr(caught.value, "detail", "")


def test_a_token_response_that_is_cut_off_shows_no_token(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(200, '{"access_token": "eyJhbGciOi.x9'))
    with pytest.raises(RetriesExhaustedError) as caught:
        client.fetch(make_request(), Response.json)
    assert "eyJ" not in str(caught.value)
