"""Files in a folder: what is left of a killed run, permissions, full disks."""

from __future__ import annotations

import fcntl
import os
import resource
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import StreamError
from tap_kit.files.address import open_store
from tap_kit.files.local import LocalStore
from tests.tap_kit.files.stored import PLACE, put

if TYPE_CHECKING:
    from collections.abc import Iterator


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_what_a_killed_run_left_is_removed_and_what_is_being_written_is_not(
    tmp_path: Path,
) -> None:
    incoming = tmp_path / ".incoming"
    incoming.mkdir()
    (incoming / "left").write_bytes(b"half")
    with (incoming / "other").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        put(LocalStore(str(tmp_path)), b"photo")
        assert files_of(tmp_path) == {PLACE, ".incoming/other"}
    put(LocalStore(str(tmp_path)), b"photo")
    assert files_of(tmp_path) == {PLACE}


def test_files_have_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(LocalStore(str(tmp_path)), b"photo")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / PLACE).stat().st_mode) == 0o640


@pytest.fixture
def limited() -> Iterator[None]:
    """No file may be larger than 100 KB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("limited")
def test_what_the_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=r"files can't be kept in .*: File too large. Check the"):
        put(LocalStore(str(tmp_path)), b"x" * 300_000)
    assert files_of(tmp_path) == set()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(command, check=False).returncode:  # noqa: S603  # fixed
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)  # noqa: S603, S607  # fixed


def test_a_full_disk_leaves_nothing(full: Path) -> None:
    store = LocalStore(str(full))
    put(store, b"x" * 20_000, "s/k/a")
    with pytest.raises(StreamError, match="No space left on device"):
        put(store, b"x" * 300_000)
    assert files_of(full) == {"s/k/a"}


def test_the_way_to_a_file_is_on_the_disk_whoever_made_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(str(tmp_path))
    put(store, b"photo", "job_attachments/j1/a0/photo.jpg")
    (tmp_path / PLACE).parent.mkdir()  # as another thread does, which is not as far yet
    synced: list[Path] = []
    monkeypatch.setattr("tap_kit.files.local._to_disk", synced.append)
    put(store, b"photo")
    assert synced == [*(tmp_path / PLACE).parents][: len(PLACE.split("/"))]


@pytest.mark.parametrize("folder", ["/dev/null/x", "/proc/nothing"])
def test_a_folder_that_can_not_be_is_an_error(folder: str) -> None:
    store = open_store(Path(folder).as_uri())
    with pytest.raises(StreamError, match="files can't be kept in"):
        put(store, b"photo")
