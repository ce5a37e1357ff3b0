"""Lists that one request brings whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow.nesting import unnest
from tap_kit.streams.graphql import selection
from tap_kit.streams.reader import Page, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_flow.client import Rows
    from tap_flow.endpoints import Endpoint
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Record


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

        def records(rows: list[Record]) -> dict[str, list[Record]]:
            for row in rows:
                for theirs, ours in self._renamed.items():
                    row[ours] = row.pop(theirs, None)
                row.update(self._added)
            return family.records(rows)

        yield ListReader(tap, streams, read=read, records=records)


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
            records=lambda rows: {stream.name: rows},
        )


class ListReader(Reader):
    """One request, one page.

    Args:
        read: Sends the request.
        records: Makes records of its rows, by stream.
    """

    def __init__(
        self,
        tap: FlowContext,
        streams: Sequence[FlowStream],
        *,
        read: Callable[[StreamStats], Rows],
        records: Callable[[list[Record]], dict[str, list[Record]]],
    ) -> None:
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self._read = read
        self._records = records

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice of one page."""
        yield self._page()

    def _page(self) -> Iterator[Page]:
        found = self._read(self.stats)
        yield Page(self._records(found.rows), size=found.size)


class _Family:
    """A stream, and those whose rows lie in its own, selected or not."""

    def __init__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> None:
        self._head = streams[0].head()
        self._nested = {
            kind.name: kind.nesting for kind in tap.stream_types if kind.read_with is self._head
        }

    def records(self, rows: list[Record]) -> dict[str, list[Record]]:
        """The records by stream, parents first.

        Those of streams that are not selected are taken out, too: their parent has no such column.
        """
        nested = {
            name: unnest(name, rows, nesting.member, nesting.inherited)
            for name, nesting in self._nested.items()
        }
        return {self._head.name: rows, **nested}
