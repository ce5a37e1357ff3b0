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
from tap_kit.time.windows import windows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
_DOUBTS = 16
"""So many more are halved at the most because their samples mislead."""
_MOST_PARTS = 64
"""For more parts than that, no more samples are taken."""
_SAMPLED = (1, 5, 3)
"""Where there are whole weeks: a Tuesday, a Saturday for weekends, and a Thursday; Monday is 0."""
_WEEKEND = 2 / 7
"""Its part of a week."""
_UNLIKE = 4
"""By this factor the days of an interval may differ, or its halves are looked at."""


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
        floor: Gives the last edge at or before a time; intervals begin on edges.
    """

    def __init__(
        self,
        count: Callable[[datetime, datetime], int],
        most: int,
        floor: Callable[[datetime], datetime],
    ) -> None:
        self._count = count
        self._most = most
        self._floor = floor
        self._length = timedelta.max  # of the next sample
        self._fullest = 0
        self._samples = 0
        self._doubts = 0
        self._hours: _Hours | None = None
        self._days: dict[datetime, float] = {}

    def intervals(self, start: datetime, end: datetime, parts: int) -> list[Interval]:
        """Cut a time into intervals that are shorter where there are more items.

        Args:
            start: Its start.
            end: Its end.
            parts: Into how many parts of about equal items they shall be grouped.
        """
        parts = min(parts, _MOST_PARTS)
        self._doubts = _SPLITS * parts + _DOUBTS
        inner = {self._floor(start + (end - start) * number / parts) for number in range(1, parts)}
        edges = [start, *sorted(edge for edge in inner if edge > start), end]
        found = [one for bounds in pairwise(edges) for one in self._estimated(*bounds)]
        for _ in range(_SPLITS * parts):
            heaviest = max(found, key=lambda one: one.items)
            if heaviest.items <= sum(one.items for one in found) / parts / _SPLITS:
                break
            halves = self._halves(heaviest.start, heaviest.end)
            if not halves:
                break
            place = found.index(heaviest)
            found[place : place + 1] = halves
        return found

    def _halves(self, start: datetime, end: datetime) -> list[Interval]:
        """Estimate the halves of an interval; none where there is no edge between them."""
        middle = self._floor(start + (end - start) / 2)
        if middle <= start:
            return []
        return [*self._estimated(start, middle), *self._estimated(middle, end)]

    def _estimated(self, start: datetime, end: datetime) -> list[Interval]:
        """Estimate an interval: as a whole, or in parts where more is known of these."""
        whole = end - start
        if self._length >= whole * _WANTED:
            self._length = whole  # which may fit on a page
        self._samples += 1
        while self._length == whole or self._length >= _WEEK:
            length = whole if self._length == whole else _WEEK * (self._length // _WEEK)
            later = (whole / 2 - length) * (self._samples * _GOLDEN % 1)
            places = [start] if length == whole else [start + later, start + whole / 2 + later]
            found = [self._count(place, place + length) for place in places]
            if max(found) < self._most:
                self._length = length * self._longer(max(found))
                if length == whole:
                    return [Interval(start, end, found[0])]
                items = sum(found) / 2 * (whole / length)
                return self._checked(Interval(start, end, items), found)
            self._length = length / _SHORTER
        return self._by_all_days(start, end) if whole < _WEEK else self._by_some_days(start, end)

    def _checked(self, one: Interval, samples: Sequence[float]) -> list[Interval]:
        """Count an interval of which samples met hardly any items, and halve it if they mislead.

        Years with a few items can end in months with most of them.
        """
        if one.items >= self._most and max(samples) <= _UNLIKE * min(samples):
            return [one]
        if one.items < self._most:
            one = one._replace(items=self._count(one.start, one.end))
            if one.items < self._most:
                return [one]
        if not self._doubts:
            return [one]
        self._doubts -= 1
        return self._halves(one.start, one.end) or [one]

    def _by_all_days(self, start: datetime, end: datetime) -> list[Interval]:
        days = [(day.start or start, day.end) for day in windows(start, end, "day")]
        found: list[Interval] = []
        for (day, stop), a_day in zip(days, self._on_days([day for day, _ in days]), strict=True):
            one = Interval(day, stop, a_day * ((stop - day) / _DAY))
            if found and self._floor(day) != day:
                before = found.pop()
                one = Interval(before.start, stop, before.items + one.items)
            found.append(one)
        return found

    def _by_some_days(self, start: datetime, end: datetime) -> list[Interval]:
        step = (end - start - _WEEK) / len(_SAMPLED)
        part = self._samples * _GOLDEN % 1
        places = [start + step * (number + part) for number in range(len(_SAMPLED))]
        days = [_next(place, weekday) for place, weekday in zip(places, _SAMPLED, strict=True)]
        early, weekend, late = self._on_days(days)
        a_day = (early + late) / 2 * (1 - _WEEKEND) + weekend * _WEEKEND
        one = Interval(start, end, a_day * ((end - start) / _DAY))
        return self._checked(one, [early, late, max(early, late, weekend)])

    def _on_days(self, days: Sequence[datetime]) -> list[float]:
        self._fullest = 0
        found = [self._on_day(day) for day in days]
        # Not by the last sample alone, which may be of a day off.
        self._length *= self._longer(self._fullest)
        return found

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


def _next(moment: datetime, weekday: int) -> datetime:
    """The first day of a week's name, from the day of a time on."""
    day = edge(moment, "day")
    return day + (weekday - day.weekday()) % 7 * _DAY


class _Hours(NamedTuple):
    """When a day has the most items, and in how many seconds like these it would have them all."""

    begin: timedelta
    seconds: float
