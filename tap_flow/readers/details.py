"""Lists of ids, and a request for each of their items."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tap_flow.client import Rows
from tap_kit.errors import GoneError
from tap_kit.streams.changes import Changes, changed_at
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Page, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_flow.endpoints import Endpoint
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream
    from tap_kit.http.response import Response
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Bookmark, Record

_TRIED = 3
"""Items that ``--test`` requests until one comes."""


class Item(NamedTuple):
    """An item of a list; ``changed`` is None where the list does not say when it was changed."""

    key: str
    changed: datetime | None = None


class IdSource(Protocol):
    """Where the ids of items come from."""

    def every(self, tap: FlowContext, stats: StreamStats) -> Iterator[Item]:
        """Request the ids of all items."""

    def sample(self, tap: FlowContext, stats: StreamStats) -> Iterator[Item]:
        """Request a few ids, for ``--test``, with as little as possible."""


class Ids:
    """The ids of a list that one request brings whole.

    Args:
        endpoint: The list.
        member: The member of its rows that holds the id; rows without are left out.
        changed_at: The members, first of all, that say when an item was changed.
    """

    def __init__(self, endpoint: Endpoint, member: str, *, changed_at: Sequence[str] = ()) -> None:
        self._endpoint = endpoint
        self._member = member
        self._changed_at = changed_at

    def __str__(self) -> str:
        """The request, for the documentation."""
        return str(self._endpoint)

    def every(self, tap: FlowContext, stats: StreamStats) -> Iterator[Item]:
        """Request the list."""
        for row in tap.api.rows(self._endpoint, stats).rows:
            if key := row.get(self._member):
                yield Item(key, changed_at(row, self._changed_at))

    def sample(self, tap: FlowContext, stats: StreamStats) -> Iterator[Item]:
        """Request the list; it can't be had in parts."""
        return self.every(tap, stats)


class DetailsOf:
    """A GET for each item of a list: the responses are the records of a stream.

    Args:
        endpoint: The request for one item; its path has the id in it.
        ids: The list.
        id_column: The column that gets the id, where the response does not hold it.
        complete: Adds what is the tap's own to a record.
        decode: Makes the record of a body that is not a JSON object.
        params: Query parameters.
    """

    def __init__(  # noqa: PLR0913  # a request, and what becomes of its response
        self,
        endpoint: Endpoint,
        ids: IdSource,
        *,
        id_column: str | None = None,
        complete: Callable[[Record], None] = lambda _: None,
        decode: Callable[[Response], Record] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.ids = ids
        self._id_column = id_column
        self._complete = complete
        self._decode = decode
        self._params = params

    def __str__(self) -> str:
        """The requests, for the documentation."""
        return f"{self.ids}, {self.endpoint}"

    def __call__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> Iterator[Reader]:
        """Make the one reader of the items."""
        yield DetailReader(tap, streams, self)

    def read(self, tap: FlowContext, item: str, stats: StreamStats) -> Rows:
        """Request one item.

        Raises:
            GoneError: It is not there, or no longer.
        """
        decode = self._decode
        if decode is None:
            found = tap.api.one(self.endpoint, stats, item)
        else:
            found = tap.api.get(
                self.endpoint,
                lambda response: Rows([decode(response)], len(response.content)),
                stats,
                params=self._params,
                item=item,
            )
        if self._id_column:
            found.rows[0][self._id_column] = item
        self._complete(found.rows[0])
        return found


class DetailReader(Reader):
    """A slice for each item, so that items are requested side by side.

    Items that are gone are skipped, unless all are.
    """

    def __init__(self, tap: FlowContext, streams: Sequence[FlowStream], details: DetailsOf) -> None:
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self._tap = tap
        self._details = details
        self._changes = Changes(tap, streams[0])
        endpoint = details.endpoint
        self._gone = GoneItems(
            f"GET {endpoint.path}",
            f"Check the setting {endpoint.host}_url; if it is right, leave the stream out and tell "
            "Librestream's support",
        )

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice for each item that the stream wants, changed or not."""
        items = self._details.ids.every(self._tap, self.stats)
        for item in self._changes.in_order(items, lambda item: item.changed):
            yield self._page(item)

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Pass all bookmarks on; raise at the end if every item was gone."""
        return self._gone.in_order(bookmarks)

    def probe(self) -> None:
        """Request one item, or a few where the first ones are gone."""
        for item in islice(self._details.ids.sample(self._tap, self.stats), _TRIED):
            if next(self._page(item)).records:
                return
        self._gone.check()

    def _page(self, item: Item) -> Iterator[Page]:
        complete = self._changes.up_to(item.changed)
        try:
            found = self._details.read(self._tap, item.key, self.stats)
        except GoneError as error:
            self._gone.skip(self.name, item.key, error)
            yield Page(bookmarks=complete, skipped=1)
            return
        self._gone.came()
        yield Page({self.name: found.rows}, complete, size=found.size)
