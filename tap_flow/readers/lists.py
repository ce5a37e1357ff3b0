"""Lists that one request brings whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_kit.streams.changes import Changes, changed_at
from tap_kit.streams.codec import unnest
from tap_kit.streams.graphql import selection
from tap_kit.streams.reader import Page, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_flow.client import Rows
    from tap_flow.endpoints import Endpoint
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Bookmark, Record


class ListOf:
    """A GET that brings all rows of a stream, and those of streams that are nested in them.

    Args:
        endpoint: The endpoint; of its two, the one that the setting ``job_scope`` chooses.
        renamed: Fields that get another name: the vendor's, and the column's.
        added: Columns with a constant, for each row.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        renamed: Mapping[str, str] | None = None,
        added: Mapping[str, str] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._renamed = renamed or {}
        self._added = added or {}

    def __str__(self) -> str:
        """The request, for the documentation."""
        return str(self._endpoint)

    def __call__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> Iterator[Reader]:
        """Make the one reader of a list."""
        endpoint = tap.api.in_scope(self._endpoint)
        family = _Family(tap, streams)

        def read(stats: StreamStats) -> Rows:
            return tap.api.rows(endpoint, stats)

        def page(found: Rows) -> Page:
            for row in found.rows:
                for theirs, ours in self._renamed.items():
                    row[ours] = row.pop(theirs, None)
                row.update(self._added)
            return Page(family.records(found.rows), family.bookmarks(), size=found.size)

        yield ListReader(tap, streams, read=read, page=page)


class QueryOf:
    """A root field of the Query API without paging: all of its rows come at once.

    Args:
        root: The root field.
        section: The section of the guide.
    """

    def __init__(self, root: str, section: str) -> None:
        self._root = root
        self._section = section

    def __str__(self) -> str:
        """The request, for the documentation."""
        return f"GraphQL {self._root} (guide {self._section})"

    def __call__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> Iterator[Reader]:
        """Make the one reader of the query; it requests the selected fields only."""
        (stream,) = streams
        mask = stream.mask
        fields = selection(stream.schema, mask.__getitem__)
        document = f"{{ {self._root} {{ {fields} }} }}"
        yield ListReader(
            tap,
            streams,
            read=lambda stats: tap.api.query(document, self._root, stats),
            page=lambda found: Page({stream.name: found.rows}, size=found.size),
        )


class ListReader(Reader):
    """One request, one page.

    Args:
        read: Sends the request.
        page: Makes the page of its rows.
    """

    def __init__(
        self,
        tap: FlowContext,
        streams: Sequence[FlowStream],
        *,
        read: Callable[[StreamStats], Rows],
        page: Callable[[Rows], Page],
    ) -> None:
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self._read = read
        self._page = page

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice of one page."""
        yield self._pages()

    def _pages(self) -> Iterator[Page]:
        yield self._page(self._read(self.stats))


class _Family:
    """A stream, and those whose rows lie in its own, selected or not."""

    def __init__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> None:
        self._head = streams[0].head()
        self._nested = [kind for kind in tap.stream_types if kind.read_with is self._head]
        self._changes = {stream.name: Changes(tap, stream) for stream in streams}

    def records(self, rows: Sequence[Record]) -> dict[str, Sequence[Record]]:
        """The records by stream, parents first.

        Those of streams that are not selected are taken out, too: their parent has no such column.
        """
        nested = {kind.name: self._taken_out(kind, rows) for kind in self._nested}
        changes = self._changes.get(self._head.name)
        if changes is not None and changes.incremental:
            rows = [row for row in rows if changes.wants(self._changed(row))]
        return {self._head.name: rows, **nested}

    def bookmarks(self) -> Sequence[Bookmark]:
        """The bookmarks once these records are written."""
        return [mark for changes in self._changes.values() for mark in changes.bookmarks()]

    def _changed(self, row: Record) -> datetime | None:
        return changed_at(row, self._head.changed_at)

    def _taken_out(self, kind: type[FlowStream], rows: Sequence[Record]) -> Sequence[Record]:
        member, inherited = kind.nesting.member, kind.nesting.inherited
        changes = self._changes.get(kind.name)
        if changes is None or not changes.incremental:
            return unnest(kind.name, rows, member, inherited)
        # What is nested counts as changed when its row was, or when it says so itself: nobody
        # documents that the one follows from the other.
        return [
            item
            for row in rows
            for item in unnest(kind.name, [row], member, inherited)
            if changes.wants(_later(self._changed(row), changed_at(item, kind.changed_at)))
        ]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
