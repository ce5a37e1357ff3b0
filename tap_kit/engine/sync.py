"""A run: takes the pages of one reader after the other, writes records, and moves bookmarks.

Pages are checked and encoded on the threads that fetch them; all else happens on the main thread.
A bookmark moves after the records that it covers; a stream that fails keeps the bookmark that it
had, and the others go on.
"""

from __future__ import annotations

import contextlib
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_kit.engine.encoded_page import EncodedPage
from tap_kit.engine.look_back import LookBack
from tap_kit.engine.record_writer import EncodedRecords, RecordWriter
from tap_kit.engine.spool import Spool
from tap_kit.errors import StreamError, TapError
from tap_kit.threads.prefetch import Prefetcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from singer_sdk.metrics import Counter

    from tap_kit.engine.output import MessageWriter
    from tap_kit.engine.state import State
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Bookmark, Page, Reader
    from tap_kit.streams.stream import RecordStream

_log = logging.getLogger(__name__)


class Sync:
    """Runs readers, writes their records and moves their bookmarks.

    Args:
        readers: In the order of emission.
        state: Bookmarks; moved here and nowhere else.
        writer: Where messages go.
        stats: Figures by stream.
        workers: Threads that fetch.
        include_secrets: The setting.
        version: For ACTIVATE_VERSION messages of full tables, where they are wanted.
        touching_rows: The settings that touch rows, to leave out windows that hold what they held
            before; None: all are written.
        tick: Called after each page and while waiting; raises to stop the run.
    """

    def __init__(  # noqa: PLR0913  # the parts of a run
        self,
        readers: Sequence[Reader],
        *,
        state: State,
        writer: MessageWriter,
        stats: Mapping[str, StreamStats],
        workers: int,
        include_secrets: bool,
        version: int | None,
        touching_rows: Mapping[str, Any] | None,
        tick: Callable[[], None],
    ) -> None:
        self._readers = readers
        self._state = state
        self._writer = writer
        self._stats = stats
        self._workers = workers
        self._tick = tick
        self._writers = {
            stream.name: RecordWriter(
                stream,
                writer,
                stats[stream.name],
                include_secrets=include_secrets,
                version=None if stream.incremental else version,
            )
            for reader in readers
            for stream in reader.streams
        }
        self._look_back = (
            LookBack(
                self._writers, state, stats, settings=touching_rows, write_state=self._write_state
            )
            if touching_rows is not None
            else None
        )
        self._counters: dict[str, Counter] = {}

    def run(self) -> None:
        """Run all readers; failures of streams are found in their stats.

        Raises:
            TapError: Nothing can go on: wrong credentials, output that can't be written, ...
        """
        try:
            with Prefetcher(
                [self._slices(reader) for reader in self._readers],
                workers=self._workers,
                size=lambda page: page.size,
                put_by=EncodedPage.spooled,
                on_wait=self._waiting,
            ) as ahead:
                for number, reader in enumerate(self._readers):
                    for stream in reader.streams:
                        self._open(stream)
                    with contextlib.closing(ahead.items(number)) as pages:
                        self._run_reader(reader, pages)
            for writer in self._working():
                writer.finish()
        finally:
            # Whatever ends the run: what is written is covered by a STATE that follows it.
            self._write_state()

    def _open(self, stream: RecordStream) -> None:
        """Write the stream's SCHEMA, once; several readers may serve it."""
        stats = self._stats[stream.name]
        stats.complete = False
        if stats.started:
            return
        stats.started = True
        stats.bookmark_from = self._state.position(stream.name)
        self._writers[stream.name].write_schema()

    @contextlib.contextmanager
    def _measured(self, streams: Iterable[RecordStream]) -> Iterator[None]:
        """Count in the SDK's metrics of a reader's streams, which also report a failure."""
        with contextlib.ExitStack() as meters:
            for stream in streams:
                self._counters[stream.name] = meters.enter_context(stream.get_record_counter())
                meters.enter_context(stream.get_sync_timer())
            yield

    def _run_reader(self, reader: Reader, pages: Iterator[EncodedPage]) -> None:
        names = [stream.name for stream in reader.streams]
        try:
            with self._measured(reader.streams):
                for bookmarks in reader.in_order(self._written(reader, pages)):
                    self._move(bookmarks)
                    if self._state.due:
                        self._write_state()
                    self._tick()
        except StreamError as error:
            self._fail(names, error)
        except TapError as error:
            # Wrong credentials; the target has gone; no memory: nothing can go on.
            self._fail(names, error)
            raise
        except Exception as error:  # noqa: BLE001  # a fault of one stream stays its own
            _log.debug("stream %s: unexpected error", reader.name, exc_info=True)
            self._fail(names, error)
        finally:
            for name in names:
                self._stats[name].bookmark_to = self._state.position(name)
                self._stats[name].bookmark_time = self._state.as_of(name)
        for name in names:
            stats = self._stats[name]
            if not stats.error:
                stats.complete = True
                _log.info("stream %s: %d records, complete", name, stats.records)

    def _slices(self, reader: Reader) -> Iterator[Iterator[EncodedPage]]:
        """A reader's slices, with pages that are encoded on the threads that fetch them."""
        for pages in reader.slices():
            encode = partial(self._encode, Spool())
            if self._look_back is None:
                yield map(encode, pages)
            else:
                yield self._look_back.encoded(pages, encode)

    def _encode(self, spool: Spool, page: Page) -> EncodedPage:
        """Encode a page, on the thread that fetched it."""
        encoded: dict[str, EncodedRecords | StreamError] = {}
        for name, records in page.records.items():
            writer = self._writers.get(name)
            if writer is None or not records:
                continue
            try:
                encoded[name] = writer.encode(records)
            except StreamError as error:
                encoded[name] = error
        return EncodedPage(encoded, page.bookmarks, page.skipped, spool=spool)

    def _written(
        self, reader: Reader, pages: Iterator[EncodedPage]
    ) -> Iterator[Sequence[Bookmark]]:
        """Write the records of a reader's pages; gives what each page completes, once it is out."""
        names = [stream.name for stream in reader.streams]
        for page in pages:
            if all(self._stats[name].error for name in names):
                return
            whole = page.in_memory()
            for part in self._look_back.due(whole) if self._look_back else (whole,):
                self._write(part)
            reader.stats.skipped += page.skipped
            yield page.bookmarks

    def _write(self, page: EncodedPage) -> None:
        """Write a page's records, except for streams that have failed."""
        for name, encoded in page.records.items():
            if not self._stats[name].started or self._stats[name].error:
                continue
            if isinstance(encoded, StreamError):
                self._fail([name], encoded)
                continue
            self._writers[name].write(encoded)
            self._counters[name].increment(encoded.count)
            self._state.count(encoded.count)

    def _move(self, bookmarks: Iterable[Bookmark]) -> None:
        """Move bookmarks whose records are written, except for streams that have failed."""
        for bookmark in bookmarks:
            writer = self._writers.get(bookmark.stream)
            if writer and writer.stream.incremental and not self._stats[bookmark.stream].error:
                self._state.move(bookmark, writer.stream.replication_key)

    def _fail(self, names: list[str], error: Exception) -> None:
        """Note a failure; the streams write nothing more in this run."""
        for name in names:
            if self._stats[name].error:
                continue
            self._stats[name].error = (
                str(error) if isinstance(error, TapError) else f"unexpected {error!r}"
            )
            _log.info("stream %s stops; the reason stands at the end", name)
            _log.debug("stream %s stops: %s", name, self._stats[name].error)

    def _working(self) -> list[RecordWriter]:
        return [writer for name, writer in self._writers.items() if not self._stats[name].error]

    def _waiting(self) -> None:
        if self._state.due:
            self._write_state()
        self._writer.flush()
        self._tick()

    def _write_state(self) -> None:
        for writer in self._writers.values():
            writer.flush()
        self._writer.write_state(self._state.value or {"bookmarks": {}})
        self._state.written()
