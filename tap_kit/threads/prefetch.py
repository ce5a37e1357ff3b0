"""Requests ahead: generators run on worker threads, their items come out in the serial order.

What runs next is decided in :mod:`tap_kit.threads.schedule`; here are the threads. One lock guards
the schedule. A worker lets go of it only while it advances a generator, which no other thread can
do meanwhile: its task is not in the schedule then.

No worker sleeps while a task could run. Whatever may make room for a task (an item was handed out,
another slice became the head, a task was given back) is followed by a check: if a task has room,
one worker is woken. A worker that takes a task checks again, and wakes the next one.

Whatever ends a worker reaches the main thread: an error of a generator at the generator's place,
any other one at once.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from tap_kit.errors import ExhaustedError
from tap_kit.threads.schedule import Schedule, Slice, Source, T

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from types import TracebackType

    from typing_extensions import Self

MEMORY_BYTES = 16_000_000
"""What may wait in memory; a run takes about three times as much besides."""

_SLICES_PER_WORKER = 4
"""Enough that a worker finds another slice while the first ones wait for the vendor's limits."""

_WAIT_SECONDS = 0.2
"""How soon the main thread sees a signal while it waits."""

_LOOK_UP_BYTES = 1_000
"""What an item of :func:`prefetched` counts for where nobody gives its size: some ids."""

_R = TypeVar("_R")
_S = TypeVar("_S")


class Prefetcher(Generic[T]):
    """Runs generators of slices on ``workers`` threads; use as a context manager.

    Each slice is a generator of items. Slices of one source, and sources after each other, run side
    by side; earlier ones first.

    Args:
        sources: In the order in which their items are wanted.
        workers: Threads; the requests in flight are bounded by the client besides.
        size: About how many bytes of memory an item takes.
        memory: Bytes that may wait in memory.
        put_by: Makes an item smaller that waits longer, in what time it takes; on a worker.
        on_wait: Called now and then, on the main thread, while there is nothing to hand out; what
            it raises ends the wait.
    """

    def __init__(  # noqa: PLR0913  # what is run, and within which bounds
        self,
        sources: Iterable[Iterator[Iterator[T]]],
        *,
        workers: int,
        size: Callable[[T], int],
        memory: int = MEMORY_BYTES,
        put_by: Callable[[T], T] | None = None,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._size = size
        self._put_by = put_by
        self._on_wait = on_wait
        self._workers = workers
        self._death: BaseException | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._work_ready = threading.Condition(self._lock)
        self._item_ready = threading.Condition(self._lock)
        self._schedule: Schedule[T] = Schedule(
            memory=memory, slices_ahead=_SLICES_PER_WORKER * workers
        )
        self._sources: Sequence[Source[T]] = [
            Source(number, slices) for number, slices in enumerate(sources)
        ]
        for source in self._sources:
            self._schedule.add(source)

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
        # The threads are daemons: a run that is stopped does not wait for their responses.
        with self._lock:
            self._stopped = True
            self._work_ready.notify_all()

    def items(self, number: int) -> Generator[T, None, None]:
        """The items of one source in the serial order; raises what it raised, at its place."""
        source = self._sources[number]
        try:
            while (head := self._next_slice(source)) is not None:
                while (found := self._next_ready(head)) is not None:
                    yield found[0]
        finally:
            with self._lock:
                self._schedule.cancel(source)
                self._wake_worker()

    # On the main thread

    def _next_slice(self, source: Source[T]) -> Slice[T] | None:
        with self._lock:
            while not source.open:
                if source.done:
                    if source.error is not None:
                        _raise(source.error)
                    return None
                self._wait()
            head = self._schedule.begin(source)
            self._wake_worker()
            return head

    def _next_ready(self, head: Slice[T]) -> tuple[T] | None:
        """Wait for an item of the head; None at its end."""
        with self._lock:
            while not head.ready:
                if head.done:
                    if head.error is not None:
                        _raise(head.error)
                    return None
                self._wait()
            item = self._schedule.hand_out(head)
            self._wake_worker()
        return (item,)

    def _wait(self) -> None:
        """Wait for what the workers do; called and left with the lock."""
        if self._death is not None:
            _raise(self._death)
        if not self._item_ready.wait(_WAIT_SECONDS):
            # Others may go on while it shows progress or writes a bookmark.
            self._lock.release()
            try:
                self._on_wait()
            finally:
                self._lock.acquire()

    def _wake_worker(self) -> None:
        if self._schedule.has_next:
            self._work_ready.notify()

    # On the workers

    def _work(self) -> None:
        try:
            with self._lock:
                self._run_tasks()
        except BaseException as error:  # noqa: BLE001  # travels to the main thread
            with self._lock:
                self._death = error
                self._item_ready.notify()

    def _run_tasks(self) -> None:
        while not self._stopped:
            task = self._schedule.take()
            if task is None:
                self._work_ready.wait()
                continue
            self._wake_worker()
            try:
                if isinstance(task, Source):
                    self._advance_source(task)
                else:
                    self._advance_slice(task)
            finally:
                self._schedule.ended()

    def _advance_source(self, source: Source[T]) -> None:
        items, error = self._unlocked(lambda: next(source.slices, None))
        if source.cancelled:
            return
        if not source.open:
            self._item_ready.notify()  # the main thread may wait for a slice, or for the end
        if items is None:
            source.error = error
            source.done = True
        else:
            self._schedule.add(self._schedule.opened(source, items))
            self._schedule.add(source)

    def _advance_slice(self, slice_: Slice[T]) -> None:
        item, error = self._unlocked(lambda: self._next_item(slice_))
        if item is None:
            slice_.error = error
            slice_.done = True
        else:
            self._schedule.came(slice_, *item)
            self._schedule.add(slice_)
        if slice_ is self._schedule.head:
            self._item_ready.notify()

    def _next_item(self, slice_: Slice[T]) -> tuple[T, int] | None:
        for item in slice_.items:
            size = self._size(item)
            # Without the lock: a guess is enough.
            if self._put_by and slice_ is not self._schedule.head and self._schedule.is_short:
                smaller = self._put_by(item)
                return smaller, self._size(smaller)
            return item, size
        return None

    def _unlocked(self, step: Callable[[], _R | None]) -> tuple[_R | None, BaseException | None]:
        """Call without the lock, which is held before and after: the result, or what it raised."""
        self._lock.release()
        try:
            return step(), None
        except BaseException as error:  # noqa: BLE001  # travels to the main thread
            return None, error
        finally:
            self._lock.acquire()


def prefetched(
    slices: Iterable[Iterator[T]],
    *,
    workers: int,
    size: Callable[[T], int] = lambda _: _LOOK_UP_BYTES,
) -> Generator[T, None, None]:
    """The items of all slices in their order, fetched ahead on threads of their own.

    For look-ups that a reader makes while it runs, and for discovery.

    Args:
        slices: Generators that don't depend on each other.
        workers: Threads.
        size: About how many bytes of memory an item takes.

    Raises:
        BaseException: What a slice raised, at its place; nothing is begun after that.
    """
    with Prefetcher([iter(slices)], workers=workers, size=size) as ahead:
        yield from ahead.items(0)


def parallel_map(function: Callable[[_S], T], arguments: Iterable[_S], *, workers: int) -> list[T]:
    """The function's results in the order of its arguments.

    Raises:
        BaseException: What the first failing call raised; nothing is begun after that.
    """
    calls = (map(function, (argument,)) for argument in arguments)
    return list(prefetched(calls, workers=workers))


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
