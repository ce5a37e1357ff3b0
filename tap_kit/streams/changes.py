"""What has changed since a bookmark, where the vendor can't be asked for it: lists come whole."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeVar

from tap_kit.streams.reader import Bookmark
from tap_kit.time.clock import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tap_kit.streams.codec import AnyRecord
    from tap_kit.streams.context import TapContext
    from tap_kit.streams.stream import RecordStream

_EARLIEST = datetime(1900, 1, 1, tzinfo=timezone.utc)
_BEFORE_ALL = datetime.min.replace(tzinfo=timezone.utc)

T = TypeVar("T")


class Changes:
    """Which items of a list a stream writes, and the bookmark that follows.

    A full table has them all. An incremental stream has those that were changed since its bookmark
    less the look-back, or since ``start_date`` in a first run, and those without a time.

    What changes while a list is read may have been read before it changed. So a bookmark never
    passes the run's start, whatever the times of the items are.

    Args:
        tap: The tap.
        stream: The stream; its bookmark is taken now.
    """

    def __init__(self, tap: TapContext, stream: RecordStream) -> None:
        self.incremental = stream.incremental
        self._stream = stream.name
        self._since = tap.period.since(tap.bookmarks.bookmark(stream.name), of=stream.name)
        self._end = tap.period.end_date
        self._most = tap.until
        self._latest: datetime | None = None

    def wants(self, changed: datetime | None) -> bool:
        """Whether to write an item that was changed at a time; None where that is not known."""
        if not self.incremental or changed is None:
            return True
        if (self._since and changed < self._since) or (self._end and changed >= self._end):
            return False
        if self._latest is None or changed > self._latest:
            self._latest = changed
        return True

    def bookmarks(self) -> Sequence[Bookmark]:
        """The bookmark once all items that were wanted so far are written."""
        return self.up_to(self._latest)

    def in_order(self, items: Iterable[T], changed: Callable[[T], datetime | None]) -> Iterable[T]:
        """The items to write; those of an incremental stream in the order of their changes.

        So the bookmark may move after each of them: see :meth:`up_to`.

        Args:
            items: Those of the list.
            changed: Tells when an item was changed; None: not known.
        """
        if not self.incremental:
            return items
        timed = [(changed(item), item) for item in items]
        wanted = [pair for pair in timed if self.wants(pair[0])]
        return [item for _, item in sorted(wanted, key=lambda pair: pair[0] or _BEFORE_ALL)]

    def up_to(self, changed: datetime | None) -> Sequence[Bookmark]:
        """The bookmark once all items up to a time of change are written."""
        if not self.incremental or changed is None:
            return ()
        return (Bookmark(self._stream, format_time(min(changed, self._most))),)


def changed_at(row: AnyRecord, members: Iterable[str]) -> datetime | None:
    """Return the time in the first of a row's members that holds one; None where none does."""
    return next((time for member in members if (time := moment_of(row.get(member)))), None)


def moment_of(value: object) -> datetime | None:
    """Return a vendor's time; None where it is not set, or is no time."""
    if not isinstance(value, str):
        return None
    try:
        moment = parse_time(value)
    except ValueError:
        return None
    return moment if moment >= _EARLIEST else None
