"""The stream ``files``: every file that records link to stands at its place, once and whole."""

from __future__ import annotations

from typing import Any

import pytest

from tap_flow.tap import TapFlow
from tests.singer import discover, select
from tests.tap_flow.readers.archive import KINDS, Archive, requests


def test_every_file_is_there_once_and_is_not_fetched_again(archive: Archive) -> None:
    streams = ("job_attachments", "job_reports")
    first = archive.run()
    assert not first.failures
    archive.assert_complete(first.records["files"], *streams)
    assert requests(archive) == len(first.records["files"]) > 20

    again = archive.run()  # without a state
    assert not again.failures
    archive.assert_complete(again.records["files"], *streams)
    assert requests(archive) == 0

    third = archive.run(state=again.state)
    assert not third.failures
    assert requests(archive) == 0
    assert len(third.records["files"]) < len(first.records["files"])


def test_all_kinds_of_files_come(archive: Archive) -> None:
    output = archive.run(kinds=KINDS)
    assert not output.failures
    archive.assert_complete(
        output.records["files"],
        *("job_attachments", "job_attachment_thumbnails", "job_reports"),
        *("report_templates", "collections"),
    )
    assert requests(archive) == len(output.records["files"])
    assert not archive.run(kinds=KINDS).failures
    assert requests(archive) == 0


def test_rows_join_their_records(archive: Archive) -> None:
    output = archive.run(
        "job_attachments",
        "job_attachment_thumbnails",
        "job_reports",
        "report_templates",
        "collections",
        kinds=KINDS,
    )
    for row in output.records["files"]:
        (record,) = (
            record
            for record in output.records[row["stream"]]
            if row["record_key"].items() <= record.items()
        )
        link: Any = record
        for step in row["field"].split("."):
            link = link[step]
        assert link.startswith("http://")
        assert "?" not in link + row["uri"]
        assert row["uri"].startswith(f"{archive.folder.as_uri()}/{row['stream']}/")


def test_the_rows_of_a_job_carry_its_key_and_the_vendor_s_words(archive: Archive) -> None:
    output = archive.run(kinds=["attachments"])
    attachment = archive.team.truth("job_attachments")[-1]
    (row,) = (
        row
        for row in output.records["files"]
        if row["record_key"]["attachmentId"] == attachment["attachmentId"]
    )
    key = {name: attachment[name] for name in ("jobId", "attachmentId")}
    assert row["record_key"] == key
    assert (row["stream"], row["field"]) == ("job_attachments", "downloadUrl")
    assert row["name"] == attachment["downloadUrl"].rpartition("/")[2]
    assert (row["content_type"], row["size"]) == (attachment["mimeType"], attachment["fileSize"])
    place = "/".join(["job_attachments", *key.values(), row["name"]])
    assert row["uri"] == f"{archive.folder.as_uri()}/{place}"


def test_new_and_late_files_come_with_the_next_run(archive: Archive) -> None:
    state = archive.run().state
    at_first = len(archive.stored())
    for _ in range(3):
        archive.team.sandbox.advance(days=1)
        before = len(archive.stored())
        output = archive.run(state=state)
        assert not output.failures
        state = output.state
        truth = archive.truth("job_attachments", "job_reports")
        stored = archive.stored()
        assert {*truth.values()} <= {*stored.values()}
        assert requests(archive) == len(stored) - before
    assert len(archive.stored()) > at_first


def test_links_that_end_are_renewed(archive: Archive) -> None:
    archive.team.meanwhile(
        lambda: archive.team.sandbox.advance(hours=2), route="blob", skip=3, times=1
    )
    output = archive.run(concurrency=2)
    assert not output.failures
    statuses = [entry.status for entry in archive.team.requests("blob")]
    assert 403 in statuses
    stored = {*archive.stored().values()}
    assert stored >= {*archive.truth("job_attachments").values()}
    assert all("authorization" not in entry.headers for entry in archive.team.requests("blob"))


def test_a_file_that_is_gone_is_skipped_with_a_row(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    gone = archive.team.truth("job_attachments")[3]
    archive.team.sandbox.fault(
        "status", route="blob", contains=gone["attachmentId"], status=404, times=None
    )
    output = archive.run()
    assert not output.failures
    (row,) = (row for row in output.records["files"] if row["uri"] is None)
    assert row["record_key"]["attachmentId"] == gone["attachmentId"]
    assert (row["size"], row["sha256"], row["fetched_at"]) == (gone["fileSize"], None, None)
    assert f"{gone['attachmentId']} is gone, skipped" in caplog.text
    asked = [e for e in archive.team.requests("blob") if gone["attachmentId"] in e.path]
    assert len(asked) == 2
    assert output.state["bookmarks"]["files"]["replication_key_value"]


def test_where_every_file_is_gone_the_stream_fails(archive: Archive) -> None:
    archive.team.sandbox.fault("status", route="blob", status=404, times=None)
    output = archive.run("users")
    assert output.failures.keys() == {"files"}
    assert "the links of files: none of" in output.failures["files"]
    assert "replication_key_value" not in output.state["bookmarks"].get("files", {})
    assert output.records["users"]


def test_large_files_are_left_out(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    output = archive.run(kinds=["attachments"], max_file_bytes=30_000)
    assert not output.failures
    sizes = [row["fileSize"] for row in archive.team.truth("job_attachments")]
    rows = output.records["files"]
    assert sorted(row["size"] for row in rows if row["uri"]) == sorted(
        size for size in sizes if size <= 30_000
    )
    large = [row for row in rows if row["uri"] is None]
    assert len(large) == sum(size > 30_000 for size in sizes) > 0
    assert caplog.text.count("is larger than max_file_bytes (30000), skipped") == len(large)


@pytest.mark.parametrize("kind", ["garbage", "truncate", "reset", "html", "empty"])
def test_a_body_that_is_not_the_file_is_fetched_again(archive: Archive, kind: str) -> None:
    archive.team.sandbox.fault(kind, route="blob", times=2, contains="stepresources")
    output = archive.run()
    assert not output.failures
    archive.assert_complete(output.records["files"], "job_attachments", "job_reports")


def test_the_summary_says_files_and_bytes(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    archive.run()
    size = sum(map(len, archive.stored().values()))
    (line,) = (x for x in caplog.messages if x.startswith("summary stream=files "))
    assert line.endswith(f" files={len(archive.stored())} file_bytes={size}")


def test_downloads_keep_the_limit_of_requests_in_flight(archive: Archive) -> None:
    archive.team.sandbox.fault("latency", milliseconds=15, times=None)
    assert not archive.run("users", "jobs", concurrency=3).failures
    assert 1 < archive.team.sandbox.journal.max_in_flight <= 3


def test_files_of_windows_come_too(archive: Archive) -> None:
    config = archive.config
    catalog = select(discover(TapFlow, config), "files")
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "completed_jobs":
            (root,) = (item for item in entry["metadata"] if not item["breadcrumb"])
            root["metadata"]["replication-key"] = "updated"
    output = archive.team.run(catalog=catalog, files_to=config["files_to"])
    assert not output.failures
    archive.assert_complete(output.records["files"], "job_attachments", "job_reports")
    again = archive.team.run(
        catalog=catalog,
        state=output.state,
        files_to=config["files_to"],
        file_kinds=["thumbnails"],
    )
    assert "files_to or file_kinds is not what it was" in again.failures["files"]
