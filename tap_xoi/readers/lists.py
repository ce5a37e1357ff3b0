"""Readers of the GraphQL lists: jobs, documentation and webhook history by windows, users whole."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from tap_kit.streams.reader import Bookmark, Page, Reader
from tap_kit.time.clock import format_time
from tap_xoi.client import Xoi
from tap_xoi.identity import DocumentationIdentity, event_id
from tap_xoi.queries import LIST_DOCUMENTATION, LIST_JOBS, LIST_USERS, LIST_WEBHOOK_HISTORY
from tap_xoi.readers.windows import Intervals, date_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.streams.context import TapContext
    from tap_kit.streams.reader import Record
    from tap_kit.time.windows import Window
    from tap_xoi.streams.base import XoiStream


class WindowedReader(Reader):
    """Reads a list window by window, several at once.

    Args:
        stream: The stream.
        xoi: Sends its requests.
        intervals: What is read in this run.
        given: What the query's ``input`` has beside dates and token.
    """

    def __init__(
        self, stream: XoiStream, xoi: Xoi, intervals: Intervals, given: dict[str, Any]
    ) -> None:
        super().__init__([stream], xoi.client, xoi.stats)
        self._stream = stream
        self._xoi = xoi
        self._intervals = intervals
        self._given = given
        self._fields = stream.fields

    @classmethod
    def make(cls, tap: TapContext, streams: Sequence[Any]) -> Iterator[WindowedReader]:
        """The reader of a stream."""
        for stream in streams:
            xoi, intervals = Xoi.of(tap, stream), Intervals.of(tap, stream)
            yield cls(stream, xoi, intervals, cls.given(tap.config))

    @staticmethod
    def given(config: Mapping[str, Any]) -> dict[str, Any]:
        """What the query's ``input`` has beside dates and token."""
        return {"limit": config["page_size"]}

    def slices(self) -> Iterator[Iterator[Page]]:
        """One for each window."""
        return map(self._pages, self._intervals.windows)

    @abc.abstractmethod
    def _pages(self, window: Window) -> Iterator[Page]:
        """Yield the pages of one window; the last one has the bookmark of its end."""

    def _bookmark(self, moment: datetime | str) -> Bookmark:
        value = moment if isinstance(moment, str) else format_time(moment)
        return Bookmark(self._stream.name, value)


class JobsReader(WindowedReader):
    """Jobs in the order of their creation: each page is complete up to its last job."""

    def _pages(self, window: Window) -> Iterator[Page]:
        given = {**self._given, "dateQuery": date_query(window, type="CREATED_AT")}
        for page in self._xoi.pages(LIST_JOBS, self._fields, given):
            jobs = self._intervals.inside(window, page.items, "createdAt")
            times = [job["createdAt"] for job in jobs if job.get("createdAt")]
            bookmarks = [self._bookmark(times[-1])] if times else ()
            yield Page({self._stream.name: jobs}, bookmarks, page.size)
        yield Page(bookmarks=[self._bookmark(window.end)])


class WebhookHistoryReader(WindowedReader):
    """Events in the order of firing: each page is complete up to its last event."""

    def _pages(self, window: Window) -> Iterator[Page]:
        given = {**self._given, "dateQuery": date_query(window)}
        fired_at, seen = None, set[str]()
        for page in self._xoi.pages(LIST_WEBHOOK_HISTORY, self._fields, given):
            events: list[Record] = []
            for event in self._intervals.inside(window, page.items, "firedAt"):
                if event["firedAt"] != fired_at:
                    fired_at = event["firedAt"]
                    seen.clear()
                row_id = event["row_id"] = event_id(event)
                if row_id not in seen:
                    seen.add(row_id)
                    events.append(event)
            bookmarks = [self._bookmark(events[-1]["firedAt"])] if events else ()
            yield Page({self._stream.name: events}, bookmarks, page.size)
        yield Page(bookmarks=[self._bookmark(window.end)])


class DocumentationReader(WindowedReader):
    """Documentation in the order in which jobs were completed; items don't have that time."""

    @staticmethod
    def given(config: Mapping[str, Any]) -> dict[str, Any]:
        """The query has no ``limit``."""
        return {"includeAllSteps": config["include_all_steps"]}

    def _pages(self, window: Window) -> Iterator[Page]:
        end = format_time(window.end)
        given = {**self._given, "dateQuery": date_query(window, type="COMPLETED_AT")}
        identity = DocumentationIdentity()
        for page in self._xoi.pages(LIST_DOCUMENTATION, self._fields, given):
            for item, row_id in zip(page.items, identity.row_ids(page.items), strict=True):
                item["row_id"] = row_id
                item["interval_end"] = end
            yield Page({self._stream.name: page.items}, size=page.size)
        yield Page(bookmarks=[self._bookmark(window.end)])


class UsersReader(Reader):
    """All users."""

    @classmethod
    def make(cls, tap: TapContext, streams: Sequence[Any]) -> Iterator[UsersReader]:
        """The reader of the stream."""
        for stream in streams:
            yield cls(stream, Xoi.of(tap, stream), {"limit": tap.config["page_size"]})

    def __init__(self, stream: XoiStream, xoi: Xoi, given: dict[str, Any]) -> None:
        super().__init__([stream], xoi.client, xoi.stats)
        self._xoi = xoi
        self._fields = stream.fields
        self._given = given

    def slices(self) -> Iterator[Iterator[Page]]:
        """One: the list has no parts."""
        yield self._pages()

    def _pages(self) -> Iterator[Page]:
        for page in self._xoi.pages(LIST_USERS, self._fields, self._given):
            yield Page({self.name: page.items}, size=page.size)
