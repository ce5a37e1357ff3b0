"""Responses that break a rule, or use a rarely used one, and that ``requests`` and curl read."""

from __future__ import annotations

import contextlib
import gzip
import logging
import threading
import zlib
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import RetriesExhaustedError, TapError, VendorError
from tap_kit.text.redact_logs import install
from tests.tap_kit.http.scripted import Vendor, ok, raw, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_kit.http.client import Client
    from tap_kit.http.request import Request
    from tests.tap_kit.http.conftest import MakeRequest
    from tests.tap_kit.http.scripted import Exchange

    Read = Callable[[Client, Request], bytes]

BODY = b'{"a": 1}'
HEAD = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 8\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"8\r\n" + BODY + b"\r\n0\r\n\r\n"


def fetched(client: Client, request: Request) -> bytes:
    return client.fetch(request, lambda body: body.content)


def downloaded(client: Client, request: Request) -> bytes:
    with client.download(request) as download:
        return download.file.read()


@pytest.fixture(params=[fetched, downloaded])
def read(request: pytest.FixtureRequest) -> Read:
    """The body of a response, by each of the two ways."""
    way: Read = request.param
    return way


FRAMED = {
    "a length beside chunks": HEAD + LENGTH + CHUNKED + b"\r\n" + CHUNKS,
    "chunks beside a wrong length": HEAD + b"Content-Length: 3\r\n" + CHUNKED + b"\r\n" + CHUNKS,
    "the same length twice": HEAD + LENGTH * 2 + b"\r\n" + BODY,
    "the same length twice in one line": HEAD + b"Content-Length: 8, 8\r\n\r\n" + BODY,
    "identity": HEAD + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n" + BODY,
    "identity without a length": HEAD + b"Transfer-Encoding: identity\r\n\r\n" + BODY,
    "line readers only": (HEAD + LENGTH + b"\r\n").replace(b"\r", b"") + BODY,
    "a folded header": HEAD + b"X-Trace: one\r\n two\r\n" + LENGTH + b"\r\n" + BODY,
    "HTTP/1.0, ended by the close": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    "HTTP/1.1, ended by the close": HEAD + b"Connection: close\r\n\r\n" + BODY,
    "no reason": b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + BODY,
    "after 100 Continue": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + LENGTH + b"\r\n" + BODY,
    "chunks with an extension and a trailer": HEAD + CHUNKED + b"\r\n8;a=b\r\n" + BODY
    + b"\r\n0\r\nX-Sum: 1\r\n\r\n",
    "a padded chunk size": HEAD + CHUNKED + b"\r\n0008\r\n" + BODY + b"\r\n0\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("sent", FRAMED.values(), ids=FRAMED)
def test_a_response_framed_oddly_is_read(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read, sent: bytes
) -> None:
    vendor.script(raw(sent, close=True))
    assert read(client, make_request()) == BODY
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("redacted", [False, True])
def test_a_line_that_is_no_header_is_not_logged(
    vendor: Vendor,
    client: Client,
    make_request: MakeRequest,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    *,
    redacted: bool,
) -> None:
    monkeypatch.setattr(logging.Logger, "handle", logging.Logger.handle)  # restored afterwards
    if redacted:
        install(client.redactor)
    cookie = b"no header at all\r\nSet-Cookie: session=s3cret\r\n"
    vendor.script(raw(HEAD + LENGTH + cookie + b"\r\n" + BODY, close=True))

    with caplog.at_level("DEBUG"):
        assert fetched(client, make_request()) == BODY

    assert "s3cret" not in caplog.text
    assert "Traceback" not in caplog.text


def test_a_blank_line_in_place_of_a_response_is_told_in_words(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(raw(b"\r\n" + HEAD + LENGTH + b"\r\n" + BODY, close=True))

    with pytest.raises(TapError, match=r"no response \(Connection aborted\.\)"):
        client.fetch(make_request(), lambda body: body.content)


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


ENCODED = {
    "utf-8": BODY,
    "": BODY,
    "none": BODY,
    "identity": BODY,
    "binary": BODY,
    "exotic": BODY,
    "aws-chunked": BODY,
    "aws-chunked, gzip": gzip.compress(BODY),
    "gzip, gzip": gzip.compress(gzip.compress(BODY)),
    "deflate, gzip": gzip.compress(zlib.compress(BODY)),
    "gzip,": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "GZIP": gzip.compress(BODY),
    "gzip": gzip.compress(BODY) + b"\0" * 512,
    " gzip ": gzip.compress(BODY) + b"\r\n",
    "deflate": raw_deflate(BODY),
    "Deflate": zlib.compress(BODY),
}


@pytest.mark.parametrize(("encoding", "sent"), ENCODED.items(), ids=ENCODED)
def test_an_odd_content_encoding_is_read(  # noqa: PLR0917  # fixtures
    vendor: Vendor,
    client: Client,
    make_request: MakeRequest,
    read: Read,
    encoding: str,
    sent: bytes,
) -> None:
    vendor.script(respond(200, sent, content_encoding=encoding))
    assert read(client, make_request()) == BODY
    assert len(vendor.seen) == 1


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, br"])
def test_a_compression_that_nobody_undoes_is_no_text(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read, encoding: str
) -> None:
    vendor.script(respond(200, b"\x1b\x01\x02", content_encoding=encoding), ok([1]))
    assert read(client, make_request()) == b"[1]"


WHOLE_GZIP = gzip.compress(BODY)
CUT = {
    "in its length": HEAD + b"Content-Length: 9\r\n\r\n" + BODY,
    "in a chunk": HEAD + CHUNKED + b"\r\n9\r\n" + BODY,
    "behind a chunk": HEAD + CHUNKED + b"\r\n8\r\n" + BODY + b"\r\n",
    "in a chunk's size": HEAD + CHUNKED + b"\r\n8\r\n" + BODY + b"\r\n1",
    "in a header": HEAD + b"Content-Le",
    "behind a header": HEAD + b"Content-Type: text/csv\r\n",
    "in gzip": HEAD + b"Content-Encoding: gzip\r\n\r\n" + WHOLE_GZIP[:-4],
    "in a second member of gzip": HEAD + b"Content-Encoding: gzip\r\n\r\n" + WHOLE_GZIP
    + WHOLE_GZIP[:-4],
    "in gzip within gzip": HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n"
    + gzip.compress(WHOLE_GZIP[:-4]),
    "behind gzip and other bytes": HEAD + b"Content-Length: 900\r\nContent-Encoding: gzip\r\n\r\n"
    + WHOLE_GZIP + b"\0" * 9,
    "where nothing else ends it": HEAD + LENGTH * 2 + b"\r\n" + BODY[:-1],
}  # fmt: skip


@pytest.mark.parametrize("sent", CUT.values(), ids=CUT)
def test_a_response_that_is_cut_off_is_tried_again(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read, sent: bytes
) -> None:
    vendor.script(raw(sent, close=True), ok([1]), raw(sent, close=True))
    assert read(client, make_request()) == b"[1]"
    assert len(vendor.seen) == 2
    with pytest.raises(RetriesExhaustedError):
        read(client, make_request())


def test_lengths_that_contradict_each_other_are_tried_again(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read
) -> None:
    vendor.script(raw(HEAD + LENGTH + b"Content-Length: 3\r\n\r\n" + BODY, close=True), ok([1]))
    assert read(client, make_request()) == b"[1]"


@pytest.mark.parametrize("surplus", [b"junk", HEAD + LENGTH + b"\r\n" + BODY])
def test_what_follows_a_response_is_never_the_next_one(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read, surplus: bytes
) -> None:
    vendor.script(raw(HEAD + LENGTH + b"\r\n" + BODY + surplus), ok([1]))
    assert read(client, make_request()) == BODY
    assert read(client, make_request()) == b"[1]"


def test_a_redirect_takes_no_token_elsewhere(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read
) -> None:
    elsewhere = vendor.url.replace("127.0.0.1", "localhost") + "/login"
    vendor.script(respond(200, "<html>Sign in</html>"), path="/login")
    vendor.script(respond(302, "", location=elsewhere), path="/items")
    with pytest.raises(VendorError, match="localhost"):
        read(client, make_request(headers={"Authorization": "Bearer hidden-1"}))
    assert [seen.target for seen in vendor.seen] == ["/items"]


EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
INTERIM = {
    "100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "102": b"HTTP/1.1 102 Processing\r\n\r\n",
    "103": EARLY_HINTS,
    "103 with headers of the final one": EARLY_HINTS[:-2] + LENGTH + b"Connection: close\r\n\r\n",
    "an unknown one": b"HTTP/1.1 199 Wait\r\n\r\n",
    "several": b"HTTP/1.1 102 Processing\r\n\r\n" + EARLY_HINTS + b"HTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
@pytest.mark.parametrize(
    "framed", [HEAD + LENGTH + b"\r\n" + BODY, HEAD + CHUNKED + b"\r\n" + CHUNKS]
)
def test_interim_responses_are_passed_over(
    vendor: Vendor, client: Client, make_request: MakeRequest, interim: bytes, framed: bytes
) -> None:
    vendor.script(raw(interim + framed), raw(interim + framed), ok([1]))
    assert [fetched(client, make_request()) for _ in range(3)] == [BODY, BODY, b"[1]"]
    assert len(vendor.seen) == 3


def test_interim_responses_without_end_are_tried_again(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read
) -> None:
    vendor.script(raw(EARLY_HINTS * 200, close=True), ok([1]))
    assert read(client, make_request()) == b"[1]"
    assert len(vendor.seen) == 2


@pytest.mark.parametrize("status", [b"101 Switching Protocols", b"103 Early Hints"])
def test_an_interim_response_never_leaves_its_final_one_to_the_next_request(
    vendor: Vendor, client: Client, make_request: MakeRequest, read: Read, status: bytes
) -> None:
    late = threading.Event()

    def step(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 " + status + b"\r\nX-A: 1\r\n\r\n")
        exchange.wfile.flush()
        late.wait(0.5)
        exchange.wfile.write(HEAD + LENGTH + b"\r\n" + BODY)

    vendor.script(step, path="/first")
    vendor.script(ok([2]), path="/second")
    with contextlib.suppress(TapError):
        assert read(client, make_request("/first")) == BODY
    assert read(client, make_request("/second")) == b"[2]"


def test_a_response_without_a_body(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(raw(b"HTTP/1.1 204 No Content\r\n\r\n"), ok([1]))
    assert fetched(client, make_request()) == b""
    assert fetched(client, make_request()) == b"[1]"


@pytest.mark.parametrize(
    "broken",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 300_000,
        b"\x16\x03\x01",
    ],
)
def test_what_is_no_response_is_tried_again(
    vendor: Vendor, client: Client, make_request: MakeRequest, broken: bytes
) -> None:
    vendor.script(raw(broken, close=True), ok([1]))
    assert fetched(client, make_request()) == b"[1]"
    assert len(vendor.seen) == 2


def test_what_is_sent_says_its_length_and_host(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(ok())
    client.fetch(make_request("/x", "POST"), lambda body: body)
    client.fetch(make_request("/x", "POST", form={"a": "ä"}), lambda body: body)
    client.fetch(make_request("/x"), lambda body: body)
    host = vendor.url.removeprefix("http://")
    assert [seen.headers["host"] for seen in vendor.seen] == [host] * 3
    assert [seen.headers.get("content-length") for seen in vendor.seen] == ["0", "8", None]
