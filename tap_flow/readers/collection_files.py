"""The records of collections, from the CSV files behind their links (guide 4.2)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from itertools import zip_longest
from typing import TYPE_CHECKING

from tap_kit.errors import BadBodyError, DataError, GoneError, PermissionDeniedError
from tap_kit.http.request import Request
from tap_kit.streams.changes import Changes, changed_at
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Page, Reader
from tap_kit.tables import check_table, is_empty, name_columns, read_table
from tap_kit.text.unstorable import note_replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from tap_flow.endpoints import Endpoint
    from tap_flow.readers.context import FlowContext
    from tap_flow.stream import FlowStream
    from tap_kit.http.download import Download
    from tap_kit.streams.reader import Bookmark, Record
    from tap_kit.tables import Block

_log = logging.getLogger(__name__)

_CELL_BYTES = 60
"""About what a cell takes while it waits to be written."""


class CollectionFiles:
    """The files of all collections.

    Args:
        collections: The list, which has the links to the files.
        collection: One of them, for a fresh link.
        changed_at: The members, first of all, that say when a file was changed.
    """

    def __init__(
        self, collections: Endpoint, collection: Endpoint, *, changed_at: Sequence[str]
    ) -> None:
        self.collections = collections
        self.collection = collection
        self.changed_at = changed_at

    def __str__(self) -> str:
        """The requests, for the documentation."""
        return f"{self.collections}, csvDownloadUrl"

    def __call__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> Iterator[Reader]:
        """Make the one reader of the files."""
        yield CollectionFilesReader(tap, streams, self)


class CollectionFilesReader(Reader):
    """One slice for each collection: its file, downloaded whole and read block by block."""

    def __init__(
        self, tap: FlowContext, streams: Sequence[FlowStream], files: CollectionFiles
    ) -> None:
        super().__init__(streams, tap.client, tap.stats_of(streams[0].name))
        self._api = tap.api
        self._files = files
        self._changes = Changes(tap, streams[0])
        self._gone = GoneItems(
            "csvDownloadUrl of the collections",
            "Check that this machine reaches the host of the links; if it does, leave the stream "
            "out and tell Librestream's support",
        )

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Pass all bookmarks on; raise at the end if every file was gone."""
        return self._gone.in_order(bookmarks)

    def slices(self) -> Iterator[Iterator[Page]]:
        """The collections that have a file, changed or not as the stream wants it."""
        found = self._api.rows(self._files.collections, self.stats).rows
        for collection in self._changes.in_order(found, self._changed):
            if collection.get("csvDownloadUrl"):
                yield self._pages(collection)

    def probe(self) -> None:
        """Request the list."""
        self._api.rows(self._files.collections, self.stats)

    def _changed(self, collection: Record) -> datetime | None:
        return changed_at(collection, self._files.changed_at)

    def _pages(self, collection: Record) -> Iterator[Page]:
        collection_id = collection["collectionId"]
        complete = self._changes.up_to(self._changed(collection))
        try:
            download = self._download(collection)
        except GoneError as error:
            self._gone.skip(self.name, collection_id, error)
            yield Page(bookmarks=complete, skipped=1)
            return
        self._gone.came()
        with download:
            try:
                for block in read_table(download, "csv"):
                    names = name_columns(block.headings, None)
                    replaced = {f"values.{names[place]}" for place in block.replaced}
                    note_replaced(self.stats, replaced - self.stats.replaced)
                    yield Page(
                        {self.name: _records(collection_id, names, block)},
                        size=len(block.rows) * len(block.headings) * _CELL_BYTES,
                    )
            except (BadBodyError, DataError) as error:
                msg = f"stream {self.name}: collection {collection_id}: {error}"
                raise DataError(msg) from error
        if complete:
            yield Page(bookmarks=complete)

    def _download(self, collection: Record) -> Download:
        collection_id = collection["collectionId"]
        try:
            return self._file(collection_id, collection)
        except (PermissionDeniedError, GoneError):
            # The link ended, or the file was replaced, since the list was read (guide 3.5.4.3).
            found = self._api.one(self._files.collection, self.stats, collection_id)
            (again,) = found.rows
            return self._file(collection_id, again)

    def _file(self, collection_id: str, collection: Record) -> Download:
        request = Request(
            "GET",
            collection["csvDownloadUrl"],
            label="GET the CSV file of a collection",
            authorized=False,
            to_vendor=False,
        )
        said = collection.get("csvFileSize")
        download = self.client.download(request, self.stats, _check_of(said))
        if said and download.size != said:
            _log.warning(
                "stream %s: the file of collection %s has %d bytes, and csvFileSize says %d, twice "
                "in a row; it is read as it is",
                self.name,
                collection_id,
                download.size,
                said,
            )
        return download


def _check_of(size: int | None) -> Callable[[Download], None]:
    """Return a check that a file is complete: if its length is not the announced one, retry once.

    CSV that was cut off between two cells still looks like CSV. But the announced length may be
    wrong, too, so the length of the second file is not checked. An empty file is never right
    where a length is announced.
    """
    doubted = False

    def check(download: Download) -> None:
        nonlocal doubted
        nothing = is_empty(download) and download.status != HTTPStatus.NO_CONTENT
        if size and download.size != size and (nothing or not doubted):
            doubted = True
            msg = f"expected {size} bytes by csvFileSize, got {download.size}"
            raise BadBodyError(msg)
        check_table(download, "csv")

    return check


def _records(collection_id: str, names: Sequence[str], block: Block) -> list[Record]:
    records = []
    for place, row in enumerate(block.rows, start=block.first):
        if len(row) > len(names):
            msg = f"record {place} has {len(row)} cells under {len(names)} headings"
            raise DataError(msg)
        values = {name: cell or None for name, cell in zip_longest(names, row)}
        records.append({"collectionId": collection_id, "recordNumber": place, "values": values})
    return records
