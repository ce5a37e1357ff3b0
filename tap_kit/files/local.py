"""Files in a folder of this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from tap_kit.files.store import Found, Writer, failing_as

if sys.platform != "win32":  # where nobody can delete a file that is open
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_READ = 1024 * 1024
"""Bytes that are read back at once."""
_INCOMING = ".incoming"
"""The folder in which files wait until they are complete; on the same disk, so renaming works."""


class LocalStore:
    """A folder. Files are written elsewhere in it, brought to the disk, and renamed.

    What a killed run has left half-written is removed by the next one. A lock on each such file
    tells whether somebody still writes it.
    """

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self._incoming = self._root / _INCOMING
        self._swept = False
        self._lock = threading.Lock()

    def uri(self, place: str) -> str:
        """``file:///…``, percent-encoded."""
        return self._path(place).as_uri()

    def find(self, place: str) -> Found | None:
        """The file at a place."""
        with failing_as(str(self._root)):
            try:
                facts = self._path(place).stat()
            except FileNotFoundError:
                return None
            return Found(facts.st_size, datetime.fromtimestamp(facts.st_mtime, timezone.utc))

    def sha256(self, place: str, found: Found) -> str:  # noqa: ARG002  # a folder keeps none
        """The hash of what is on the disk."""
        digest = hashlib.sha256()
        with failing_as(str(self._root)), self._path(place).open("rb") as file:
            while chunk := file.read(_READ):
                digest.update(chunk)
        return digest.hexdigest()

    def room(self, size: int | None) -> AbstractContextManager[None]:  # noqa: ARG002  # a disk has its own
        """Nothing to wait for: each chunk goes to the disk."""
        return contextlib.nullcontext()

    @contextmanager
    def writing(
        self,
        place: str,
        *,
        size: int | None = None,  # noqa: ARG002  # the disk says by itself when it is full
        content_type: str | None = None,  # noqa: ARG002  # a folder keeps none
    ) -> Iterator[Writer]:
        """Store a file; see :meth:`tap_kit.files.store.Store.writing`."""
        where = str(self._root)
        with failing_as(where):
            self._sweep()
            file, path = self._begun()
        try:
            yield Writer(file.write, where)
            with failing_as(where):
                target = self._path(place)
                target.parent.mkdir(parents=True, exist_ok=True)
                file.flush()
                os.fsync(file.fileno())
                path.replace(target)
                self._entries_to_disk(target.parent)
        finally:
            # After the renaming there is nothing left to remove.
            with contextlib.suppress(OSError):
                file.close()
            with contextlib.suppress(OSError):
                path.unlink()

    def probe(self) -> None:
        """Check that the folder, or the one in which it will be made, can be written to."""
        with failing_as(str(self._root)):
            folder = next(each for each in (self._root, *self._root.parents) if each.exists())
            if not folder.is_dir():
                raise NotADirectoryError(20, f"{folder} is not a folder")
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(13, f"no permission to write in {folder}")

    def _path(self, place: str) -> Path:
        return self._root.joinpath(*place.split("/"))

    def _entries_to_disk(self, folder: Path) -> None:
        """Bring a new entry and the way to it to the disk; other threads may have made the folders.

        From the bottom up: what the first one brings there, the others mostly find there, which
        takes no time. The root has been brought there before.
        """
        _to_disk(folder)
        while folder != self._root:
            folder = folder.parent
            _to_disk(folder)

    def _begun(self) -> tuple[IO[bytes], Path]:
        """Make a file under a name of its own, and lock it."""
        _make_folder(self._incoming)
        while True:
            path = self._incoming / uuid4().hex
            file = path.open("xb")
            if sys.platform == "win32":
                return file, path
            fcntl.flock(file, fcntl.LOCK_EX)
            # A run that sweeps may have been faster, and removed it before it was locked.
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    return file, path
            file.close()

    def _sweep(self) -> None:
        """Remove what nobody writes any more, once."""
        with self._lock:
            if self._swept:
                return
            self._swept = True
            for path in self._incoming.iterdir() if self._incoming.exists() else ():
                with contextlib.suppress(OSError):  # somebody writes it, or has just removed it
                    with path.open("rb") as file:
                        if sys.platform != "win32":
                            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                            path.unlink()
                    path.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, and bring the new ones to the disk."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _to_disk(folder.parent)


def _to_disk(folder: Path) -> None:
    """Bring the entries of a folder to the disk, so that they outlive a loss of power."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:  # not every network drive can
        return
    finally:
        os.close(handle)
