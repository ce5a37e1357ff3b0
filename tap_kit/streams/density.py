"""Estimates how many items lie when, where a vendor gives no counts: from short samples.

People work by day and in the week. So where a sample is shorter than a day, all of them are taken
at the same hours, those with the most items: what is usual for that hour is the same in all of
them, and only proportions count.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tap_kit.time.windows import floor as edge

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_kit.time.windows import Window

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_HOURS = timedelta(hours=4)
"""The part of a day in which its sample lies."""
_GOLDEN = 0.618_033_988_75
"""Multiples of it are spread evenly over 0..1, so samples meet all weekdays alike."""
_SHORTER = 8
_SHORTEST_SECONDS = 1.0
_WANTED = 1 / 3
"""How full a sample should be: full ones tell little, and empty ones too."""
_SPLITS = 2
"""So many intervals are split for each part that is wanted."""
_MOST_PARTS = 64
"""For more parts than that, no more samples are taken."""
_DAYS = 3
"""So many days of an interval are sampled, at the most."""
_WEEKDAYS = (1, 3)
"""Those that are sampled where there are whole weeks; Monday is 0."""
_SATURDAY = 5
_WEEKEND = 2 / 7
"""Its part of a week."""


class Interval(NamedTuple):
    """An interval, and about how many items it has."""

    start: datetime
    end: datetime
    items: float

    def items_in(self, part: Window) -> float:
        """About how many of them lie in a part of the interval, if they are spread evenly."""
        return self.items * ((part.end - (part.start or self.start)) / (self.end - self.start))


class Sampler:
    """Estimates by counting parts of an interval; mostly that takes a few requests.

    Where a third of a page holds all of an interval's items, they are counted.

    Args:
        count: Counts the items from one time to another, up to ``most``.
        most: Beyond this, ``count`` doesn't tell how many there are.
    """

    def __init__(self, count: Callable[[datetime, datetime], int], most: int) -> None:
        self._count = count
        self._most = most
        self._length = timedelta.max  # of the next sample
        self._fullest = 0
        self._samples = 0
        self._hours: _Hours | None = None
        self._days: dict[datetime, float] = {}

    def intervals(
        self, start: datetime, end: datetime, parts: int, floor: Callable[[datetime], datetime]
    ) -> list[Interval]:
        """Cut a time into intervals that are shorter where there are more items.

        Args:
            start: Its start.
            end: Its end.
            parts: Into how many parts of about equal items they shall be grouped.
            floor: Gives the last edge at or before a time; intervals begin on edges.
        """
        parts = min(parts, _MOST_PARTS)
        inner = {floor(start + (end - start) * number / parts) for number in range(1, parts)}
        edges = [start, *sorted(edge for edge in inner if edge > start), end]
        found = [self._estimated(*bounds) for bounds in pairwise(edges)]
        for _ in range(_SPLITS * parts):
            heaviest = max(found, key=lambda one: one.items)
            middle = floor(heaviest.start + (heaviest.end - heaviest.start) / 2)
            share = sum(one.items for one in found) / parts
            if middle <= heaviest.start or heaviest.items <= share / _SPLITS:
                break
            place = found.index(heaviest)
            found[place : place + 1] = [
                self._estimated(heaviest.start, middle),
                self._estimated(middle, heaviest.end),
            ]
        return found

    def _estimated(self, start: datetime, end: datetime) -> Interval:
        whole = end - start
        self._length = min(self._length, whole)
        self._samples += 1
        while self._length == whole or self._length >= _WEEK:
            length = whole if self._length == whole else _WEEK * (self._length // _WEEK)
            offset = (whole - length) * (self._samples * _GOLDEN % 1)
            found = self._count(start + offset, start + offset + length)
            if found < self._most:
                self._length = length * self._longer(found)
                return Interval(start, end, found * (whole / length))
            self._length = length / _SHORTER
        return Interval(start, end, self._by_days(start, end))

    def _by_days(self, start: datetime, end: datetime) -> float:
        """The items of an interval by those of a few of its days."""
        days = (end - start) / _DAY
        self._fullest = 0
        if end - start < _WEEK:
            taken = min(max(round(days), 1), _DAYS)
            found = [self._on_day(start + (end - start) * n / taken) for n in range(taken)]
            a_day = sum(found) / taken
        else:
            later = (end - start - _WEEK) * (self._samples * _GOLDEN % 1)
            first = edge(start + later, "day")
            found = [
                self._on_day(first + (day - first.weekday()) % 7 * _DAY)
                for day in (*_WEEKDAYS, _SATURDAY)
            ]
            a_day = sum(found[:-1]) / len(_WEEKDAYS) * (1 - _WEEKEND) + found[-1] * _WEEKEND
        # Not by the last sample alone, which may be of a day off.
        self._length *= self._longer(self._fullest)
        return a_day * days

    def _on_day(self, at: datetime) -> float:
        """About how many items a day has."""
        day = edge(at, "day")
        if day not in self._days:
            self._days[day] = self._items_of(day)
        return self._days[day]

    def _items_of(self, day: datetime) -> float:
        if self._length >= _DAY * _WANTED:
            found = self._count(day, day + _DAY)
            if found < self._most:
                self._fullest = max(self._fullest, int(found * (self._length / _DAY)))
                return found
        if self._hours is None:
            self._hours = self._busiest(day)
        return self._rate(day + self._hours.begin) * self._hours.seconds if self._hours else 0.0

    def _busiest(self, day: datetime) -> _Hours | None:
        """When a day has the most items; None when it has none."""
        begins = [_HOURS * number for number in range(_DAY // _HOURS)]
        rates = {begin: self._rate(day + begin) for begin in begins}
        begin = max(rates, key=lambda one: rates[one])
        if not rates[begin]:
            return None
        return _Hours(begin, sum(rates.values()) / rates[begin] * _HOURS.total_seconds())

    def _rate(self, start: datetime) -> float:
        """Items a second."""
        self._length = min(self._length, _HOURS)
        while True:
            found = self._count(start, start + self._length)
            if found < self._most or self._length.total_seconds() <= _SHORTEST_SECONDS:
                self._fullest = max(self._fullest, found)
                return found / self._length.total_seconds()
            self._length /= _SHORTER

    def _longer(self, found: int) -> float:
        """How many times as long the next sample should be, by how full one was."""
        return min(_SHORTER, _WANTED * self._most / max(found, 1))


class _Hours(NamedTuple):
    """When a day has the most items, and in how many seconds like these it would have them all."""

    begin: timedelta
    seconds: float
