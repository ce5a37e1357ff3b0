"""Runs that are killed in the middle of files: nothing half stands under a final name.

``make kill-test`` kills twenty runs one after another, the usual tests a few.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

import moto.s3.models
import pytest

from tap_flow.tap import TapFlow
from tests.s3 import bucket
from tests.singer import discover, read, select
from tests.tap_flow.readers.archive import Archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.s3 import Bucket
    from tests.singer import Record
    from tests.tap_flow.conftest import Team

STREAMS = ("job_attachments", "job_reports")
PIECE = 16 * 1024
"""Bytes, here; so most of the sandbox's photos go to a bucket in several pieces."""
MAIN = f"""
import tap_kit.files.uploads as uploads
from tap_flow.tap import main
uploads.PIECE = {PIECE}
main()
"""


class Kept(Protocol):
    """Where the files are."""

    url: str

    def files(self) -> dict[str, bytes]:
        """What stands under final names."""

    def count(self) -> int:
        """How many these are."""


class Folder:
    """A folder; what is in ``.incoming`` has no final name."""

    def __init__(self, archive: Archive) -> None:
        self.url = archive.folder.as_uri()
        self._archive = archive

    def files(self) -> dict[str, bytes]:
        stored = self._archive.stored()
        return {place: body for place, body in stored.items() if place[0] != "."}

    def count(self) -> int:
        return self._archive.count()


@pytest.fixture
def archive(team_of: Callable[..., Team], tmp_path: Path, kills: int) -> Archive:
    return Archive(team_of(scale=max(0.04, 0.01 * kills)), tmp_path / "files")


@pytest.fixture(params=["file", "s3"])
def kept(
    request: pytest.FixtureRequest, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Folder | Bucket]:
    if request.param == "file":
        yield Folder(archive)
        return
    monkeypatch.setattr(moto.s3.models, "S3_UPLOAD_PART_MIN_SIZE", PIECE)
    with bucket() as s3:
        for name, value in s3.env.items():
            monkeypatch.setenv(name, value)
        yield s3


class Killed:
    """A tap in a process of its own; what it wrote before its end counts."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder = folder
        self._write("config", config)
        self._write("catalog", select(discover(TapFlow, config), "files"))
        self._write("state", {})
        self.rows: list[Record] = []

    def run(self, until: Callable[[], bool]) -> int:
        """Run it, and kill it as soon as something is so; returns the exit code."""
        files = [f"--{name}={self._folder / name}" for name in ("config", "catalog", "state")]
        out = self._folder / "out"
        command = [sys.executable, "-c", MAIN, *files]
        with (
            out.open("wb") as stdout,
            subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL) as run,  # noqa: S603  # our own
        ):
            while run.poll() is None and not until():
                time.sleep(0.03)
            run.kill()
        self._read(out.read_text("utf-8"))
        return run.returncode

    def _read(self, text: str) -> None:
        """Take what was written whole; a line without its end was cut by the kill."""
        for message in read(text[: text.rfind("\n") + 1].splitlines()):
            if message["type"] == "RECORD":
                self.rows.append(message["record"])
            elif message["type"] == "STATE":
                self._write("state", message["value"])

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        (self._folder / name).write_text(json.dumps(content), "utf-8")


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.kills)])
def test_killed_runs_leave_no_half_file_and_lose_none(
    archive: Archive, kept: Kept, kills: int, tmp_path: Path
) -> None:
    archive.team.sandbox.fault("slow", route="blob", seconds=0.3, times=None)
    tap = Killed(tmp_path, {**archive.config, "files_to": kept.url, "concurrency": 3})
    truth = archive.truth(*STREAMS)
    bodies = {*truth.values()}
    assert len(truth) > 4 * kills
    moments = random.Random(kills)  # noqa: S311  # not for secrets
    for _ in range(kills):
        enough = kept.count() + moments.randrange(len(truth) // kills)
        late = moments.uniform(0, 0.2)

        def is_due(enough: int = enough, late: float = late) -> bool:
            if kept.count() < enough:
                return False
            time.sleep(late)
            return True

        assert tap.run(is_due) == -9
        assert {*kept.files().values()} <= bodies
    archive.team.sandbox.clear_faults()
    before = len(kept.files())
    archive.team.sandbox.clear_journal()

    assert tap.run(lambda: False) == 0

    stored = kept.files()
    assert sorted(stored.values()) == sorted(truth.values())
    assert len(archive.team.requests("blob")) == len(stored) - before
    assert {row["uri"] for row in tap.rows} == {f"{kept.url}/{place}" for place in stored}
    hashes = {row["uri"]: row["sha256"] for row in tap.rows}
    for place, body in stored.items():
        assert hashes[f"{kept.url}/{place}"] == sha256(body).hexdigest()
