"""Lines that wait on disk for their turn.

While the pages of one window are written, the next windows are read ahead. Memory holds few of
them: without a file, large windows of a vendor that takes its time are read one after the other.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from tap_kit.errors import StreamError

ON_DISK = 64
"""So many bytes on disk count for one in memory: about a gigabyte waits there at the most."""
LEAST = 64 * 1024
"""Fewer bytes stay in memory: what keeps their place there would take more than it counts for."""


@dataclass(frozen=True, slots=True)
class SpooledLines:
    """Lines in a spool."""

    spool: Spool
    start: int
    length: int

    def read(self) -> bytes:
        """Read them back.

        Raises:
            StreamError: The disk fails.
        """
        return self.spool.get(self.start, self.length)


class Spool:
    """A temporary file for the lines of one slice; gone with the last of them.

    A disk that is full, or not there, is no error: then lines stay in memory.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # one thread writes while another one reads
        self._file: IO[bytes] | None = None
        self._end = 0
        self._full = False

    def put(self, lines: bytes) -> SpooledLines | None:
        """Write lines; None where there is no room for them."""
        with self._lock:
            if self._full:
                return None
            try:
                self._append(lines)
            except OSError:
                self._full = True
                return None
            start, self._end = self._end, self._end + len(lines)
            return SpooledLines(self, start, len(lines))

    def get(self, start: int, length: int) -> bytes:
        """Read lines.

        Raises:
            StreamError: The disk fails.
        """
        assert self._file is not None  # noqa: S101  # they were put there
        with self._lock:
            try:
                self._file.seek(start)
                lines = self._file.read(length)
            except OSError as error:
                raise _lost(error) from error
        if len(lines) < length:
            raise _lost()
        return lines

    def _append(self, lines: bytes) -> None:
        if self._file is None:
            # Without a buffer, in which lines that the disk did not take would stay.
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # it stays open
        self._file.seek(self._end)
        rest = memoryview(lines)
        while rest:
            rest = rest[self._file.write(rest) :]


def _lost(error: OSError | None = None) -> StreamError:
    why = (error and error.strerror) or "its file is shorter than what was written"
    return StreamError(
        f"what waited on disk can't be read back ({why}); see the disk that TMPDIR points to"
    )
