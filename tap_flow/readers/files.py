"""The stream ``files``: each file is brought to its place, and then there is a row for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tap_flow.flow_files import (
    COLLECTIONS,
    JOB_KINDS,
    REPORT_TEMPLATES,
    JobFilesQuery,
    collection_files,
    template_files,
)
from tap_flow.readers.job_plan import is_by_cursor, job_readers
from tap_flow.readers.job_windows import ChangedSettings
from tap_kit.errors import GoneError
from tap_kit.files.address import open_store
from tap_kit.files.keeper import FileKeeper
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Page, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tap_flow.endpoints import Endpoint
    from tap_flow.flow_files import FlowFile
    from tap_flow.readers.context import FlowContext
    from tap_flow.readers.job_windows import JobReader
    from tap_flow.stream import FlowStream
    from tap_kit.files.keeper import VendorFile
    from tap_kit.files.store import Store
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Bookmark, Record

_log = logging.getLogger(__name__)

_MANY = 5
"""If so many files are gone and none came, it is not the files."""


class FilesOf:
    """The files of completed jobs, report templates and collections, as the settings want them.

    Args:
        section: The section of the guide on the files of jobs.
        templates: The list of report templates.
        collections: The list of collections.
        collection: One of them, for a fresh link.
    """

    def __init__(
        self, section: str, *, templates: Endpoint, collections: Endpoint, collection: Endpoint
    ) -> None:
        self._section = section
        self._templates = templates
        self._collections = collections
        self._collection = collection

    def __str__(self) -> str:
        """The requests, for the documentation."""
        lists = f"{self._templates}, {self._collections}"
        return f"GraphQL jobs (guide {self._section}), {lists}, and the links in them"

    def __call__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> Iterator[Reader]:
        """Make a reader for each way in which jobs are read, then one for each list."""
        (stream,) = streams
        kinds = tap.config["file_kinds"]
        store = open_store(tap.config["files_to"])
        stats = tap.stats_of(stream.name)
        for jobs in self._of_jobs(tap, stream) if {*JOB_KINDS} & {*kinds} else ():
            if isinstance(jobs, ChangedSettings):
                yield jobs
            else:
                yield FilesReader(tap, streams, JobFiles(jobs, tap), store)
        if REPORT_TEMPLATES in kinds:
            rows = partial(_rows, tap, self._templates, stats)

            def again(file: FlowFile) -> Sequence[Record]:
                wanted = file.key["reportTemplateId"]
                return [row for row in rows() if row.get("reportTemplateId") == wanted]

            yield FilesReader(tap, streams, ListedFiles(rows, template_files, again), store)
        if COLLECTIONS in kinds:
            rows_of = partial(_rows, tap, self._collections, stats)

            def one(file: FlowFile) -> Sequence[Record]:
                return tap.api.one(self._collection, stats, file.key["collectionId"]).rows

            yield FilesReader(tap, streams, ListedFiles(rows_of, collection_files, one), store)

    def _of_jobs(
        self, tap: FlowContext, stream: FlowStream
    ) -> Iterator[JobReader | ChangedSettings]:
        query = JobFilesQuery(stream.name, tap.config["file_kinds"], tap.config["files_to"])
        entry = tap.bookmarks.entry(stream.name)
        if entry and stream.incremental and not query.continues(entry):
            if not is_by_cursor(tap):
                yield ChangedSettings([stream], tap, "files_to or file_kinds")
                return
            _log.info(
                "stream %s: files_to or file_kinds has changed; reading begins at the start, and "
                "what is in its place already is not fetched again",
                stream.name,
            )
            entry = {}
        yield from job_readers(tap, {stream: entry}, lambda _: query)


def _rows(tap: FlowContext, endpoint: Endpoint, stats: StreamStats) -> Sequence[Record]:
    return tap.api.rows(endpoint, stats).rows


class FileSource(Protocol):
    """Where the links of files come from."""

    def found(self) -> Iterator[tuple[Sequence[FlowFile], Sequence[Bookmark]]]:
        """Yield files, and the bookmarks that are right once these have rows."""

    def again(self, file: FlowFile) -> FlowFile | None:
        """Read the record of a file again; None if it is gone."""

    def probe(self) -> None:
        """Request as little as shows whether the records can be read."""


class JobFiles:
    """The files of completed jobs: the pages of a reader of jobs, which asks for links only."""

    def __init__(self, jobs: JobReader, tap: FlowContext) -> None:
        self._jobs = jobs
        self._pager = tap.jobs

    def found(self) -> Iterator[tuple[Sequence[FlowFile], Sequence[Bookmark]]]:
        """Yield the files of page after page of jobs."""
        for slice_ in self._jobs.slices():
            for page in slice_:
                yield page.records.get(self._jobs.name, ()), page.bookmarks

    def again(self, file: FlowFile) -> FlowFile | None:
        """Request the file's job again."""
        tree = self._jobs.tree
        jobs = self._pager.job(tree.fields, file.key["jobId"], self._jobs.stats)
        files: Sequence[FlowFile] = tree.records(jobs)[self._jobs.name]
        return _same(file, files)

    def probe(self) -> None:
        """Request one job."""
        self._jobs.probe()


