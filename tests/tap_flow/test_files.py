"""The stream ``files``: every file that records link to stands at its place, once and whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from sandbox.flow import blobs
from tap_flow.tap import TapFlow
from tap_kit.errors import SettingsError
from tests.s3 import bucket
from tests.singer import discover, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.singer import Output, Record
    from tests.tap_flow.conftest import Team

JOB_KINDS = ["attachments", "thumbnails", "reports"]
KINDS = [*JOB_KINDS, "report_templates", "collections"]
CONTENTS = {
    "stepresources": blobs.photo,
    "reportpdfs": blobs.report,
    "reporttemplates": blobs.template,
}


class Archive:
    """A team, and a folder for its files."""

    def __init__(self, team: Team, folder: Path) -> None:
        self.team = team
        self.folder = folder
        self.config: dict[str, Any] = {**team.config, "files_to": folder.as_uri()}

    def run(self, *others: str, kinds: list[str] | None = None, **settings: Any) -> Output:  # noqa: ANN401  # settings
        settings = {
            "files_to": self.folder.as_uri(),
            "file_kinds": kinds or ["attachments", "reports"],
            **settings,
        }
        catalog = select(discover(TapFlow, {**self.team.config, **settings}), "files", *others)
        self.team.sandbox.clear_journal()
        return self.team.run(catalog=catalog, **settings)

    def truth(self, *streams: str) -> dict[str, bytes]:
        """The content of all files by link, without its query."""
        found = {}
        for stream in streams:
            for row in self.team.truth(stream):
                for link in re.findall(r'"(http://[^"]*/blob/[^"]*)"', json.dumps(row)):
                    found[link] = self.content(link)
        return found

    def content(self, link: str) -> bytes:
        container, _, name = unquote(urlsplit(link).path).split("/blob/")[1].split("/")
        if container == "collectionuploads":
            flow: Any = self.team.sandbox.vendor("flow")
            return b"".join(flow.team.collections.upload(name).chunks())
        return CONTENTS[container](name)

    def stored(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def count(self) -> int:
        """How many files stand at their places, while more are on their way."""
        found = self.folder.glob("job_*/*/*/*")
        return sum(1 for _ in found)

    def assert_complete(self, rows: list[Record], *streams: str) -> None:
        """What is stored is what the vendor has, and the rows say so."""
        stored = self.stored()
        truth = self.truth(*streams)
        assert sorted(stored.values()) == sorted(truth.values())
        assert len({row["file_id"] for row in rows}) == len(stored)
        assert {row["stream"] for row in rows} == {*streams}
        for row in rows:
            content = Path(unquote(urlsplit(row["uri"]).path)).read_bytes()
            assert row["size"] == len(content)
            assert row["sha256"] == sha256(content).hexdigest()


@pytest.fixture
def archive(team_of: Callable[..., Team], tmp_path: Path) -> Archive:
    return Archive(team_of(scale=0.08), tmp_path / "files")


def requests(archive: Archive, route: str = "blob") -> int:
    return len(archive.team.requests(route))


def test_the_stream_is_there_where_there_is_a_place_for_files(
    archive: Archive,
) -> None:
    def names(config: dict[str, Any]) -> list[str]:
        return sorted(entry["tap_stream_id"] for entry in discover(TapFlow, config)["streams"])

    assert "files" not in names(archive.team.config)
    assert names(archive.config) == sorted([*names(archive.team.config), "files"])
    key = {"query_key": "made-up"}
    assert names({**key, "files_to": archive.config["files_to"]}) == sorted([*names(key), "files"])


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


def test_a_kind_that_is_wanted_later_comes_for_all_jobs(archive: Archive) -> None:
    state = archive.run(kinds=["reports"]).state
    output = archive.run(kinds=["reports", "attachments"], state=state)
    assert not output.failures
    archive.assert_complete(output.records["files"], "job_attachments", "job_reports")
    assert all("/stepresources/" in entry.path for entry in archive.team.requests("blob"))
    fewer = archive.run(kinds=["reports"], state=output.state)
    assert len(fewer.records.get("files", [])) < len(archive.team.truth("job_reports")) + 1


def test_in_another_folder_all_files_come_again(archive: Archive, tmp_path: Path) -> None:
    first = archive.run()
    other = Archive(archive.team, tmp_path / "other")
    output = other.run(state=first.state)
    assert not output.failures
    assert other.stored() == archive.stored()


def test_files_that_are_selected_later_catch_up_alone(archive: Archive) -> None:
    first = archive.team.run("completed_jobs", "job_attachments")
    output = archive.run("completed_jobs", "job_attachments", state=first.state)
    assert not output.failures
    archive.assert_complete(output.records["files"], "job_attachments", "job_reports")
    whole = len(first.records["job_attachments"])
    assert len(output.records["job_attachments"]) < whole


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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"files_to": "/data"}, "files_to must be file:///folder"),
        ({"files_to": "s3://key:secret@bucket"}, "files_to must be file:///folder"),
        ({"files_to": "file:///data", "file_kinds": []}, "file_kinds must name some of"),
        ({"files_to": "file:///data", "file_kinds": ["photos"]}, "file_kinds.0 must be one of"),
        ({"files_to": "file:///data", "max_file_bytes": 0}, "max_file_bytes must be at least 1"),
    ],
)
def test_wrong_settings_are_said_before_any_request(
    sandbox_free: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        TapFlow(config={**sandbox_free, **settings})
    assert "secret@" not in str(caught.value)


@pytest.fixture
def sandbox_free() -> dict[str, Any]:
    return {"client_id": "made-up", "client_secret": "made-up"}


def test_lists_need_more_than_a_query_key() -> None:
    with pytest.raises(SettingsError, match="file_kinds collections need client_id"):
        TapFlow(
            config={
                "query_key": "made-up",
                "files_to": "file:///data",
                "file_kinds": ["attachments", "collections"],
            }
        )


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


def test_a_run_that_is_killed_leaves_no_half_file_and_the_next_one_goes_on(
    archive: Archive, tmp_path: Path
) -> None:
    archive.team.sandbox.fault("slow", route="blob", seconds=0.1, times=None)
    catalog = select(discover(TapFlow, archive.config), "files")
    for name, value in (("config", {**archive.config, "concurrency": 3}), ("catalog", catalog)):
        (tmp_path / name).write_text(json.dumps(value))
    files = [f"--{name}={tmp_path / name}" for name in ("config", "catalog")]
    command = [sys.executable, "-c", "from tap_flow.tap import main; main()", *files]
    for killed in range(1, 5):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:  # noqa: S603  # our own
            while run.poll() is None and archive.count() < 8 * killed:
                time.sleep(0.01)
            run.kill()
        truth = {*archive.truth("job_attachments", "job_reports").values()}
        whole = {p: c for p, c in archive.stored().items() if not p.startswith(".incoming/")}
        assert {*whole.values()} <= truth
        assert len(whole) >= 5 * killed
    archive.team.sandbox.clear_faults()
    output = archive.run()
    assert not output.failures
    archive.assert_complete(output.records["files"], "job_attachments", "job_reports")
    assert requests(archive) == len(archive.stored()) - len(whole)
