"""Windows of whole days; the first and the last day both belong to it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_kit.time.windows import Window

DAY = timedelta(days=1)

_SAMPLES = (1, 7, 31, 92, 366)
"""Days; each holds the one before."""


class Days(NamedTuple):
    """The days of one request."""

    start: date
    end: date

    @classmethod
    def of(cls, window: Window) -> Days:
        """The days of a window from midnight to midnight."""
        assert window.start is not None  # noqa: S101  # date_range needs start_date
        return cls(window.start.date(), (window.end - DAY).date())

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"


def midnight(day: date) -> datetime:
    """Where a day begins."""
    return datetime.combine(day, time(), timezone.utc)


def last_day(until: datetime) -> date:
    """The last day that has begun before a moment."""
    return (until - timedelta.resolution).date()


def trailing(start: date, end: date) -> Iterator[Days]:
    """Ever longer intervals that end together; the last one begins at the start."""
    for length in _SAMPLES:
        first = end - (length - 1) * DAY
        if first <= start:
            break
        yield Days(first, end)
    yield Days(min(start, end), end)
