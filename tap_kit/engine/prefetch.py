"""Requests ahead: readers run on worker threads, their pages come out in the serial order.

Each slice of a reader is a generator that a worker advances page by page. Slices of one reader, and
readers behind each other, run side by side; earlier ones first. What has been read ahead is bounded
in bytes: over the bound a slice waits, unless it is the one that is due. So the head of the queue
can always go on and nothing deadlocks, whatever the order in which the responses come.

Whatever ends a worker reaches the main thread: an error of a reader at the reader's place, any
other one at once.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, TypeVar

from tap_kit.errors import ExhaustedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from tap_kit.streams.reader import Page, Reader

_T = TypeVar("_T")

MEMORY_BYTES = 32_000_000
_SLICES_PER_WORKER = 4
_WAIT_SECONDS = 0.2


@dataclass(slots=True, eq=False)
class _Source:
    """A reader's generator of slices, and the slices that are open."""

    number: int
    slices: Iterator[Iterator[Page]]
    open: deque[_Slice] = field(default_factory=deque)
    made: int = 0
    done: bool = False
    cancelled: bool = False
    error: BaseException | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Before all slices of this reader, behind those of earlier readers."""
        return (self.number, -1)


@dataclass(slots=True, eq=False)
class _Slice:
    """A generator of pages and what it has produced so far."""

    source: _Source
    number: int
    pages: Iterator[Page]
    ready: deque[Page] = field(default_factory=deque)
    done: bool = False
    error: BaseException | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Slices run in their order, reader by reader."""
        return (self.source.number, self.number)


