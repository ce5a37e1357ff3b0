"""Estimates how many items lie when, where a vendor gives no counts: from short samples."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

_GOLDEN = 0.618_033_988_75
"""Multiples of it are spread evenly over 0..1, so samples meet all days and hours alike."""
_SHORTER = 8
_SHORTEST_SECONDS = 1.0
_WANTED = 1 / 3
"""How full a sample should be: full ones tell little, and empty ones too."""
_SPLITS = 2
"""So many intervals are split for each part that is wanted."""


class Interval(NamedTuple):
    """An interval, and about how many items it has."""

    start: datetime
    end: datetime
    items: float


class Sampler:
    """Estimates by counting a part of an interval; mostly that takes a request or two.

    Where a third of a page holds all of an interval's items, they are counted.

    Args:
        count: Counts the items from one time to another, up to ``most``.
        most: Beyond this, ``count`` doesn't tell how many there are.
    """

    def __init__(self, count: Callable[[datetime, datetime], int], most: int) -> None:
        self._count = count
        self._most = most
        self._length: timedelta | None = None
        self._samples = 0

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
        length = whole if self._length is None else min(self._length, whole)
        self._samples += 1
        while True:
            offset = (whole - length) * (self._samples * _GOLDEN % 1)
            found = self._count(start + offset, start + offset + length)
            if found < self._most or length.total_seconds() <= _SHORTEST_SECONDS:
                break
            length /= _SHORTER
        self._length = length * min(_SHORTER, _WANTED * self._most / max(found, 1))
        return Interval(start, end, found * (whole / length))
