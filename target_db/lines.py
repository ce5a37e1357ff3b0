"""Lines of the input, many at a time, and nothing where none comes for a while."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 17
"""Bytes that are taken at once: few enough for a processor's cache. With a megabyte, target-duck
took a tenth more."""
AHEAD = 8 << 20
"""Bytes that are read while the database works. A pipe holds 64 KB, so without them the tap waits
for every commit: from tap to PostgreSQL, 50 000 rows took 1.93 s in place of 1.75."""


def blocks(source: int, seconds: float) -> Iterator[bytes]:
    """Blocks of whole lines; an empty block when nothing has come for so many seconds.

    Args:
        source: A file descriptor; it is read ahead, beyond the block that is given.
        seconds: How long to wait at most.
    """
    ahead = _ReadAhead(source)
    parts: list[bytes] = []
    while (read := ahead.take(seconds)) is not None:
        lines, end, rest = read.rpartition(b"\n")
        if end:
            yield b"".join((*parts, lines, end))
            parts = [rest]
        elif read:
            parts.append(read)
        else:
            yield b""
    if last := b"".join(parts):
        yield last


class _ReadAhead:
    """Reads to the end in a thread of its own, as far ahead as there is room."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._reads: deque[bytes] = deque()
        self._bytes = 0
        self._error: OSError | None = None
        self._ended = False
        self._changed = threading.Condition()
        # Not waited for: a load that fails leaves while this waits for input that may never come.
        threading.Thread(target=self._read, name="input", daemon=True).start()

    def take(self, seconds: float) -> bytes | None:
        """What has been read, a block at the most; empty after some seconds, None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._reads or self._ended, seconds)
            taken: list[bytes] = []
            size = 0
            while self._reads and size < _BLOCK:
                taken.append(self._reads.popleft())
                size += len(taken[-1])
            self._bytes -= size
            self._changed.notify()
            if taken or not self._ended:
                return b"".join(taken)
            if self._error is not None:
                raise self._error
            return None

    def _read(self) -> None:
        try:
            while read := os.read(self._source, _BLOCK):
                with self._changed:
                    self._reads.append(read)
                    self._bytes += len(read)
                    self._changed.notify()
                    self._changed.wait_for(lambda: self._bytes < AHEAD)
        except OSError as error:
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify()
