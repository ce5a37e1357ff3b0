"""The look-back writes what changed: a window that holds what it held before is left out.

Beside a bookmark stand digests of the windows that the next run reads again. A digest is made of
what would be written, so all that touches rows touches it: the vendor's data, settings, columns,
stream maps, the code. It doesn't depend on the order of rows, nor on how far the last window has
been read. A window without a digest is written, and so is one whose digest differs.

Digests are made on the threads that fetch. They move with the bookmarks, on the main thread.

Where a key may stand in several windows, the last one counts. So after a window of a partition
that is written, all later ones are written, too; the target then holds what it would hold if
nothing had been left out.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from tap_kit.engine.encoded_page import EncodedPage, EncodedWindow, HeldPages
from tap_kit.engine.record_writer import EncodedRecords
from tap_kit.inputs.settings import PACE
from tap_kit.streams.reader import WindowDigest, WindowSlice
from tap_kit.text.json import ENCODER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_kit.engine.record_writer import RecordWriter
    from tap_kit.engine.state import Partition, State
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Bookmark, Page

    Encode = Callable[[Page], EncodedPage]

_FORM: Final = 1
"""Raise it when a version changes rows in a way that settings and schemas don't show."""

_BYTES: Final = 16

OF_THE_RUN: Final = PACE | {"end_date", "lookback_days", "skip_unchanged", "start_date"}
"""Settings that say how and how far to read, and leave a window's rows as they are."""


def touching_rows(config: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that may touch rows: all but those known not to, and secrets."""
    declared = schema["properties"]
    return {
        name: value
        for name, value in config.items()
        if name not in OF_THE_RUN and not declared.get(name, {}).get("secret")
    }


class LookBack:
    """Leaves out the windows of a run that hold what they held before.

    Args:
        writers: What writes the records of each stream.
        state: Holds the digests of earlier runs.
        stats: Figures by stream.
        settings: Those that touch rows.
        write_state: Writes a STATE message.
    """

    def __init__(
        self,
        writers: Mapping[str, RecordWriter],
        state: State,
        stats: Mapping[str, StreamStats],
        *,
        settings: Mapping[str, Any],
        write_state: Callable[[], None],
    ) -> None:
        self._writers = {
            name: writer for name, writer in writers.items() if writer.stream.incremental
        }
        self._state = state
        self._stats = stats
        self._write_state = write_state
        self._known = {name: state.digests(name) for name in self._writers}
        self._seeds = {name: _seed(writer, settings) for name, writer in self._writers.items()}
        self._rewritten: set[tuple[str, Partition | None]] = set()
        self._begun: set[str] = set()

    # On the threads that fetch

    def encoded(self, pages: Iterator[Page], encode: Encode) -> Iterator[EncodedPage]:
        """Encode the pages of a slice; a window that seems unchanged comes as one page."""
        if not isinstance(pages, WindowSlice) or pages.stream not in self._writers:
            return map(encode, pages)
        partition = None if pages.partition is None else frozenset(pages.partition.items())
        known = self._known[pages.stream].get((partition, pages.start))
        window = EncodedWindow(pages.stream, partition, known is not None, pages.own_keys)
        digest = _Digest(pages, self._seeds[pages.stream])
        with_digest = (digest.added(replace(encode(page), window=window)) for page in pages)
        if known is None:
            return with_digest
        return self._compared(with_digest, HeldPages(self._writers[pages.stream]), known)

    @staticmethod
    def _compared(
        pages: Iterator[EncodedPage], held: HeldPages, known: object
    ) -> Iterator[EncodedPage]:
        try:
            page = None
            for page in pages:
                held.add(page)
        except BaseException:
            held.close()
            raise
        if page and page.bookmarks and all(_value(one) == known for one in page.bookmarks):
            yield replace(page, records={}, skipped=0, unchanged=held)
        else:
            yield from held.pages()

    # On the main thread

    def due(self, page: EncodedPage) -> Iterator[EncodedPage]:
        """Yield what is written for a page: itself, nothing, or the pages that it holds back."""
        window = page.window
        if window is None:
            yield page
            return
        key = window.stream, window.partition
        if page.unchanged is None:
            if page.count:
                self._rewritten.add(key)
                if window.known:
                    self._begin(window.stream)
            yield page
        elif key in self._rewritten and not window.own_keys:
            yield from page.unchanged.pages()
        else:
            self._stats[window.stream].unchanged += page.unchanged.count
            self._stats[window.stream].unchanged_windows += 1
            page.unchanged.close()

    def _begin(self, stream: str) -> None:
        """Before a changed window is written, drop the stream's digests from the state.

        If the run is interrupted within it, the next one must write all windows after it.
        """
        if stream not in self._begun:
            self._begun.add(stream)
            if self._state.forget_digests(stream):
                self._write_state()


class _Digest:
    """Sums up what the pages of a window hold, in whatever order it comes.

    Args:
        slice_: The window.
        seed: What else its rows depend on.
    """

    def __init__(self, slice_: WindowSlice, seed: bytes) -> None:
        self._slice = slice_
        self._seed = seed
        self._reached = [
            ENCODER.encode({name: value})[1:-1] for name, value in slice_.reached.items()
        ]
        self._count = 0
        self._sum = 0
        self._whole = True  # as long as all records of all pages could be encoded

    def added(self, page: EncodedPage) -> EncodedPage:
        """Take in a page; with the window's digest beside its bookmarks."""
        for records in page.records.values():
            if isinstance(records, EncodedRecords):
                self._add(records)
            else:
                self._whole = False
        if not page.bookmarks or not self._whole:
            return page
        digest = WindowDigest(self._slice.start, self._slice.since, self._value())
        return replace(page, bookmarks=[replace(one, digest=digest) for one in page.bookmarks])

    def _add(self, records: EncodedRecords) -> None:
        content = records.content
        for reached in self._reached:
            content = content.replace(reached, b"")
        self._count += records.count
        *rows, _ = content.split(records.end)
        self._sum += sum(
            int.from_bytes(blake2b(row, digest_size=_BYTES).digest(), "big") for row in rows
        )

    def _value(self) -> str:
        rows = f"{self._count} {self._sum % (1 << 8 * _BYTES)}".encode()
        digest = blake2b(rows, digest_size=_BYTES, key=self._seed).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def _value(bookmark: Bookmark) -> object:
    return bookmark.digest.value if bookmark.digest else None


def _seed(writer: RecordWriter, settings: Mapping[str, Any]) -> bytes:
    """What the rows of a stream depend on besides their content: schemas, settings, their form."""
    schemas = [message.to_dict() for message in writer.schemas()]
    text = ENCODER.encode([_FORM, schemas, sorted(settings.items())])
    return blake2b(text, digest_size=_BYTES).digest()
