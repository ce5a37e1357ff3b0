"""Files in their folder or bucket: whatever their names, whatever goes wrong with the place."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from tests.s3 import bucket
from tests.tap_flow.readers.archive import KINDS, requests

if TYPE_CHECKING:
    from tests.tap_flow.readers.archive import Archive


def test_what_can_not_be_stored_fails_this_stream_alone(archive: Archive) -> None:
    first = archive.run("completed_jobs")
    archive.team.sandbox.advance(days=3)
    (archive.folder / "job_attachments").rename(archive.folder / "aside")
    (archive.folder / "job_attachments").write_bytes(b"in the way")
    output = archive.run("completed_jobs", state=first.state)
    assert output.failures.keys() == {"files"}
    assert "files can't be kept in" in output.failures["files"]
    bookmarks = output.state["bookmarks"]
    assert bookmarks["files"] == first.state["bookmarks"]["files"]
    assert bookmarks["completed_jobs"] != first.state["bookmarks"]["completed_jobs"]

    (archive.folder / "job_attachments").unlink()
    (archive.folder / "aside").rename(archive.folder / "job_attachments")
    output = archive.run("completed_jobs", state=output.state)
    assert not output.failures
    assert {*archive.truth("job_attachments").values()} <= {*archive.stored().values()}


AWKWARD = [
    "../../../etc/passwd",
    "..%2F..%2Fevil.sh",
    "%00",
    "x" * 300,
    "%F0%9F%93%B7.jpg",
    "",
    "same.jpg",
    "same.jpg",
    "SAME.JPG",
]


def test_whatever_the_names_are_each_file_has_a_place_of_its_own(archive: Archive) -> None:
    url = archive.team.sandbox.url_of("flow")
    attachments = [
        {
            "attachmentId": f"a{number}" if number % 2 else f"../A{number - 1}",
            "mimeType": "image/jpeg",
            "fileSize": 3,
            "downloadUrl": f"{url}/blob/stepresources/team{number}/{name}?sig=x",
        }
        for number, name in enumerate(AWKWARD)
    ]
    job = {
        "jobId": "../../j",
        "completedJobCursor": "5e3036f5dc720bd6a3000001",
        "updated": "2024-05-15T09:00:00Z",
        "attachments": attachments,
    }
    for jobs in ([job], []):
        archive.team.sandbox.fault(
            "status",
            route="graphql",
            contains="attachments",
            status=200,
            body=json.dumps({"data": {"jobs": jobs}}),
            times=1 if jobs else None,
        )
    archive.team.sandbox.fault("status", route="blob", status=200, body="abc", times=None)

    output = archive.run(kinds=["attachments"])

    rows = output.records["files"]
    assert len(rows) == len(AWKWARD)
    stored = archive.stored()
    assert len({place.casefold() for place in stored}) == len(stored)
    assert {*stored.values()} == {b"abc"}
    kept = [row for row in rows if row["uri"]]
    assert len(kept) == len(stored)
    assert all(len(part.encode()) <= 150 for place in stored for part in place.split("/"))
    assert {path.name for path in archive.folder.parent.iterdir()} == {archive.folder.name}


def test_files_go_to_a_bucket_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket() as s3:
        for name, value in s3.env.items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            output = archive.run(kinds=KINDS, files_to=f"{s3.url}/flow")
            assert not output.failures
            stored = s3.files()
            rows = output.records["files"]
            assert {row["uri"] for row in rows} == {f"{s3.url}/{key}" for key in stored}
            for row in rows:
                content = stored[row["uri"].removeprefix(f"{s3.url}/")]
                assert (row["size"], row["sha256"]) == (len(content), sha256(content).hexdigest())
        assert requests(archive) == 0
        assert s3.unfinished() == []


@pytest.mark.parametrize("operation", ["ListObjectsV2", "PutObject"])
def test_a_bucket_without_a_permission_fails_this_stream_alone(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    with bucket() as s3:
        for name, value in s3.env.items():
            monkeypatch.setenv(name, value)
        s3.door.refused.add(operation)
        output = archive.run("users", files_to=s3.url)
        assert output.failures.keys() == {"files"}
        assert f"kept in s3://evidence: Access Denied ({operation})" in output.failures["files"]
        assert output.records["users"]
        assert "replication_key_value" not in output.state["bookmarks"].get("files", {})
        s3.door.open()
        assert not archive.run(files_to=s3.url, state=output.state).failures
        truth = archive.truth("job_attachments", "job_reports")
        assert sorted(s3.files().values()) == sorted(truth.values())
