"""Windows in XOi's terms: ``dateQuery``, whose ends are both inclusive (jobs schema)."""

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
    """What a run reads of a list.

    Attributes:
        windows: Oldest first.
        end_date: The setting; nothing from this moment on is wanted.
    """

    windows: Sequence[Window]
    end_date: datetime | None

    @classmethod
    def of(cls, tap: TapContext, stream: RecordStream) -> Intervals:
        """From the stream's bookmark and the settings about time."""
        bookmark = tap.bookmarks.bookmark(stream.name) if stream.incremental else None
        return cls(list(tap.period.windows(bookmark, tap.until)), tap.period.end_date)

    def inside(self, window: Window, items: list[Record], time: str) -> list[Record]:
        """The items of a window without those on ``end_date``.

        On other edges an item may come from both neighbours, so that none can be lost.
        """
        if window.end != self.end_date:
            return items
        return [item for item in items if not item.get(time) or moment(item, time) < window.end]


def date_query(window: Window, **more: str) -> dict[str, Any]:
    """A window as ``dateQuery``, oldest first."""
    query: dict[str, Any] = {**more, "lte": format_time(window.end), "ascending": True}
    if window.start is not None:
        query["gte"] = format_time(window.start)
    return query


def moment(item: Record, time: str) -> datetime:
    """A time of an item.

    Raises:
        DataError: It is none.
    """
    value = item.get(time)
    try:
        return parse_time(value or "")
    except (ValueError, AttributeError):
        msg = f"{time} is no date-time: {value!r}"
        raise DataError(msg) from None
