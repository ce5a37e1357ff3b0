"""Windows: they cover, don't overlap, lie on the calendar and are the same in every run."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import SettingsError
from tap_kit.time.period import Period
from tap_kit.time.windows import LENGTHS, Length, Window, floor, next_edge, resume_from, windows

moments = st.datetimes(
    datetime(2015, 1, 1),  # noqa: DTZ001  # hypothesis wants them naive
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(timezone.utc),
)
lengths = st.sampled_from(LENGTHS)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=500)), lengths)
def test_windows_cover_everything_once(start: datetime, span: timedelta, length: Length) -> None:
    end = start + span
    found = list(windows(start, end, length))
    edges = [start, *(window.end for window in found)]
    assert [window.start for window in found] == edges[:-1]
    assert edges[-1] == end
    assert all(floor(edge, length) == edge for edge in edges[1:-1])
    assert all(window.start != window.end for window in found)


@given(moments, lengths)
def test_an_open_beginning_reaches_to_the_last_edge(end: datetime, length: Length) -> None:
    first, *others = windows(None, end, length)
    assert first == Window(None, floor(end, length))
    assert [Window(floor(end, length), end)] * (floor(end, length) < end) == others


@given(moments, lengths)
def test_edges_follow_each_other(moment: datetime, length: Length) -> None:
    assert floor(moment, length) <= moment < next_edge(moment, length)
    assert floor(next_edge(moment, length) - timedelta(microseconds=1), length) == floor(
        moment, length
    )


@given(moments, st.timedeltas(timedelta(0), timedelta(days=400)), lengths, st.integers(0, 30))
def test_a_later_run_asks_for_the_same_windows(
    start: datetime, span: timedelta, length: Length, days: int
) -> None:
    bookmark = start + span
    end = bookmark + timedelta(days=3)
    again = resume_from(bookmark, start_date=start, length=length, lookback=timedelta(days=days))
    assert again is not None
    assert start <= again <= bookmark
    assert again <= max(start, bookmark - timedelta(days=days))
    first_run = list(windows(start, end, length))
    assert list(windows(again, end, length)) == [w for w in first_run if w.end > again]


@pytest.mark.parametrize(
    ("length", "edge"),
    [
        ("day", "2024-02-29T00:00"),
        ("week", "2024-02-26T00:00"),
        ("month", "2024-02-01T00:00"),
        ("quarter", "2024-01-01T00:00"),
        ("year", "2024-01-01T00:00"),
    ],
)
def test_the_calendar_is_utc_and_weeks_begin_on_monday(length: Length, edge: str) -> None:
    assert floor(utc("2024-02-29T13:45"), length) == utc(edge)


def test_without_lookback_the_bookmarks_own_window_is_read() -> None:
    assert resume_from(
        utc("2024-02-10T05:00"), start_date=None, length="month", lookback=timedelta(0)
    ) == utc("2024-02-01T00:00")


def test_a_start_date_behind_the_bookmark_makes_no_gap() -> None:
    assert resume_from(
        utc("2024-02-10T05:00"),
        start_date=utc("2024-05-01T00:00"),
        length="day",
        lookback=timedelta(0),
    ) == utc("2024-02-10T00:00")


def test_nothing_lies_in_the_future() -> None:
    assert list(windows(utc("2030-01-01T00:00"), utc("2024-01-01T00:00"), "day")) == []


def test_a_run_reads_whole_windows_behind_its_bookmark() -> None:
    period = Period(utc("2024-01-03"), None, "week", timedelta(days=2), utc("2024-01-24T06:00"))
    until = utc("2024-01-24T06:00")
    starts = [window.start for window in period.windows("2024-01-16T12:00:00Z", until, of="things")]
    assert starts == [utc("2024-01-08"), utc("2024-01-15"), utc("2024-01-22")]
    first, *_, last = period.windows(None, until, of="things")
    assert (first.start, last.end) == (utc("2024-01-03"), until)


def test_a_bookmark_that_is_no_time_is_told() -> None:
    period = Period(None, None, "week", timedelta(0), utc("2024-01-24"))
    with pytest.raises(
        SettingsError, match=r"state: the bookmark of things must be .* not 'cursor-1'"
    ):
        period.windows("cursor-1", utc("2024-01-24"), of="things")
