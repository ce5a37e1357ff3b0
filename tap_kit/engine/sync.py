"""A run: every reader in its turn, its records written, its bookmarks moved, failures kept apart.

Pages are checked and encoded on the threads that fetch them; all else happens on the main thread.
A bookmark moves behind the records that it covers; a stream that fails keeps the bookmark that it
had, and the others go on.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from tap_kit.engine.prefetch import Prefetcher
from tap_kit.engine.record_writer import EncodedRecords, RecordWriter
from tap_kit.errors import StreamError, TapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from singer_sdk.metrics import Counter

    from tap_kit.engine.output import MessageWriter
    from tap_kit.engine.state import State
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Page, Reader
    from tap_kit.streams.stream import RecordStream

_log = logging.getLogger(__name__)


class Sync:
    """Runs readers and writes what they bring.

    Args:
        readers: In the order of emission.
        state: Bookmarks; moved here and nowhere else.
        writer: Where messages go.
        stats: Figures by stream.
        workers: Threads that fetch.
        include_secrets: The setting.
        version: For ACTIVATE_VERSION messages of full tables, where they are wanted.
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
        tick: Callable[[], None],
    ) -> None:
        self._feeds = readers
        self._state = state
        self._writer = writer
        self._stats = stats
        self._workers = workers
        self._tick = tick
        self._paths = {
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
        self._counters: dict[str, Counter] = {}

    def run(self) -> None:
        """Run all readers; failures of streams are found in their stats.

        Raises:
            TapError: Nothing can go on: wrong credentials, output that can't be written, ...
        """
        try:
            with Prefetcher(
                self._feeds, workers=self._workers, prepare=self._prepare, on_wait=self._waiting
            ) as ahead:
                for reader in self._feeds:
                    for stream in reader.streams:
                        self._open(stream)
                    self._run_reader(reader, ahead)
            for path in self._working():
                path.finish()
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
        self._paths[stream.name].write_schema()

    @contextlib.contextmanager
    def _measured(self, streams: Iterable[RecordStream]) -> Iterator[None]:
        """The SDK's metrics of a reader's streams, which also tell of its failure."""
        with contextlib.ExitStack() as meters:
            for stream in streams:
                self._counters[stream.name] = meters.enter_context(stream.get_record_counter())
                meters.enter_context(stream.get_sync_timer())
            yield

    def _run_reader(self, reader: Reader, ahead: Prefetcher) -> None:
        names = [stream.name for stream in reader.streams]
        try:
            with self._measured(reader.streams):
                for page in reader.in_order(ahead.pages(reader)):
                    if all(self._stats[name].error for name in names):
                        break
                    self._write(page)
                    reader.stats.skipped += page.skipped
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
        for name in names:
            stats = self._stats[name]
            if not stats.error:
                stats.complete = True
                _log.info("stream %s: %d records, complete", name, stats.records)

    def _prepare(self, page: Page) -> None:
        """Make a page ready to be written; on the thread that fetched it."""
        for name, records in page.records.items():
            path = self._paths.get(name)
            if path is None or not records:
                continue
            try:
                page.prepared[name] = path.prepare(records)
            except StreamError as error:
                page.prepared[name] = error
        page.records = {}
        page.size = sum(
            prepared.size
            for prepared in page.prepared.values()
            if isinstance(prepared, EncodedRecords)
        )

    def _write(self, page: Page) -> None:
        """Write a page and move its bookmarks, but those of streams that failed."""
        for name, prepared in page.prepared.items():
            if not self._stats[name].started or self._stats[name].error:
                continue
            if isinstance(prepared, StreamError):
                self._fail([name], prepared)
                continue
            self._paths[name].write(prepared)
            self._counters[name].increment(prepared.count)
            self._state.count(prepared.count)
        for bookmark in page.bookmarks:
            path = self._paths.get(bookmark.stream)
            if path and path.stream.incremental and not self._stats[bookmark.stream].error:
                self._state.move(bookmark, path.stream.replication_key)

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
        return [path for name, path in self._paths.items() if not self._stats[name].error]

    def _waiting(self) -> None:
        if self._state.due:
            self._write_state()
        self._writer.flush()
        self._tick()

    def _write_state(self) -> None:
        for path in self._paths.values():
            path.flush()
        self._writer.write_state(self._state.value or {"bookmarks": {}})
        self._state.written()
