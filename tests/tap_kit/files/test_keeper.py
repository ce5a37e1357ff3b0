"""Files from a link to their place, whatever the storage behind the link does."""

from __future__ import annotations

import gc
import logging
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.errors import GoneError, RetriesExhaustedError, StreamError, VendorError
from tap_kit.files.address import open_store
from tap_kit.files.keeper import FileKeeper, VendorFile
from tap_kit.http.auth import StaticHeader
from tap_kit.stats import StreamStats
from tap_kit.time.clock import utc_now
from tests.tap_kit.http.scripted import Exchange, chunked, cut, respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tap_kit.files.keeper import KeptFile
    from tap_kit.files.store import Store
    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeClient
    from tests.tap_kit.http.scripted import Step, Vendor

PHOTO = b"\xff\xd8\xff\xe0 a photo of a pump"
PLACE = "job_attachments/j/a/photo.jpg"


class Files:
    """A vendor with one file, and what keeps it."""

    def __init__(self, vendor: Vendor, client: Client, folder: Path) -> None:
        self.vendor = vendor
        self.folder = folder
        self.client = client
        self.stats = StreamStats("files")
        self.file = VendorFile(
            "job_attachments j a",
            PLACE,
            f"{vendor.url}/old?sig=secret",
            size=len(PHOTO),
            content_type="image/jpeg",
        )
        self.renewed = 0

    @property
    def store(self) -> Store:
        return open_store(self.folder.as_uri())

    def keep(self, max_bytes: int | None = None, **changes: Any) -> KeptFile:  # noqa: ANN401  # fields
        keeper = FileKeeper(self.client, self.store, self.stats, max_bytes=max_bytes)
        return keeper.keep(replace(self.file, **changes), self.renew)

    def renew(self) -> VendorFile | None:
        self.renewed += 1
        return replace(self.file, link=f"{self.vendor.url}/new?sig=secret")

    def stored(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def files(vendor: Vendor, make_client: MakeClient, tmp_path: Path) -> Files:
    auth = StaticHeader("Authorization", "Bearer secret", settings=())
    client = make_client(auth=auth, request_timeout=5, max_attempts=3)
    vendor.script(respond(200, PHOTO, content_type="image/jpeg; x=y"))
    return Files(vendor, client, tmp_path)


def test_a_file_is_fetched_once(files: Files) -> None:
    kept = files.keep()
    assert files.stored() == {PLACE: PHOTO}
    assert kept.uri == (files.folder / PLACE).as_uri()
    assert kept.size == len(PHOTO)
    assert kept.content_type == "image/jpeg"
    assert kept.sha256 == sha256(PHOTO).hexdigest()
    assert kept.stored_at
    assert abs(kept.stored_at - utc_now()) < timedelta(minutes=1)

    again = files.keep()
    assert (again.uri, again.size, again.sha256) == (kept.uri, kept.size, kept.sha256)
    assert again.stored_at
    assert abs(again.stored_at - kept.stored_at) < timedelta(seconds=10)
    assert len(files.vendor.seen) == 1
    assert (files.stats.files, files.stats.file_bytes) == (1, len(PHOTO))


def test_no_token_goes_with_a_link(files: Files) -> None:
    files.keep()
    assert "authorization" not in files.vendor.seen[0].headers


def test_a_file_of_another_size_is_fetched_again(files: Files) -> None:
    files.keep(size=None)
    (files.folder / PLACE).write_bytes(b"other")
    files.keep()
    assert files.stored() == {PLACE: PHOTO}


@pytest.mark.parametrize(
    "wrong",
    [
        respond(200, PHOTO[:-1]),
        respond(200, PHOTO + b"!"),
        respond(200, b""),
        chunked(PHOTO, PHOTO),
        cut(PHOTO[:5], missing=len(PHOTO) - 5),
        chunked(PHOTO[:5], end=b""),
        respond(200, b"<!DOCTYPE html><p>".ljust(len(PHOTO)), content_type="text/html"),
        respond(503),
    ],
)
def test_what_is_not_the_file_is_requested_again(files: Files, wrong: Step) -> None:
    files.vendor.script(wrong, respond(200, PHOTO))
    files.keep()
    assert files.stored() == {PLACE: PHOTO}
    assert files.stats.retries == 1


@pytest.mark.parametrize("body", [PHOTO[:-1], PHOTO + b"!"])
def test_what_never_is_the_file_is_an_error_and_not_stored(files: Files, body: bytes) -> None:
    files.vendor.script(respond(200, body))
    with pytest.raises(RetriesExhaustedError, match="the record says 22 bytes, but "):
        files.keep()
    assert files.stored() == {}


def test_an_html_page_is_no_report_but_a_template_may_be_one(files: Files) -> None:
    files.vendor.script(respond(200, b"  <html>maintenance"))
    with pytest.raises(RetriesExhaustedError, match="expected application/pdf, got a page of HTML"):
        files.keep(size=None, content_type="application/pdf")
    assert files.keep(size=None, content_type="text/html").size == 19


def test_nothing_is_no_file_where_no_size_is_said(files: Files) -> None:
    files.vendor.script(respond(200, b""))
    with pytest.raises(RetriesExhaustedError, match="the file is empty"):
        files.keep(size=None)
    assert files.keep(size=0).size == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_link_that_ended_is_renewed_once(files: Files, status: int) -> None:
    files.vendor.script(respond(status), path="/old")
    files.keep()
    assert files.stored() == {PLACE: PHOTO}
    assert files.renewed == 1


def test_a_file_without_a_link_gets_one(files: Files) -> None:
    files.keep(link=None)
    assert (files.stored(), files.renewed) == ({PLACE: PHOTO}, 1)


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_twice_is_gone(files: Files, status: int) -> None:
    files.vendor.script(respond(status))
    with pytest.raises(GoneError):
        files.keep()
    assert (files.renewed, len(files.vendor.seen)) == (1, 2)


@pytest.mark.parametrize("found", [None, VendorFile("x", PLACE, None)])
def test_a_file_whose_record_is_gone_is_gone(
    files: Files, monkeypatch: pytest.MonkeyPatch, found: VendorFile | None
) -> None:
    files.vendor.script(respond(404))
    monkeypatch.setattr(files, "renew", lambda: found)
    with pytest.raises(GoneError):
        files.keep()


def test_a_link_that_is_refused_twice_is_an_error(files: Files) -> None:
    files.vendor.script(respond(403))
    with pytest.raises(VendorError) as caught:
        files.keep()
    assert "GET the file of job_attachments j a: HTTP 403" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_followed_without_the_token(files: Files, status: int) -> None:
    files.vendor.script(respond(status, b"", location="/moved?sig=other"), path="/old")
    files.keep()
    assert files.stored() == {PLACE: PHOTO}
    assert [seen.target for seen in files.vendor.seen] == ["/old?sig=secret", "/moved?sig=other"]
    assert all("authorization" not in seen.headers for seen in files.vendor.seen)


def test_a_redirection_to_another_host_gets_no_token(files: Files) -> None:
    port = files.vendor.url.rpartition(":")[2].strip("/")
    target = f"http://localhost:{port}/moved?sig=other"
    files.vendor.script(respond(302, b"", location=target), path="/old")
    files.keep()
    assert files.stored() == {PLACE: PHOTO}
    assert files.vendor.seen[1].headers["host"] == f"localhost:{port}"
    assert "authorization" not in files.vendor.seen[1].headers


@pytest.mark.parametrize("target", ["", "ftp://example.com/x", "http://[", "file:///etc/passwd"])
def test_a_redirection_to_nowhere_is_an_error(files: Files, target: str) -> None:
    files.vendor.script(respond(302, b"", location=target), path="/old")
    with pytest.raises(StreamError, match="a redirection that can't be followed"):
        files.keep()


def test_redirections_end(files: Files) -> None:
    files.vendor.script(respond(302, b"", location="/old"), path="/old")
    with pytest.raises(StreamError, match="more than 5 redirections"):
        files.keep()


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (1000, respond(200, PHOTO)),
        (None, respond(200, b"x" * 1000)),
        (None, chunked(b"x" * 60, b"x" * 60)),
    ],
)
def test_a_file_that_is_too_large_is_left_out(
    files: Files, said: int | None, body: Step, caplog: pytest.LogCaptureFixture
) -> None:
    files.vendor.script(body)
    with caplog.at_level(logging.WARNING):
        kept = files.keep(max_bytes=100, size=said)
    assert (kept.uri, kept.size, kept.sha256, kept.stored_at) == (None, said, None, None)
    assert len(files.vendor.seen) == (said is None)
    assert files.stored() == {}
    assert "job_attachments j a is larger than max_file_bytes (100), skipped" in caplog.text