class Prefetcher:
    """Runs readers on ``workers`` threads; use as a context manager.

    Args:
        readers: In the order in which their pages are wanted.
        workers: Threads; the requests in flight are bounded by the client besides.
        prepare: Called with each page on the thread that fetched it.
        memory: Bytes that may wait in memory, by the pages' sizes.
        on_wait: Called now and then, on the main thread, while there is nothing to hand out; what
            it raises ends the wait.
    """

    def __init__(
        self,
        readers: Sequence[Reader],
        *,
        workers: int,
        prepare: Callable[[Page], None] = lambda _: None,
        memory: int = MEMORY_BYTES,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._prepare = prepare
        self._memory = memory
        self._on_wait = on_wait
        self._workers = workers
        self._death: BaseException | None = None
        lock = threading.Lock()
        self._work_ready = threading.Condition(lock)
        self._page_ready = threading.Condition(lock)
        self._lock = lock
        self._serial = itertools.count()  # breaks ties, so that tasks are never compared
        self._runnable: list[tuple[tuple[int, int], int, _Slice | _Source]] = []
        self._parked: list[tuple[tuple[int, int], int, _Slice | _Source]] = []
        self._head: _Slice | None = None
        self._held = 0
        self._mean = 0.0
        self._running = 0
        self._stopped = False
        self._sources = {reader: _Source(n, reader.slices()) for n, reader in enumerate(readers)}
        for source in self._sources.values():
            self._push(self._runnable, source)

    def __enter__(self) -> Self:
        try:
            for number in range(self._workers):
                threading.Thread(target=self._work, name=f"fetch-{number}", daemon=True).start()
        except RuntimeError:
            self.__exit__(None, None, None)
            msg = f"can't start {self._workers} threads; lower the setting concurrency"
            raise ExhaustedError(msg) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._stopped = True
            self._work_ready.notify_all()

    def pages(self, reader: Reader) -> Iterator[Page]:
        """The reader's pages in the serial order; raises what the reader raised, at its place."""
        source = self._sources[reader]
        try:
            while (head := self._next_slice(source)) is not None:
                while (page := self._next_page(head)) is not None:
                    yield page
        finally:
            self._cancel(source)

    # On the main thread

    def _next_slice(self, source: _Source) -> _Slice | None:
        with self._lock:
            while not source.open:
                if source.done:
                    if source.error is not None:
                        _raise(source.error)
                    return None
                self._wait()
            self._head = source.open.popleft()
            self._wake(2)  # the source, which may have waited for a place, and the new head
            return self._head

    def _next_page(self, head: _Slice) -> Page | None:
        with self._lock:
            while not head.ready:
                if head.done:
                    if head.error is not None:
                        _raise(head.error)
                    return None
                self._wait()
            page = head.ready.popleft()
            self._held -= page.size
            self._wake(1)
        return page

    def _wait(self) -> None:
        """Let workers go on; the time-out lets the main thread see signals and show progress."""
        if self._death is not None:
            _raise(self._death)
        self._wake(self._workers)
        if not self._page_ready.wait(_WAIT_SECONDS):
            self._lock.release()
            try:
                self._on_wait()
            finally:
                self._lock.acquire()

    def _wake(self, count: int) -> None:
        for _ in range(min(count, len(self._parked))):
            heapq.heappush(self._runnable, heapq.heappop(self._parked))
            self._work_ready.notify()

    def _cancel(self, source: _Source) -> None:
        with self._lock:
            source.cancelled = True
            waiting = [*source.open, *([self._head] if self._head else [])]
            for slice_ in waiting:
                self._held -= sum(page.size for page in slice_.ready)
                slice_.ready.clear()
            source.open.clear()
            self._head = None
            self._wake(self._workers)

    # On the workers

    def _work(self) -> None:
        try:
            with self._lock:
                self._run_tasks()
        except BaseException as error:  # noqa: BLE001  # travels to the main thread
            self._death = error
            with self._lock:
                self._page_ready.notify()

    def _run_tasks(self) -> None:
        while not self._stopped:
            if not self._runnable:
                self._work_ready.wait()
                continue
            _, _, task = heapq.heappop(self._runnable)
            source = task if isinstance(task, _Source) else task.source
            if source.cancelled:
                continue
            if not self._has_room(task):
                self._push(self._parked, task)
                continue
            self._running += 1
            try:
                if isinstance(task, _Source):
                    self._advance_source(task)
                else:
                    self._advance_slice(task)
            finally:
                self._running -= 1

    def _has_room(self, task: _Slice | _Source) -> bool:
        if isinstance(task, _Source):
            return len(task.open) < _SLICES_PER_WORKER * self._workers
        if self._held + self._mean * self._running <= self._memory:
            return True
        return task is self._head and not task.ready

    def _advance_source(self, source: _Source) -> None:
        pages, error = self._step(source.slices)
        if source.cancelled:
            return
        if not source.open:
            self._page_ready.notify()  # the main thread may wait for a slice, or for the end
        if pages is None:
            source.error = error
            source.done = True
        else:
            slice_ = _Slice(source, source.made, pages)
            source.made += 1
            source.open.append(slice_)
            self._push(self._runnable, slice_)
            self._push(self._runnable, source)
            self._work_ready.notify()  # for one of the two: the other is this thread's

    def _advance_slice(self, slice_: _Slice) -> None:
        page, error = self._step(map(self._prepared, slice_.pages))
        if page is None:
            slice_.error = error
            slice_.done = True
        elif not slice_.source.cancelled:
            self._mean += (page.size - self._mean) / 8
            self._held += page.size
            slice_.ready.append(page)
            self._push(self._runnable, slice_)  # this thread goes on with it, or with another
        if slice_ is self._head:
            self._page_ready.notify()

    def _prepared(self, page: Page) -> Page:
        self._prepare(page)
        return page

    def _step(self, generator: Iterator[_T]) -> tuple[_T | None, BaseException | None]:
        """Advance a generator without the lock: the next item, or nothing and why."""
        self._lock.release()
        try:
            return next(generator), None
        except StopIteration:
            return None, None
        except BaseException as error:  # noqa: BLE001  # travels to the main thread
            return None, error
        finally:
            self._lock.acquire()

    def _push(
        self, heap: list[tuple[tuple[int, int], int, _Slice | _Source]], task: _Slice | _Source
    ) -> None:
        heapq.heappush(heap, (task.order, next(self._serial), task))


def _raise(error: BaseException) -> NoReturn:
    """Raise on the main thread what ended a generator or a worker.

    Raises:
        ExhaustedError: There is no more memory; or something left that only ends a thread.
    """
    if isinstance(error, MemoryError):
        msg = "memory has run out; lower the setting concurrency, or give the process more"
        raise ExhaustedError(msg) from error
    if not isinstance(error, Exception):
        msg = f"a thread that fetches has ended: {error!r}"
        raise ExhaustedError(msg) from error
    raise error
