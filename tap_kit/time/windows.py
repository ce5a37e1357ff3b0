"""Date windows on the UTC calendar: how an interval of time is cut into requests.

What every windowed stream keeps to: the first window begins at ``start_date`` (or is open), inner
edges lie on the calendar, the last one ends at the run's start or ``end_date``. A later run reads
whole windows again, so that one window is always asked for in the same way.
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
    """An interval; ``start`` is None where it is open. Both edges are aware, in UTC."""

    start: datetime | None
    end: datetime


def floor(moment: datetime, length: Length) -> datetime:
    """The calendar edge at or before a moment; weeks begin on Monday."""
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
    """The first calendar edge after a moment."""
    edge = floor(moment, length)
    if length == "day":
        return edge + timedelta(days=1)
    if length == "week":
        return edge + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[length]
    month = edge.month - 1 + months
    return edge.replace(year=edge.year + month // 12, month=month % 12 + 1)


def windows(start: datetime | None, end: datetime, length: Length) -> Iterator[Window]:
    """Cut ``[start, end)`` at the calendar's edges, oldest first.

    Without ``start`` the first window is open and reaches to the last edge before ``end``.
    Nothing at all when ``start`` is not before ``end``.
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
    """Where a run begins to read: a window's beginning, or None for an open one.

    Args:
        bookmark: The moment up to which everything has been written; None in a first run.
        start_date: The setting; the first window of all began there.
        length: Length of a window.
        lookback: How far behind the bookmark to read again; whole windows are read.
    """
    if bookmark is None:
        return start_date
    edge = floor(bookmark - lookback, length)
    if start_date is not None and edge < start_date <= bookmark:
        return start_date
    return edge
