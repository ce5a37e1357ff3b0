"""Pages that are ready to be written, and those held back, whose window may be unchanged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, cast

from tap_kit.engine.record_writer import EncodedRecords, RecordWriter
from tap_kit.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_kit.engine.spool import Spool
    from tap_kit.engine.state import Partition
    from tap_kit.streams.reader import Bookmark

_IN_MEMORY = 1 << 20
"""Bytes of a window that are held in memory; the rest goes to disk."""


@dataclass(frozen=True, slots=True)
class EncodedWindow:
    """The window of a page.

    Attributes:
        stream: Its stream.
        partition: Its partition, as a key.
        known: Whether a digest of an earlier run stands in the state.
        own_keys: Whether no key of the window stands in another one.
    """

    stream: str
    partition: Partition | None
    known: bool
    own_keys: bool


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page that is ready to be written.

    Attributes:
        records: Encoded, by stream; or why a stream's can't be.
        bookmarks: What the page completes.
        skipped: Items that were gone when their detail was requested.
        window: Of which it is a part, where windows are compared with what they held before.
        unchanged: All of a window that holds what it held before.
        spool: Where its lines may wait: that of its slice.
    """

    records: Mapping[str, EncodedRecords | StreamError]
    bookmarks: Sequence[Bookmark]
    skipped: int
    window: EncodedWindow | None = None
    unchanged: HeldPages | None = None
    spool: Spool | None = None

    @property
    def size(self) -> int:
        """About what the records take in memory, in bytes."""
        size = sum(one.size for one in self.records.values() if isinstance(one, EncodedRecords))
        return size + (self.unchanged.size if self.unchanged else 0)

    @property
    def count(self) -> int:
        """How many records it has."""
        return sum(one.count for one in self.records.values() if isinstance(one, EncodedRecords))

    def spooled(self) -> EncodedPage:
        """The page with its lines on disk, as far as there is room."""
        spool = self.spool
        return self if spool is None else self._with(lambda records: records.spooled(spool))

    def in_memory(self) -> EncodedPage:
        """The page with all of its lines in memory."""
        return self._with(EncodedRecords.in_memory)

    def _with(self, change: Callable[[EncodedRecords], EncodedRecords]) -> EncodedPage:
        changed = {
            name: change(records) if isinstance(records, EncodedRecords) else records
            for name, records in self.records.items()
        }
        return replace(self, records=changed)


class HeldPages:
    """Encoded pages of one stream, with their records in a temporary file.

    Args:
        writer: Writes the records of the stream.

    Attributes:
        count: How many records there are.
    """

    def __init__(self, writer: RecordWriter) -> None:
        self.count = 0
        self._writer = writer
        self._file = cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115  # it stays open
        self._pages: list[tuple[EncodedPage, int, int]] = []
        self._length = 0

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return min(self._length, _IN_MEMORY)

    def add(self, page: EncodedPage) -> None:
        """Hold a page.

        Raises:
            StreamError: The file can't be written, for instance because the disk is full.
        """
        records = page.records.get(self._writer.stream.name)
        if not isinstance(records, EncodedRecords):
            self._pages.append((page, 0, 0))
            return
        try:
            self._file.write(records.content)
        except OSError as error:
            msg = (
                f"rows that may be unchanged can't be kept in a temporary file: "
                f"{error.strerror or error}; make room where TMPDIR points to, set it to another "
                "folder, or set skip_unchanged to false"
            )
            raise StreamError(msg) from error
        length = len(records.content)
        self._length += length
        self.count += records.count
        self._pages.append((replace(page, records={}), records.count, length))

    def pages(self) -> Iterator[EncodedPage]:
        """The pages, in their order, once."""
        name = self._writer.stream.name
        with self._file:
            self._file.seek(0)
            for page, count, length in self._pages:
                if count:
                    content = self._file.read(length)
                    yield replace(page, records={name: self._writer.restored(content, count)})
                else:
                    yield page

    def close(self) -> None:
        """Drop them."""
        self._file.close()
