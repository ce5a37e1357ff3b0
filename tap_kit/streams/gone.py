"""A list and a detail for each of its items: some may be gone, all of them can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_kit.errors import StreamError
from tap_kit.streams.reader import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_kit.streams.reader import Bookmark

_NAMED = 3


class GoneItems:
    """Counts the items whose details are gone; threads share it.

    Where every item is gone, it is the address that is wrong and not the data. No bookmark moves
    past items that are gone before one has come, so the next run asks for them again.

    Args:
        what: The request for one item, as messages call it: ``GET /api/group/{group_id}``.
        advice: Which setting holds the address and what else may be wrong, as a sentence.
        at_least: How many items must be gone, and none may have come, for the stream to fail.
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
        """Note that an item is gone; ``item`` names it, ``why`` is the vendor's error."""
        self._doubtful = True
        self._count += 1
        self._why = self._why or str(why)
        if len(self._names) < _NAMED:
            self._names.append(item)

    def empty(self) -> None:
        """Note that an item was not found, which may mean that there are no data of it."""
        self._doubtful = True

    def check(self) -> None:
        """See, at the end, whether any item came.

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

    def in_order(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages of all items in the order of emission, as :meth:`Reader.in_order` has it.

        Raises:
            StreamError: All items are gone.
        """
        held: dict[tuple[str, frozenset[tuple[str, object]]], Bookmark] = {}
        for page in pages:
            for bookmark in page.bookmarks:
                key = bookmark.stream, frozenset((bookmark.partition or {}).items())
                held[key] = bookmark
            page.bookmarks = ()
            if self._some_came or not self._doubtful:
                page.bookmarks = [*held.values()]
                held.clear()
            yield page
        self.check()
        if held:
            yield Page(bookmarks=[*held.values()])
