"""Which items of a list are written, and which bookmark follows: nothing is lost between runs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine.state import State
from tap_kit.streams.changes import Changes, changed_at, moment_of
from tap_kit.time.period import Period

EPOCH = datetime(2024, 5, 1, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def tap_at(now: datetime, state: State, **period: Any) -> Any:  # noqa: ANN401  # stands where a tap does
    given: dict[str, Any] = {"start_date": None, "end_date": None, "lookback": 0 * HOUR, **period}
    taken = Period(window="day", now=now, **given)
    return SimpleNamespace(bookmarks=state, period=taken, until=taken.until(now))


def changes_at(now: datetime, state: State, **period: Any) -> Changes:  # noqa: ANN401  # as Period takes them
    stream: Any = SimpleNamespace(name="things", incremental=True)
    return Changes(tap_at(now, state, **period), stream)


EDITS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.integers(0, 120),
        st.sampled_from(["before", "while it is read", "ahead"]),
    ),
    max_size=20,
)


@given(st.lists(EDITS, min_size=1, max_size=5), st.integers(0, 12), st.data())
def test_every_change_is_written_by_some_run(
    runs: list[list[tuple[str, int, str]]], lookback: int, data: st.DataObject
) -> None:
    vendor = dict.fromkeys("abcdef", EPOCH)
    written: dict[str, datetime] = {}
    state = State({})
    now = EPOCH
    for edits in runs:
        now += 100 * HOUR
        for name, minutes, when in edits:
            if when == "before":
                vendor[name] = max(vendor[name], now - minutes * HOUR / 60)
            elif when == "ahead":  # a clock that is fast
                vendor[name] = max(vendor[name], now + minutes * HOUR)
        changes = changes_at(now, state, lookback=lookback * HOUR)
        order = data.draw(st.permutations("abcdef"))
        for at, name in enumerate(order):
            for edited, minutes, when in edits:
                if when == "while it is read" and minutes % len(order) == at:
                    vendor[edited] = max(vendor[edited], now + minutes * HOUR / 60)
            if changes.wants(vendor[name]):
                written[name] = vendor[name]
        for bookmark in changes.bookmarks():
            state.move(bookmark, "changed")
    last = changes_at(now + HOUR, state)
    missed = {name for name, time in vendor.items() if written.get(name) != time}
    assert all(last.wants(vendor[name]) for name in missed)


@given(st.dictionaries(st.text("ab", min_size=1), st.none() | st.integers(-9, 9)), st.integers(0))
def test_items_in_order_may_stop_anywhere(ages: dict[str, int | None], stop: int) -> None:
    times = {name: None if age is None else EPOCH + age * HOUR for name, age in ages.items()}
    state = State({})
    written: set[str] = set()
    for name in [*changes_at(EPOCH, state).in_order(times, times.get)][: stop % (len(times) + 1)]:
        written.add(name)
        for bookmark in changes_at(EPOCH, state).up_to(times[name]):
            state.move(bookmark, "changed")

    rest = {*changes_at(EPOCH, state).in_order(times, times.get)}

    assert written | rest == times.keys()


def test_a_full_table_has_all_and_no_bookmark() -> None:
    stream: Any = SimpleNamespace(name="things", incremental=False)
    state = State({"bookmarks": {"things": {"replication_key_value": "2024-05-01T00:00:00Z"}}})
    changes = Changes(tap_at(EPOCH, state, start_date=EPOCH), stream)

    assert changes.wants(EPOCH - 1000 * HOUR)
    assert not changes.bookmarks()
    assert not changes.up_to(EPOCH)


def test_a_bookmark_never_passes_the_runs_start_or_its_end_date() -> None:
    later = EPOCH + HOUR
    assert [b.value for b in changes_at(EPOCH, State({})).up_to(later)] == ["2024-05-01T00:00:00Z"]
    ended = changes_at(EPOCH, State({}), end_date=EPOCH - HOUR)
    assert not ended.wants(EPOCH)
    assert ended.wants(EPOCH - 2 * HOUR)
    assert [b.value for b in ended.bookmarks()] == ["2024-04-30T22:00:00Z"]


@pytest.mark.parametrize("value", [None, "", "soon", 3, "0001-01-01T00:00:00", {}])
def test_what_is_no_time_is_none(value: object) -> None:
    assert moment_of(value) is None
    assert changed_at({"a": value, "b": "2024-05-01T00:00:00Z"}, ("a", "b", "c")) == EPOCH
