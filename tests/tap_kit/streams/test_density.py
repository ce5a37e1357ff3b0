"""Items are counted in few requests, and intervals are shorter where there are more of them."""

from __future__ import annotations

import random
from bisect import bisect_left
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_kit.engine.shards import cut
from tap_kit.streams.backfill import Cell, Track
from tap_kit.streams.density import Sampler
from tap_kit.time.windows import Length, floor, windows

START = datetime(2020, 1, 1, 5, tzinfo=timezone.utc)
DAY = timedelta(days=1)
MOST = 100


class Items:
    """Items at some times, counted as a vendor's page shows them."""

    def __init__(self, times: list[datetime], most: int = MOST) -> None:
        self._times = sorted(times)
        self._most = most
        self.requests = 0

    def between(self, start: datetime, end: datetime) -> int:
        return bisect_left(self._times, end) - bisect_left(self._times, start)

    def count(self, start: datetime, end: datetime) -> int:
        self.requests += 1
        return min(self.between(start, end), self._most)


def in_shards(items: Items, cells: list[Cell], parts: int) -> list[int]:
    """How many items there are in each shard that is made of the cells."""
    shards, _ = cut([Track(streams=["jobs"], cells=cells, bookmarks=[])], parts)
    return [items.between(one.start or cells[0].start or START, one.end) for one in shards]


def midnight(moment: datetime) -> datetime:
    return floor(moment, "day")


@settings(deadline=None)
@given(st.lists(st.floats(0, 999), max_size=MOST - 1), st.integers(1, 9), st.integers(1, 1000))
def test_intervals_cover_all_from_edge_to_edge(hours: list[float], parts: int, days: int) -> None:
    items = Items([START + timedelta(hours=hour) for hour in hours])
    end = START + DAY * days
    found = Sampler(items.count, MOST, midnight).intervals(START, end, parts)
    assert found[0].start == START
    assert found[-1].end == end
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]
    assert all(one.start == midnight(one.start) for one in found[1:])
    # Each interval takes a request, and each that was split another one.
    assert len(found) <= items.requests <= 5 * parts


@settings(deadline=None)
@given(st.lists(st.floats(0, 999), max_size=MOST // 3), st.integers(1, 9))
def test_few_items_are_counted_and_not_estimated(hours: list[float], parts: int) -> None:
    items = Items([START + timedelta(hours=hour) for hour in hours])
    found = Sampler(items.count, MOST, midnight).intervals(START, START + 50 * DAY, parts)
    assert [one.items for one in found] == [items.between(one.start, one.end) for one in found]


@pytest.mark.parametrize("growth", [1.0, 3.0, 6.0])
def test_the_estimates_are_about_right(growth: float) -> None:
    many, days = 200_000, 1000
    times = [START + DAY * (days * (n / many) ** (1 / growth)) for n in range(many)]
    items = Items(times)
    found = Sampler(items.count, MOST, midnight).intervals(START, START + DAY * days, 16)
    assert items.requests < 16 * 15
    for one in found:
        truth = items.between(one.start, one.end)
        assert abs(one.items - truth) <= 0.35 * truth + many / 100
    heaviest = max(items.between(one.start, one.end) for one in found)
    assert heaviest <= 0.75 * many / 16


def test_many_items_at_one_moment_do_not_hold_it_up() -> None:
    items = Items([START + DAY] * 1000)
    found = Sampler(items.count, MOST, midnight).intervals(START, START + 100 * DAY, 4)
    assert items.requests < 100
    assert found[-1].end == START + 100 * DAY


@pytest.mark.parametrize("edge", ["day", "week"])
@pytest.mark.parametrize(
    ("years", "a_day", "growth"),
    [(1, 20, 1), (1, 300, 1), (5, 50, 2), (5, 300, 3)],
)
def test_nights_and_weekends_do_not_mislead(
    edge: Length, years: int, a_day: int, growth: float
) -> None:
    chance = random.Random(7)  # noqa: S311  # no cryptography
    end = floor(START, "day") + 20 * timedelta(hours=1)
    start = floor(end - years * 365 * DAY, "day")
    times = []
    for age in range(years * 365):
        day = floor(end - age * DAY, "day")
        usual = a_day * growth ** (-age / 365) * (0.1 if day.weekday() in {5, 6} else 1)
        times += [
            day + timedelta(hours=chance.triangular(6, 20, 14))
            for _ in range(int(usual + chance.random()))
        ]
    items = Items([time for time in times if time < end])
    found = Sampler(items.count, MOST, lambda at: floor(at, edge)).intervals(start, end, 16)
    assert items.requests < 16 * 20
    counts = in_shards(items, [Cell(*one) for one in found], 16)
    assert max(counts) < 1.6 * sum(counts) / len(counts), counts


@settings(deadline=None)
@given(
    st.integers(2, 8),
    st.integers(20, 400),
    st.integers(60, 150),
    st.sampled_from([4, 16, 32]),
    st.integers(0, 40),
)
def test_a_few_items_in_years_before_do_not_mislead(
    years: int, a_day: int, busy: int, parts: int, rare: int
) -> None:
    # As where a few jobs were made for a trial, long before all others.
    end = floor(START, "day") + years * 365 * DAY
    first = end - busy * DAY
    many = busy * a_day
    times = [first + busy * DAY * n / many for n in range(many)]
    times += [START + (first - START) * n / rare for n in range(rare)]
    items = Items(times)
    found = Sampler(items.count, MOST, midnight).intervals(START, end, parts)
    cells = [
        Cell(day.start, day.end, one.items_in(day))
        for one in found
        for day in windows(one.start, one.end, "day")
    ]
    counts = in_shards(items, cells, parts)
    assert max(counts) <= 1.5 * len(times) / parts + a_day, counts
    assert items.requests <= 120 + 10 * parts


def test_quiet_and_busy_weeks_are_not_all_looked_at() -> None:
    hours = [6 + n / 5 for n in range(60)]
    days = [START + DAY * day for day in range(3650) if day % 30 < 7]  # a week of each month
    items = Items([day + timedelta(hours=hour) for day in days for hour in hours])
    Sampler(items.count, MOST, midnight).intervals(START, START + DAY * 3650, 16)
    assert items.requests < 600
