"""Windows: the parts of the UTC calendar into which an interval is cut, one for each request.

The first window begins at ``start_date``, or is open. Inner edges lie on the calendar: midnights,
Mondays, first days of months. The last window ends at the run's start or ``end_date``. A later run
reads whole windows again, so that the request for a window is always the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Length = Literal["day", "week", "month", "quarter", "year"]
LENGTHS: Final[tuple[Length, ...]] = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Window:
    """An interval of time in UTC; ``start`` is included, and None where the window is open."""

    start: datetime | None
    end: datetime


def floor(moment: datetime, length: Length) -> datetime:
    """Return the calendar edge at or before a time; weeks begin on Monday."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if length == "day":
        return day
    if length == "week":
        return day - timedelta(days=day.weekday())
    if length == "month":
        return day.replace(day=1)
    if length == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1)


def next_edge(moment: datetime, length: Length) -> datetime:
    """Return the first calendar edge after a time."""
    edge = floor(moment, length)
    if length == "day":
        return edge + timedelta(days=1)
    if length == "week":
        return edge + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[length]
    month = edge.month - 1 + months
    return edge.replace(year=edge.year + month // 12, month=month % 12 + 1)


def windows(start: datetime | None, end: datetime, length: Length) -> Iterator[Window]:
    """Cut ``[start, end)`` at the calendar's edges, oldest window first.

    Without ``start`` the first window is open, and ends at the last edge before ``end``. There are
    no windows if ``start`` is not before ``end``.
    """
    if start is None:
        edge = floor(end, length)
        yield Window(None, edge)
        start = edge
    while start < end:
        stop = min(next_edge(start, length), end)
        yield Window(start, stop)
        start = stop


def resume_from(
    bookmark: datetime | None,
    *,
    start_date: datetime | None,
    length: Length,
    lookback: timedelta,
) -> datetime | None:
    """Return where a run begins to read: the beginning of a window, or None for an open one.

    Args:
        bookmark: Everything before this time has been written; None in a first run.
        start_date: The setting; the very first window begins there.
        length: The length of a window.
        lookback: How much of the time before the bookmark to read again, in whole windows.
    """
    if bookmark is None:
        return start_date
    edge = floor(bookmark - lookback, length)
    if start_date is not None and edge < start_date <= bookmark:
        return start_date
    return edge
