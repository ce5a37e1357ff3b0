"""Readers: a reader yields slices, a slice yields pages, a page has records and bookmarks.

A vendor's reader is written as plain generators; :mod:`tap_kit.threads.prefetch` runs them on
worker threads, side by side within the limits, and hands their pages to the main thread in the
serial order.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_kit.http.client import Client
    from tap_kit.stats import StreamStats
    from tap_kit.streams.stream import RecordStream

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WindowDigest:
    """What a window held when it was read, in short.

    Attributes:
        start: Where the window begins.
        since: The next run reads again the windows that begin here or later.
        value: Equal for equal content.
    """

    start: str
    since: str
    value: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a stream, or one of its partitions, is complete once its page is written.

    Attributes:
        stream: Name of the stream.
        value: The replication key's value: RFC 3339 time, date, or an opaque cursor.
        partition: The part of the stream that has this bookmark; None: the whole stream.
        ordered: Whether the value is a time or a date, and the bookmark never moves back; False
            for cursors.
        extra: What else to keep beside the value, such as a fingerprint of filters.
        digest: Of the window that the page completes; from the engine, for a :class:`WindowSlice`.
    """

    stream: str
    value: str | None
    partition: Mapping[str, Any] | None = None
    ordered: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)
    digest: WindowDigest | None = None


@dataclass(slots=True)
class Page:
    """Decoded records of one response, by stream, and the bookmarks that they complete.

    Attributes:
        records: By stream; those of one stream are all decoded in the same way.
        bookmarks: They move once the records are written.
        size: The response's length in bytes.
        skipped: Items that were gone (404) when their detail was requested.
    """

    records: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    bookmarks: Sequence[Bookmark] = ()
    size: int = 0
    skipped: int = 0


class WindowSlice:
    """A slice that is one window, which the look-back of the next run reads again.

    The engine writes nothing of it where an earlier run has written the same.

    Args:
        pages: All of the window's; the last one alone has bookmarks.
        stream: The stream whose window it is; the pages have records of no other one.
        partition: As in the bookmark.
        start: Where the window begins.
        since: Where the next run begins to read, in the same form.
        reached: The columns, with their value, that say how far the window has been read. Each run
            reads the last window further; that alone is no change of content.
        own_keys: Whether no key of the window stands in another one. Otherwise the last one counts.
    """

    def __init__(  # noqa: PLR0913  # what a window is known by
        self,
        pages: Iterator[Page],
        *,
        stream: str,
        partition: Mapping[str, Any] | None,
        start: str,
        since: str,
        reached: Mapping[str, str],
        own_keys: bool = False,
    ) -> None:
        self._pages = pages
        self.stream = stream
        self.partition = partition
        self.start = start
        self.since = since
        self.reached = reached
        self.own_keys = own_keys

    def __iter__(self) -> Iterator[Page]:
        """Its pages."""
        return self

    def __next__(self) -> Page:
        """The next page."""
        return next(self._pages)


class Reader(abc.ABC):
    """Reads one stream, or several that share their requests.

    Its generators run on worker threads, each one step at a time. Records are written in the order
    of slices, and of pages within them.
    """

    def __init__(self, streams: Sequence[RecordStream], client: Client, stats: StreamStats) -> None:
        self.streams = streams
        self.client = client
        self.stats = stats

    @property
    def name(self) -> str:
        """The reader's name in messages: its first stream."""
        return self.streams[0].name

    @property
    def wanted(self) -> frozenset[str]:
        """Names of the selected streams that this reader serves."""
        return frozenset(stream.name for stream in self.streams)

    @abc.abstractmethod
    def slices(self) -> Iterator[Iterator[Page]]:
        """Yield the parts of the reader's work; the requests of one don't depend on another's.

        The generator itself may send requests, such as for a list whose items are the slices.
        """

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """The bookmarks of all pages, each once its page is written; here they move as they come.

        This runs on the main thread, in the order of emission. A reader may hold some back, give
        more at the end, or raise what only all pages together show.
        """
        return bookmarks

    def probe(self) -> None:
        """Make one cheap request that shows whether the streams can be read.

        Raises:
            TapError: They can't, and why.
        """
        for slice_ in self.slices():
            next(slice_, None)
            return
