"""What a response is: rows, a job, nothing, or no response of Crewmojo's at all."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from tap_crewmojo.report_jobs import Job
from tap_crewmojo.responses import check_report, job_of
from tap_kit.errors import BadBodyError, DataError
from tap_kit.http.download import Download
from tap_kit.tables import is_empty, read_table

JSON = "application/json"
ROW = {"jobId": "JOB-1", "employeeCode": "E001"}


def download(body: bytes | object, content_type: str = JSON, status: int = 200) -> Download:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Download(status, {"content-type": content_type}, BytesIO(content), len(content))


@pytest.mark.parametrize(
    ("body", "job"),
    [
        ({"jobId": "0f8fad5b"}, "0f8fad5b"),
        ({"jobId": "0f8fad5b", "status": "RUNNING", "progress": {"percent": 3}}, "0f8fad5b"),
        ({"jobId": 12345678901234567890}, "12345678901234567890"),
        ({"jobId": "0f8fad5b", "rows": []}, "0f8fad5b"),
        ({"jobId": "0f8fad5b", "data": None}, "0f8fad5b"),
    ],
)
def test_a_top_level_object_with_a_job_id_is_a_job(body: object, job: str) -> None:
    assert job_of(download(body)) == Job(job)
    check_report(download(body))


@pytest.mark.parametrize(
    "body",
    [
        [],
        [ROW],
        {"data": [ROW]},
        {"jobId": "0f8fad5b", "rows": [ROW]},
        {"rows": []},
    ],
)
def test_lists_are_rows_whatever_their_columns_are_called(body: object) -> None:
    assert job_of(download(body)) is None
    check_report(download(body))


def test_csv_with_a_job_id_column_is_rows() -> None:
    response = download(b"jobId\r\nJOB-1\r\n", "text/csv")
    assert job_of(response) is None
    assert [list(block.rows) for block in read_table(response) if block.rows] == [[["JOB-1"]]]


@pytest.mark.parametrize(
    "body",
    [{}, {"jobId": True}, {"jobId": ""}, {"jobId": None}, {"status": "RUNNING"}],
)
def test_an_object_that_is_neither_is_no_answer(body: object) -> None:
    with pytest.raises(BadBodyError, match="expected rows or a jobId, got"):
        check_report(download(body))


@pytest.mark.parametrize(
    "beside",
    [{"error": "It broke"}, {"status": "failed"}, {"success": False}, {"errors": ["It broke"]}],
)
def test_a_job_that_has_failed_is_none(beside: dict[str, object]) -> None:
    with pytest.raises(BadBodyError, match="expected rows or a jobId, got an error"):
        check_report(download({"jobId": "0f8f", **beside}))


@pytest.mark.parametrize("body", [b"", b"\r\n", {"status": "running"}, {"progress": 3}])
def test_a_poll_that_is_accepted_without_rows_is_to_be_polled_on(body: object) -> None:
    assert job_of(download(body, status=202), Job("0f8f")) == Job("0f8f")
    check_report(download(body, status=202), polled=Job("0f8f"))
    with pytest.raises(BadBodyError):
        check_report(download(body, status=202))


def test_rows_are_rows_whatever_their_status() -> None:
    assert job_of(download([ROW], status=202), Job("0f8f")) is None
    assert job_of(download(b"", status=204), Job("0f8f")) is None


@pytest.mark.parametrize(
    "beside",
    [{"error": None}, {"status": "pending"}, {"message": "It exceeded 30 s, try again later"}],
)
def test_a_job_may_have_a_message(beside: dict[str, object]) -> None:
    assert job_of(download({"jobId": "0f8f", **beside})) == Job("0f8f")


@pytest.mark.parametrize("content_type", [JSON, "text/csv", "text/html", ""])
@pytest.mark.parametrize("body", [b"", b"\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_nothing_is_empty_whatever_it_is_called(body: bytes, content_type: str) -> None:
    assert is_empty(download(body, content_type))
    check_report(download(body, content_type))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>", "text/html; charset=utf-8"),
        (b"<html>", ""),
        (b"<!DOCTYPE html><p>Login</p>", "text/csv"),
        (b'{"detail": "Internal error"}', "text/csv"),
        (b'{"message": "Endpoint request timed out"}', "text/csv"),
        (b'{"detail": "Inter', "text/csv"),
        (b"a,b\r\n1,2\r\n3", "text/csv"),
        (b"a,b\r\n1,2\r", "text/csv"),
        (b"Internal Server Error", "text/csv"),
        (b'[{"a": 1}, {"a"', JSON),
        (b'{"jobId": "0f8f', JSON),
        (b"null", JSON),
        (b'a,b\r\n1,"2', "text/csv"),
        ("ä\r\nä\r\n".encode()[:-3], "text/csv"),
    ],
)
def test_what_is_not_whole_or_no_table_may_be_asked_for_again(
    body: bytes, content_type: str
) -> None:
    with pytest.raises(BadBodyError):
        check_report(download(body, content_type))


def test_what_contradicts_itself_is_not_asked_for_again() -> None:
    with pytest.raises(DataError, match="charset 'ascii'"):
        check_report(download("ä\r\n1\r\n".encode("latin-1"), "text/csv; charset=ascii"))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b"a,b\r\n1,2\r\n"),
        ("application/octet-stream", b"a,b\r\n1,2\r\n"),
        ("application/vnd.ms-excel", b"a,b\r\n1,2\r\n"),
        ("text/comma-separated-values", b"a;b\r\n1;2\r\n"),
        ("text/plain", b'[{"a": "1", "b": "2"}]'),
        ("text/json", b'[{"a": "1", "b": "2"}]'),
        ("application/json; charset=utf-16", '[{"a": "1", "b": "2"}]'.encode("utf-16")),
    ],
)
def test_the_body_counts_and_not_its_label(content_type: str, body: bytes) -> None:
    response = download(body, content_type)
    check_report(response)
    (block,) = (block for block in read_table(response) if block.rows)
    assert (block.headings, list(map(list, block.rows))) == (("a", "b"), [["1", "2"]])


@pytest.mark.parametrize(
    "body",
    [
        {"error": "report not available", "errors": []},
        {"message": "it broke", "details": []},
        {"success": False, "error": "timeout", "rows": []},
        {"success": False, "rows": []},
        {"errors": [{"message": "boom"}]},
        {"status": "error", "data": []},
        {"code": 500, "message": "it broke", "items": []},
        {"message": "Internal server error", "data": []},
        {"error": {"message": "partial"}, "rows": [{"a": 1}]},
    ],
)
def test_an_error_is_no_report(body: object) -> None:
    with pytest.raises(BadBodyError):
        check_report(download(body))


def test_a_large_response_that_was_cut_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_kit.tables.read.LARGE", 100)
    for end in (b'"2', b"1,"):
        with pytest.raises(BadBodyError, match="cut off"):
            check_report(download(b"a,b,c\r\n" + b"1,2,3\r\n" * 1000 + end, "text/csv"))
