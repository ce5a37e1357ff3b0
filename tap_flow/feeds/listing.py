"""Streams that one request brings whole, and streams that take one request for each item."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_kit.errors import GoneError
from tap_kit.feed import Feed, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_flow.client import Rows
    from tap_kit.feed import Record
    from tap_kit.http.client import Client
    from tap_kit.stats import StreamStats
    from tap_kit.stream import RecordStream

_log = logging.getLogger(__name__)


class ListFeed(Feed):
    """One request for everything.

    Args:
        read: The request.
        shape: From its rows to records by stream.
    """

    def __init__(  # a feed's own three, and what to read
        self,
        streams: Sequence[RecordStream],
        client: Client,
        stats: StreamStats,
        *,
        read: Callable[[StreamStats], Rows],
        shape: Callable[[list[Record]], dict[str, list[Record]]],
    ) -> None:
        super().__init__(streams, client, stats)
        self._read = read
        self._shape = shape

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice of one page."""
        yield self._page()

    def _page(self) -> Iterator[Page]:
        found = self._read(self.stats)
        yield Page(self._shape(found.rows), size=found.size)


class ItemFeed(Feed):
    """A list, then a request for each of its items, side by side; items that are gone are skipped.

    Args:
        items: Ids from the list, which it requests.
        sample: The same for ``--test``, with as little as possible.
        read: The request for one item; raises :class:`GoneError` where it is gone.
    """

    def __init__(  # noqa: PLR0913  # a feed's own three, and what to read
        self,
        streams: Sequence[RecordStream],
        client: Client,
        stats: StreamStats,
        *,
        items: Callable[[StreamStats], Iterable[str]],
        sample: Callable[[StreamStats], Iterable[str]],
        read: Callable[[str, StreamStats], Rows],
    ) -> None:
        super().__init__(streams, client, stats)
        self._items = items
        self._sample = sample
        self._read = read

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice for each item."""
        for item in self._items(self.stats):
            yield self._page(item)

    def probe(self) -> None:
        """Ask for one item."""
        for item in self._sample(self.stats):
            next(self._page(item))
            return

    def _page(self, item: str) -> Iterator[Page]:
        try:
            found = self._read(item, self.stats)
        except GoneError:
            _log.warning("stream %s: %s is gone, skipped", self.name, item)
            yield Page(skipped=1)
            return
        yield Page({self.name: found.rows}, size=found.size)
