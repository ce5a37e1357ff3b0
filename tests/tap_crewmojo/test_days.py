"""Windows of whole days."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_crewmojo.days import DAY, Days, last_day, midnight, trailing
from tap_kit.time.windows import LENGTHS, Length, windows


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("2025-06-02T12:00:00", "2025-06-02"),
        ("2025-06-02T00:00:00.000001", "2025-06-02"),
        ("2025-06-02T00:00:00", "2025-06-01"),
    ],
)
def test_the_last_day_is_the_last_that_has_begun(until: str, last: str) -> None:
    moment = datetime.fromisoformat(until).replace(tzinfo=timezone.utc)
    assert last_day(moment) == date.fromisoformat(last)


@given(
    start=st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    length=st.integers(0, 800),
    window=st.sampled_from(LENGTHS),
)
def test_windows_cover_each_day_once(start: date, length: int, window: Length) -> None:
    end = start + length * DAY
    found = [Days.of(part) for part in windows(midnight(start), midnight(end + DAY), window)]
    days = [
        one.start + number * DAY
        for one in found
        for number in range((one.end - one.start).days + 1)
    ]
    assert days == [start + number * DAY for number in range(length + 1)]


@given(start=st.dates(), length=st.integers(0, 3000))
def test_samples_grow_up_to_the_whole(start: date, length: int) -> None:
    end = min(start + timedelta(days=min(length, (date.max - start).days)), date.max)
    samples = list(trailing(start, end))
    assert samples[-1] == Days(start, end)
    assert all(sample.end == end for sample in samples)
    begins = [sample.start for sample in samples]
    assert begins == sorted({*begins}, reverse=True)
    assert len(samples) <= 6


def test_a_start_that_is_still_to_come_is_sampled_today() -> None:
    today = date(2025, 6, 2)
    assert list(trailing(today + 9 * DAY, today)) == [Days(today, today)]
