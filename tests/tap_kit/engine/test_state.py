"""Bookmarks: never back, never twice, linear in the partitions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine.state import State
from tap_kit.streams.reader import Bookmark

zones = st.sampled_from([timezone.utc, timezone(timedelta(hours=2)), timezone(-timedelta(hours=7))])
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=zones)  # noqa: DTZ001


@given(st.lists(moments, min_size=1))
def test_a_time_never_moves_back_however_it_is_written(times: list[datetime]) -> None:
    state = State({})
    for moment in times:
        state.move(Bookmark("rows", moment.isoformat()), "at")
    value = state.bookmark("rows")
    assert value is not None
    assert datetime.fromisoformat(value) == max(times)


def test_whole_and_fractional_seconds_compare_as_times() -> None:
    state = State({})
    state.move(Bookmark("rows", "2024-01-01T00:00:00.500Z"), "at")
    state.move(Bookmark("rows", "2024-01-01T00:00:00Z"), "at")
    assert state.bookmark("rows") == "2024-01-01T00:00:00.500Z"


def test_a_cursor_moves_wherever_it_goes() -> None:
    state = State({})
    state.move(Bookmark("jobs", "b", ordered=False), "cursor")
    state.move(Bookmark("jobs", "a", ordered=False, extra={"filters": "f"}), "cursor")
    assert state.value == {
        "bookmarks": {
            "jobs": {
                "filters": "f",
                "replication_key": "cursor",
                "replication_key_value": "a",
            }
        }
    }


def test_partitions_are_found_in_the_state_of_the_run_before() -> None:
    value: dict[str, Any] = {
        "bookmarks": {
            "rows": {
                "partitions": [
                    {"context": {"step": n}, "replication_key_value": f"2024-01-{n:02}"}
                    for n in range(1, 20)
                ]
            }
        }
    }
    state = State(value)
    assert state.bookmark("rows", {"step": 7}) == "2024-01-07"
    assert state.position("rows") == "2024-01-01"
    state.move(Bookmark("rows", "2024-02-01", {"step": 7}), "interval_end")
    state.move(Bookmark("rows", "2024-02-02", {"step": 99}), "interval_end")
    assert len(value["bookmarks"]["rows"]["partitions"]) == 20
    assert State(value).bookmark("rows", {"step": 7}) == "2024-02-01"
    assert State(value).bookmark("rows", {"step": 99}) == "2024-02-02"


def test_a_lookup_keeps_the_bookmarks_of_its_time() -> None:
    state = State({})
    state.move(Bookmark("rows", "2024-01-01", {"step": 1}), "at")
    lookup = state.lookup("rows")
    state.move(Bookmark("rows", "2024-01-02", {"step": 1}), "at")
    state.move(Bookmark("rows", "2024-01-02", {"step": 2}), "at")
    assert lookup({"step": 1}) == "2024-01-01"
    assert lookup({"step": 2}) is None
    assert state.lookup("others")({"step": 1}) is None


def test_state_is_due_after_a_move_and_ten_thousand_records_or_five_seconds() -> None:
    now = [0.0]
    state = State({}, clock=lambda: now[0])
    state.count(20_000)
    assert not state.due  # nothing moved
    state.move(Bookmark("rows", "2024-01-01"), "at")
    due = [state.due]
    state.written()
    state.move(Bookmark("rows", "2024-01-02"), "at")
    state.count(9_999)
    now[0] = 4.9
    due.append(state.due)
    now[0] = 5.0
    due.append(state.due)
    state.written()
    state.move(Bookmark("rows", "2024-01-02"), "at")
    now[0] = 100.0
    due.append(state.due)  # the same value again is no move
    assert due == [True, False, True, False]