def test_what_the_storage_refuses_is_an_error_of_the_stream(files: Files) -> None:
    (files.folder / "job_attachments").write_bytes(b"a file in the way")
    with pytest.raises(StreamError, match=r"files can't be kept in .*files_to"):
        files.keep()
    assert len(files.vendor.seen) <= 1  # the vendor is not at fault


@pytest.mark.parametrize(("hours", "requests"), [(-1, 1), (1, 2)])
def test_without_a_size_the_time_of_the_last_change_counts(
    files: Files, hours: int, requests: int
) -> None:
    changed = utc_now() + timedelta(hours=hours)
    for _ in range(2):
        files.keep(size=None, changed=changed)
    assert len(files.vendor.seen) == requests


def test_without_size_and_time_it_is_fetched_each_time(files: Files) -> None:
    for _ in range(2):
        files.keep(size=None)
    assert len(files.vendor.seen) == 2


def large(size: int) -> Step:
    piece = b"x" * 1024 * 1024

    def step(exchange: Exchange) -> None:
        exchange.send(200, {"Content-Length": str(size * len(piece))}, b"")
        for _ in range(size):
            exchange.wfile.write(piece)

    return step


def test_a_large_file_takes_little_memory(files: Files) -> None:
    files.vendor.script(large(100))
    tracemalloc.start()
    try:
        files.keep(size=100 * 1024 * 1024)
        gc.collect()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_the_store_may_be_a_bucket(
    files: Files, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = request.getfixturevalue("s3")
    opened: Callable[[], Store] = lambda: open_store(s3.url + "/flow")  # noqa: E731  # a property
    monkeypatch.setattr(Files, "store", property(lambda _: opened()))
    for _ in range(2):
        assert files.keep().uri == f"s3://evidence/flow/{PLACE}"
    assert s3.files() == {f"flow/{PLACE}": PHOTO}
    assert len(files.vendor.seen) == 1
