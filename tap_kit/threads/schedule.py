"""What a prefetcher's threads do next: decisions only, without threads or locks.

A source opens slices, a slice brings items. Both are tasks: a thread takes one, does one step of
it, and gives it back. The rules, and what follows from them:

- Tasks run in the order in which their items are wanted, as far as there is room. What is wanted
  first is fetched first.
- A source has room while fewer than ``slices_ahead`` of its slices are open. So a list with a
  million items becomes no million generators.
- A slice has room while what is held, with what the running steps will likely bring, is within
  ``memory``. So what waits stays within the bound, plus one item for each step under way.
- The head, the slice whose items are handed out now, has room whenever it has none ready,
  whatever is held. And a source without open slices always has room. So what the main thread waits
  for is always running or can run: nothing deadlocks.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

_SMOOTHING = 8
"""An item's likely size is a mean that moves by this part: about the last eight count."""


@dataclass(slots=True, eq=False)
class Source(Generic[T]):
    """A generator of slices, and its slices that are open: made, and not yet the head."""

    number: int
    slices: Iterator[Iterator[T]]
    open: deque[Slice[T]] = field(default_factory=deque)
    made: int = 0
    done: bool = False
    cancelled: bool = False
    error: BaseException | None = None


@dataclass(slots=True, eq=False)
class Slice(Generic[T]):
    """A generator of items, and those that are ready, each with its size in bytes."""

    source: Source[T]
    number: int
    items: Iterator[T]
    ready: deque[tuple[T, int]] = field(default_factory=deque)
    done: bool = False
    error: BaseException | None = None


class Schedule(Generic[T]):
    """The tasks that wait, and what is held in memory.

    Args:
        memory: Bytes that ready items may take.
        slices_ahead: Slices of one source that may be open.
    """

    def __init__(self, *, memory: int, slices_ahead: int) -> None:
        self.head: Slice[T] | None = None
        self.held = 0
        self._memory = memory
        self._slices_ahead = slices_ahead
        self._mean = 0.0
        self._running = 0
        # In order; a place is there once, so that tasks themselves are never compared.
        self._sources: list[tuple[int, Source[T]]] = []
        self._slices: list[tuple[tuple[int, int], Slice[T]]] = []

    # Tasks

    def add(self, task: Source[T] | Slice[T]) -> None:
        """Let a task wait for its next step."""
        if isinstance(task, Source):
            if not task.cancelled:
                insort(self._sources, (task.number, task))
        elif not task.source.cancelled:
            insort(self._slices, ((task.source.number, task.number), task))

    @property
    def has_next(self) -> bool:
        """Whether any task that waits has room."""
        return self._next() is not None

    def take(self) -> Source[T] | Slice[T] | None:
        """The first task that has room, to run one step of it; None where there is none."""
        task = self._next()
        if isinstance(task, Source):
            self._sources.remove((task.number, task))
        elif task is not None:
            self._slices.remove(((task.source.number, task.number), task))
        self._running += task is not None
        return task

    def ended(self) -> None:
        """Note that a step has ended."""
        self._running -= 1

    def _next(self) -> Source[T] | Slice[T] | None:
        slice_ = self._next_slice()
        for number, source in self._sources:
            if slice_ is not None and slice_.source.number < number:
                break
            if len(source.open) < self._slices_ahead:
                return source
        return slice_

    def _next_slice(self) -> Slice[T] | None:
        if not self._slices:
            return None
        (_, first) = self._slices[0]
        if self.held + self._mean * self._running <= self._memory:
            return first
        # The head is before all others; it does not wait where it is running.
        return first if first is self.head and not first.ready else None

    @property
    def is_short(self) -> bool:
        """Whether half of the memory is held already."""
        return self.held > self._memory // 2

    # What steps bring

    def opened(self, source: Source[T], items: Iterator[T]) -> Slice[T]:
        """Take in a slice that a source has made."""
        slice_: Slice[T] = Slice(source, source.made, items)
        source.made += 1
        source.open.append(slice_)
        return slice_

    def came(self, slice_: Slice[T], item: T, size: int) -> None:
        """Take in an item, unless nobody wants it any more."""
        if not slice_.source.cancelled:
            self._mean += (size - self._mean) / _SMOOTHING
            self.held += size
            slice_.ready.append((item, size))

    # What is handed out

    def begin(self, source: Source[T]) -> Slice[T]:
        """Make the source's first open slice, of which there is one, the head."""
        self.head = source.open.popleft()
        return self.head

    def hand_out(self, head: Slice[T]) -> T:
        """Give away the head's first ready item, of which there is one."""
        item, size = head.ready.popleft()
        self.held -= size
        return item

    def cancel(self, source: Source[T]) -> None:
        """Drop a source with all that it has opened and brought."""
        source.cancelled = True
        for slice_ in (*source.open, *([self.head] if self.head else [])):
            self.held -= sum(size for _, size in slice_.ready)
            slice_.ready.clear()
        source.open.clear()
        self.head = None
        self._sources = [one for one in self._sources if one[1] is not source]
        self._slices = [one for one in self._slices if one[1].source is not source]
