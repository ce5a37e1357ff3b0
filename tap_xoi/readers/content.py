"""Photos, videos and documents by their ids, which the documentation of jobs names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_kit.errors import GoneError
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Page
from tap_kit.time.clock import format_time
from tap_xoi.queries import GET_CONTENT, LIST_DOCUMENTATION
from tap_xoi.readers.lists import DocumentationReader, WindowedReader
from tap_xoi.readers.windows import Intervals, date_query
from tap_xoi.report_refs.refs import workflow_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.streams.reader import Bookmark
    from tap_kit.time.windows import Window
    from tap_xoi.client import Xoi
    from tap_xoi.streams.base import XoiStream

_IDS = 50
"""Ids that one request takes at the most (content guide)."""
_GONE_AT_LEAST = 3
"""One or two that are gone may be all that a night has; three are taken for a wrong address."""


class ContentReader(WindowedReader):
    """Reads the windows of the documentation once more, for the ids in it alone.

    So it needs no other stream, has a bookmark of its own, and a failure of the one leaves the
    other alone.
    """

    given = DocumentationReader.given

    def __init__(
        self, stream: XoiStream, xoi: Xoi, intervals: Intervals, given: dict[str, Any]
    ) -> None:
        super().__init__(stream, xoi, intervals, given)
        self._ids = workflow_fields("jobId")
        self._gone = GoneItems(
            f"POST {GET_CONTENT.name}",
            "Check the setting content_url; if it is right, leave the stream out and tell XOi's "
            "support",
            at_least=_GONE_AT_LEAST,
        )

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Pass all bookmarks on; raise at the end if everything was gone."""
        return self._gone.in_order(bookmarks)

    def _pages(self, window: Window) -> Iterator[Page]:
        given = {**self._given, "dateQuery": date_query(window, type="COMPLETED_AT")}
        seen: set[str] = set()
        waiting: list[str] = []
        for page in self._xoi.pages(LIST_DOCUMENTATION, self._ids, given):
            for item in page.items:
                key = item.get("contentId")
                if key and key not in seen:
                    seen.add(key)
                    waiting.append(key)
            while len(waiting) >= _IDS:
                yield from self._contents(waiting[:_IDS])
                del waiting[:_IDS]
        if waiting:
            yield from self._contents(waiting)
        yield Page(bookmarks=[self._bookmark(format_time(window.end))])

    def _contents(self, ids: Sequence[str]) -> Iterator[Page]:
        try:
            found = self._xoi.items(GET_CONTENT, self._fields, {"contentIDs": [*ids]})
        except GoneError as error:
            if len(ids) == 1:
                yield self._without(ids, str(error))
                return
            # One of them is gone, and the response does not say which.
            for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
                yield from self._contents(half)
            return
        if found.items:
            self._gone.came()
            yield Page({self.name: found.items}, size=found.size)
        missing = len(ids) - len(found.items)
        if missing <= 0:
            return
        came = {row.get("id") for row in found.items}
        rest = [key for key in ids if key not in came]
        if len(found.items) == 1:
            # XOi's page shows one object where several ids may be given: it may be the first.
            for key in rest:
                yield from self._contents([key])
            return
        yield self._without(rest, "not among the content that came")

    def _without(self, ids: Sequence[str], why: str) -> Page:
        for key in ids:
            self._gone.skip(self.name, key, why)
        return Page(skipped=len(ids))
