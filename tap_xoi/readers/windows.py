"""Windows as XOi's ``dateQuery``, which includes both ends (docs: taps/xoi/facts#lists)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_kit.errors import DataError
from tap_kit.time.clock import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tap_kit.streams.context import TapContext
    from tap_kit.streams.reader import Record
    from tap_kit.streams.stream import RecordStream
    from tap_kit.time.windows import Window


@dataclass(frozen=True, slots=True)
class Intervals:
    """The windows of a list that a run reads.

    Attributes:
        windows: Oldest first.
        end_date: The setting; items of this time and later ones are left out.
    """

    windows: Sequence[Window]
    end_date: datetime | None

    @classmethod
    def of(cls, tap: TapContext, stream: RecordStream) -> Intervals:
        """From the stream's bookmark and the settings about time."""
        bookmark = tap.bookmarks.bookmark(stream.name) if stream.incremental else None
        windows = tap.period.windows(bookmark, tap.until, of=stream.name)
        return cls(list(windows), tap.period.end_date)

    def inside(self, window: Window, items: list[Record], time: str) -> list[Record]:
        """Return the items of a window without those on ``end_date``.

        On other edges an item may come with both windows, so that none is lost.
        """
        if window.end != self.end_date:
            return items
        return [item for item in items if not item.get(time) or moment(item, time) < window.end]


def date_query(window: Window, **more: str) -> dict[str, Any]:
    """Return a window as a ``dateQuery``, which sorts the oldest items first."""
    query: dict[str, Any] = {**more, "lte": format_time(window.end), "ascending": True}
    if window.start is not None:
        query["gte"] = format_time(window.start)
    return query


def moment(item: Record, time: str) -> datetime:
    """Parse a time of an item.

    Raises:
        DataError: It is no time.
    """
    value = item.get(time)
    try:
        return parse_time(value or "")
    except (ValueError, AttributeError):
        msg = f"{time} is no date-time: {value!r}"
        raise DataError(msg) from None
