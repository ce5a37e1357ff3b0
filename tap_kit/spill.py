"""Pages that wait on disk, because memory holds as many as it may."""

from __future__ import annotations

import pickle
import tempfile
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from tap_kit.feed import Page


@dataclass(frozen=True, slots=True)
class Spilled:
    """Where a page rests."""

    offset: int


class Spill:
    """An unnamed temporary file of pages; it goes with the process, however that ends.

    Args:
        limit: Bytes that may rest at once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._end = 0
        self._live = 0

    @property
    def has_room(self) -> bool:
        """Whether another page may be kept."""
        return self._end < self._limit

    def keep(self, page: Page) -> Spilled:
        """Write a page to the file: its lines go there as they are, without a copy of them."""
        with self._lock:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="tap-")  # noqa: SIM115  # kept open
            spilled = Spilled(self._end)
            self._file.seek(spilled.offset)
            pickle.dump(page, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._end = self._file.tell()
            self._live += 1
        return spilled

    def restore(self, spilled: Spilled) -> Page:
        """Read a page back, once; the file starts over when nothing rests in it."""
        with self._lock:
            assert self._file is not None  # noqa: S101  # a page was kept before it is restored
            self._file.seek(spilled.offset)
            page: Page = pickle.load(self._file)  # noqa: S301  # our own file, which has no name
            self._live -= 1
            if not self._live:
                self._end = 0
        return page
