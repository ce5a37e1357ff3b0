"""Pages of a list by skip, requested before they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tap_kit.threads.prefetch import prefetched

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from tap_flow.client import Rows

    Found = tuple[int, Rows]

_DECODED = 2
"""Bytes that a row takes in memory for each byte of JSON, about."""


class Run(Protocol):
    """What runs requests side by side; :func:`tap_kit.threads.prefetch.prefetched`."""

    def __call__(
        self, slices: Iterable[Iterator[Found]], *, workers: int, size: Callable[[Found], int]
    ) -> Generator[Found, None, None]:
        """Give the items of all slices in their order."""


class PagesAhead:
    """Requests the pages that are likely to be wanted next, side by side.

    A guess never changes what is read. A page is handed out only where the reader wants a page at
    just that place; where it wants another one, all that was requested ahead is dropped. When a
    page was requested does not matter either: see :class:`tap_flow.readers.job_list.JobList`.

    Args:
        fetch: Requests the page at a skip.
        workers: Requests side by side; with 1 nothing is requested ahead.
        run: Runs them.
    """

    def __init__(
        self, fetch: Callable[[int], Rows], *, workers: int, run: Run = prefetched
    ) -> None:
        self._fetch = fetch
        self._workers = workers
        self._run = run
        self._ahead: Generator[Found, None, None] | None = None
        self._next = self._length = 0

    def page(self, skip: int) -> Rows:
        """Return the page at a skip; request it now if it was not requested before."""
        if self._ahead is not None and skip == self._next:
            place, found = next(self._ahead, (-1, None))
            if place == skip and found is not None:
                return found
        self.close()
        return self._fetch(skip)

    def expect(self, skip: int, *, step: int, length: int) -> None:
        """Note which pages will likely be wanted next.

        Args:
            skip: Where the next one begins.
            step: How far behind it the one after it begins, and so on.
            length: How many rows they have; a shorter one is the last that is requested ahead.
        """
        if self._workers == 1:
            return
        if self._ahead is None or length != self._length:
            self.close()
            self._ahead = self._run(
                _Pages(self._fetch, skip, step, length),
                workers=self._workers,
                size=lambda found: _DECODED * found[1].size,
            )
        self._next, self._length = skip, length

    def close(self) -> None:
        """Forget what was requested ahead; what is still in flight is not waited for."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None


class _Pages:
    """Slices of one page each, until a page is short."""

    def __init__(self, fetch: Callable[[int], Rows], skip: int, step: int, length: int) -> None:
        self._fetch = fetch
        self._skip = skip
        self._step = step
        self._length = length
        self._ended = False

    def __iter__(self) -> Iterator[Iterator[Found]]:
        while not self._ended:
            yield self._page(self._skip)
            self._skip += self._step

    def _page(self, skip: int) -> Iterator[Found]:
        if not self._ended:
            found = self._fetch(skip)
            if len(found.rows) < self._length:
                self._ended = True
            yield skip, found
