"""Streams that one request brings whole, and streams that take one request for each item."""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING

from tap_kit.errors import GoneError
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Page, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_flow.client import Rows
    from tap_flow.endpoints import Endpoint
    from tap_kit.http.client import Client
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Bookmark, Record
    from tap_kit.streams.stream import RecordStream

_log = logging.getLogger(__name__)

_TRIED = 3
"""Items that ``--test`` asks for until one comes."""


class ListReader(Reader):
    """One request for everything.

    Args:
        read: The request.
        shape: From its rows to records by stream.
    """

    def __init__(  # a reader's own three, and what to read
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


class ItemReader(Reader):
    """A list, then a request for each of its items, side by side.

    Items that are gone are skipped, unless all are.

    Args:
        endpoint: The request for one item.
        items: Ids from the list, which it requests.
        sample: The same for ``--test``, with as little as possible.
        read: The request for one item; raises :class:`GoneError` where it is gone.
    """

    def __init__(  # noqa: PLR0913  # a reader's own three, and what to read
        self,
        streams: Sequence[RecordStream],
        client: Client,
        stats: StreamStats,
        *,
        endpoint: Endpoint,
        items: Callable[[StreamStats], Iterable[str]],
        sample: Callable[[StreamStats], Iterable[str]],
        read: Callable[[str, StreamStats], Rows],
    ) -> None:
        super().__init__(streams, client, stats)
        self._items = items
        self._sample = sample
        self._read = read
        self._gone = items_gone(endpoint)

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice for each item."""
        for item in self._items(self.stats):
            yield self._page(item)

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """All of them; an error at the end where every item was gone."""
        return self._gone.in_order(bookmarks)

    def probe(self) -> None:
        """Ask for one item, or for a few where the first ones are gone."""
        for item in islice(self._sample(self.stats), _TRIED):
            if next(self._page(item)).records:
                return
        self._gone.check()

    def _page(self, item: str) -> Iterator[Page]:
        try:
            found = self._read(item, self.stats)
        except GoneError as error:
            self._gone.gone(item, error)
            _log.warning("stream %s: %s is gone, skipped", self.name, item)
            yield Page(skipped=1)
            return
        self._gone.came()
        yield Page({self.name: found.rows}, size=found.size)


def items_gone(endpoint: Endpoint) -> GoneItems:
    """Counts the items of an endpoint that are gone."""
    return GoneItems(
        f"GET {endpoint.path}",
        f"Check the setting {endpoint.host}_url; if it is right, leave the stream out and tell "
        "Librestream's support",
    )
