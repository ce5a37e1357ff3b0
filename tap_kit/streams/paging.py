"""Stops the reading of a list that repeats itself, whatever its kind of paging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from tap_kit.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

PATIENCE = 3
"""So many responses in a row without anything new are an error."""


class Paging:
    """Watches the responses of one list; it takes a few bytes for each page, whatever its size.

    A list moves if a response has a token or items that did not come before. Pages may overlap or
    be short, and some may be empty, as long as their tokens are new.

    Args:
        name: The list's name in messages: ``GET /jobs/v1/``.
        link: The name of the token that leads to the next page: ``nextToken``.
        advice: What to do if the list does not move; a sentence.
        most_empty: So many empty pages in a row are an error, though each has a new token.
        identified_by: The fields that identify items; others may differ each time that an item
            comes, as the token in a link does. Items with none of them are identified by all that
            they have.
    """

    def __init__(
        self,
        name: str,
        *,
        link: str = "link",
        advice: str = "",
        most_empty: int = PATIENCE,
        identified_by: Collection[str] = (),
    ) -> None:
        self._name = name
        self._link = link
        self._advice = f" {advice}" if advice else ""
        self._most_empty = most_empty
        self._identified_by = identified_by
        self._tokens = set[int]()
        self._edges = set[int]()
        self._empty = 0
        self.idle = 0
        """Responses in a row that brought nothing new."""

    def follow(self, token: str) -> None:
        """Note the token of the next request.

        Raises:
            StreamError: It came before, so the list goes in a circle.
        """
        mark = hash(token)
        if mark in self._tokens:
            msg = (
                f"{self._name} goes in a circle: its {self._link} came before, so reading would "
                f"never end.{self._advice}"
            )
            raise StreamError(msg)
        self._tokens.add(mark)

    def took(self, items: Sequence[object]) -> None:
        """Note a page of decoded records by its first and its last one.

        Raises:
            StreamError: The list does not move.
        """
        if not items:
            self._empty += 1
            if self._empty >= self._most_empty:
                self._stop(f"{self._empty} pages in a row were empty")
            return
        self._empty = 0
        edges = {hash(msgspec.json.encode(self._told(item))) for item in (items[0], items[-1])}
        self.moved(new=not edges <= self._edges)
        self._edges |= edges

    def _told(self, item: Any) -> object:  # noqa: ANN401  # any JSON, or a typed row
        if not self._identified_by or not hasattr(item, "get"):
            return item
        found = {name: item.get(name) for name in self._identified_by}
        return item if all(value is None for value in found.values()) else found

    def moved(self, *, new: bool) -> None:
        """Note whether a response brought anything new, if the caller knows.

        Raises:
            StreamError: The list does not move.
        """
        self.idle = 0 if new else self.idle + 1
        if self.idle >= PATIENCE:
            self._stop(f"{self.idle} responses in a row brought nothing new")

    def _stop(self, why: str) -> NoReturn:
        msg = f"{self._name} does not move: {why}, so reading would never end.{self._advice}"
        raise StreamError(msg)