@dataclass(frozen=True)
class ListedFiles:
    """The files of the items of a list.

    Attributes:
        rows: Requests the list.
        files: The files of one of its rows.
        row_again: Requests the row of a file again; empty if it is gone.
    """

    rows: Callable[[], Sequence[Record]]
    files: Callable[[Record], Iterator[FlowFile]]
    row_again: Callable[[FlowFile], Sequence[Record]]

    def found(self) -> Iterator[tuple[Sequence[FlowFile], Sequence[Bookmark]]]:
        """Yield the files of each row."""
        for row in self.rows():
            yield [*self.files(row)], ()

    def again(self, file: FlowFile) -> FlowFile | None:
        """Request the file's row again."""
        return _same(file, [each for row in self.row_again(file) for each in self.files(row)])

    def probe(self) -> None:
        """Request the list."""
        self.rows()


def _same(file: FlowFile, files: Sequence[FlowFile]) -> FlowFile | None:
    return next((each for each in files if each.file_id == file.file_id), None)


class FilesReader(Reader):
    """One slice for each file, so that files are fetched side by side."""

    def __init__(
        self, tap: FlowContext, streams: Sequence[FlowStream], source: FileSource, store: Store
    ) -> None:
        stats = tap.stats_of(streams[0].name)
        super().__init__(streams, tap.client, stats)
        stats.files = stats.files or 0
        self._source = source
        self._store = store
        self._keeper = FileKeeper(
            tap.client, store, stats, max_bytes=tap.config.get("max_file_bytes")
        )
        self._gone = GoneItems(
            "the links of files",
            "Check that this machine reaches the host of the links; if it does, leave the stream "
            "out and tell Librestream's support",
            at_least=_MANY,
        )

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Pass all bookmarks on; raise at the end if many files were gone and none came."""
        return self._gone.in_order(bookmarks)

    def slices(self) -> Iterator[Iterator[Page]]:
        """The files of a page, then what the page completes."""
        for files, bookmarks in self._source.found():
            for file in files:
                yield self._page(file)
            if bookmarks:
                yield iter([Page(bookmarks=bookmarks)])

    def probe(self) -> None:
        """Request a record, and look into the folder or bucket."""
        self._source.probe()
        self._store.probe()

    def _page(self, file: FlowFile) -> Iterator[Page]:
        try:
            kept = self._keeper.keep(file.as_vendor_file(), partial(self._again, file))
        except GoneError as error:
            self._gone.skip(self.name, f"the file of {file.label}", error)
            yield Page({self.name: [file.left_out()]}, skipped=1)
            return
        if kept.uri is not None:
            self._gone.came()
        yield Page({self.name: [file.row(kept)]}, skipped=int(kept.uri is None))

    def _again(self, file: FlowFile) -> VendorFile | None:
        again = self._source.again(file)
        return again.as_vendor_file() if again else None
