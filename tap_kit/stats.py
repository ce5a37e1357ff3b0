"""The figures of a run: one :class:`StreamStats` for each stream, filled by all threads."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class StreamStats:
    """The figures of one stream; the main thread counts records, any thread the rest."""

    stream: str
    started: bool = False
    complete: bool = False
    records: int = 0
    unchanged: int = 0
    """Records of windows that hold what they held before, and are not written again."""
    unchanged_windows: int = 0
    requests: int = 0
    retries: int = 0
    waited: float = 0.0
    """Seconds spent waiting for limits: Retry-After, back-off and ``requests_per_second``."""
    skipped: int = 0
    """Items of a list that were gone when their detail was requested."""
    bookmark_from: str | None = None
    bookmark_to: str | None = None
    bookmark_time: str | None = None
    """The time that ``bookmark_to`` stands for, where it is none itself, such as a cursor."""
    drifted: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    """Fields in which something was replaced that no target can store."""
    passed_by: set[str] = field(default_factory=set)
    """Sheets of workbooks that were not read."""
    files: int | None = None
    """Files that were fetched and stored; None for a stream that stores none."""
    file_bytes: int = 0
    error: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, *, requests: int = 0, retries: int = 0, waited: float = 0.0) -> None:
        """Add the figures of one request; ``waited`` is in seconds. From any thread."""
        with self._lock:
            self.requests += requests
            self.retries += retries
            self.waited += waited

    def count_file(self, size: int) -> None:
        """Count a file that was stored, of so many bytes. From any thread."""
        with self._lock:
            self.files = (self.files or 0) + 1
            self.file_bytes += size

    def note_drifted(self, name: str) -> bool:
        """Note a field that discovery did not know; True the first time. From any thread."""
        return self._note(name, self.drifted)

    def note_replaced(self, name: str) -> bool:
        """Note a field in which something was replaced; True the first time."""
        return self._note(name, self.replaced)

    def note_passed_by(self, sheet: str) -> bool:
        """Note a sheet that is not read; True the first time."""
        return self._note(sheet, self.passed_by)

    def _note(self, name: str, names: set[str]) -> bool:
        with self._lock:
            new = name not in names
            names.add(name)
        return new
