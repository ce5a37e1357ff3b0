from __future__ import annotations

import gzip
import resource
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import BadBodyError, RetriesExhaustedError, StreamError, VendorError
from tap_kit.stats import StreamStats
from tests.tap_kit.http.scripted import chunked, cut, ok, respond

if TYPE_CHECKING:
    from tap_kit.http.client import Client
    from tap_kit.http.download import Download
    from tests.tap_kit.http.conftest import MakeRequest
    from tests.tap_kit.http.scripted import Vendor

CSV = b"a,b\r\n1,2\r\n"


def test_a_download_is_complete(vendor: Vendor, client: Client, make_request: MakeRequest) -> None:
    vendor.script(
        cut(CSV, content_type="text/csv"),
        respond(200, CSV, content_type="text/csv; charset=latin1"),
    )
    stats = StreamStats("rows")
    with client.download(make_request(), stats) as download:
        assert download.file.read() == CSV
        assert (download.status, download.size) == (200, len(CSV))
        assert (download.content_type, download.charset) == ("text/csv", "latin1")
        assert download.headers["CONTENT-TYPE"] == "text/csv; charset=latin1"
    assert download.file.closed
    assert (stats.requests, stats.retries) == (2, 1)


def test_a_large_one_goes_to_disk(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    line = b"0123456789abcdef" * 4096
    vendor.script(
        chunked(gzip.compress(line * 160), content_encoding="gzip"),
        chunked(*[line] * 100),
    )
    for count in (160, 100):
        with client.download(make_request()) as download:
            assert download.size == len(line) * count
            on_disk = download.file._rolled  # type: ignore[attr-defined]
            assert on_disk == (count == 160)
            assert all(download.file.read(len(line)) == line for _ in range(count))
            assert download.file.read() == b""


def test_what_no_disk_takes_fails_with_a_line_that_names_tmpdir(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(chunked(*[b"0123456789abcdef" * 4096] * 160))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(StreamError, match="TMPDIR"):
            client.download(make_request())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_check_may_ask_for_another_try(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(200, "<html>", content_type="text/html"), respond(200, CSV))
    looked: list[Download] = []

    def check(download: Download) -> None:
        looked.append(download)
        if download.file.read(1) == b"<":
            msg = "HTML"
            raise BadBodyError(msg)

    with client.download(make_request(), check=check) as download:
        assert download.file.read() == CSV
    assert looked[0].file.closed
    assert looked[1] is download


def test_errors_are_those_of_fetch(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(406, '{"detail": "no such filter"}'), cut(CSV))
    with pytest.raises(VendorError, match="no such filter"):
        client.download(make_request())
    with pytest.raises(RetriesExhaustedError):
        client.download(make_request())


def test_an_accepted_status_is_the_callers(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(404, "{}"), ok())
    with client.download(make_request(accept=frozenset({404}))) as download:
        assert download.status == 404
