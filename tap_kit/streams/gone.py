"""Items of a list that are gone when their details are requested: some may be, but not all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_kit.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_kit.streams.reader import Bookmark

_log = logging.getLogger(__name__)

_NAMED = 3


class GoneItems:
    """Counts the items whose details are gone; threads may share it.

    If every item is gone, the address is wrong, and not the data. So no bookmark moves past an item
    that is gone until another one has come; otherwise the next run requests them again.

    Args:
        what: The name of the request in messages: ``GET /api/group/{group_id}``.
        advice: Which setting holds the address, and what else may be wrong; a sentence.
        at_least: The stream fails if so many items are gone, and none has come.
    """

    def __init__(self, what: str, advice: str, *, at_least: int = 1) -> None:
        self._what = what
        self._advice = advice
        self._at_least = at_least
        self._count = 0
        self._names: list[str] = []
        self._why = ""
        self._doubtful = False
        self._some_came = False

    def came(self) -> None:
        """Note that the detail of an item came."""
        self._some_came = True

    def gone(self, item: str, why: object) -> None:
        """Note that an item is gone.

        Args:
            item: Its name in messages.
            why: The vendor's error.
        """
        self._doubtful = True
        self._count += 1
        self._why = self._why or str(why)
        if len(self._names) < _NAMED:
            self._names.append(item)

    def skip(self, stream: str, item: str, why: object) -> None:
        """Note that an item is gone, and warn that the stream goes on without it."""
        self.gone(item, why)
        _log.warning("stream %s: %s is gone, skipped", stream, item)

    def empty(self) -> None:
        """Note that an item was not found, which may only mean that it has no data."""
        self._doubtful = True

    def check(self) -> None:
        """Check at the end that an item came.

        Raises:
            StreamError: All are gone.
        """
        if self._some_came or self._count < self._at_least:
            return
        more = f" and {self._count - _NAMED} more" if self._count > _NAMED else ""
        msg = (
            f"{self._what}: none of {self._count} items was found: "
            f"{', '.join(self._names)}{more} ({self._why}). {self._advice}"
        )
        raise StreamError(msg)

    def in_order(self, bookmarks: Iterable[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Yield the bookmarks of all items, for :meth:`Reader.in_order`, as far as they may move.

        They are held back while some items are gone and none has come.

        Raises:
            StreamError: All items are gone.
        """
        held: dict[tuple[object, ...], Bookmark] = {}
        for some in bookmarks:
            for bookmark in some:
                # The last one of a partition; but each window's digest counts.
                window = bookmark.digest and bookmark.digest.start
                key = bookmark.stream, frozenset((bookmark.partition or {}).items()), window
                held[key] = bookmark
            if self._doubtful and not self._some_came:
                yield ()
            else:
                yield [*held.values()]
                held.clear()
        self.check()
        if held:
            yield [*held.values()]
