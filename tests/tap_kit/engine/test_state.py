"""Bookmarks: never back, never twice, linear in the partitions."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from meltano.core.utils import merge

from tap_kit.engine.state import MOST_DIGESTS, State
from tap_kit.streams.reader import Bookmark, WindowDigest

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


def digested(start: str, value: str, since: str = "") -> Bookmark:
    return Bookmark("rows", "2024-01-01", digest=WindowDigest(start, since, value))


def test_digests_stand_beside_a_bookmark_as_far_back_as_the_next_run_reads() -> None:
    state = State({})
    state.move(Bookmark("rows", None, digest=WindowDigest("1", "", "a")), "at")
    assert state.value == {}
    for start in ("1", "2", "3"):
        state.move(digested(start, "a"), "at")
    state.move(digested("3", "b", since="2"), "at")
    assert state.digests("rows") == {(None, "2"): "a", (None, "3"): "b"}
    state.move(Bookmark("rows", None, digest=WindowDigest("4", "3", "c")), "at")
    assert state.digests("rows") == {(None, "3"): "b", (None, "4"): "c"}
    state.move(Bookmark("rows", "2024-01-01"), "at")
    assert state.digests("rows") == {}


def test_no_more_digests_are_kept_than_a_year_has_days() -> None:
    state = State({})
    for number in range(MOST_DIGESTS + 10):
        state.move(digested(f"{number:04}", "a"), "at")
    assert len(state.digests("rows")) == MOST_DIGESTS
    assert (None, "0009") not in state.digests("rows")


def test_only_digests_of_windows_that_were_not_read_are_forgotten() -> None:
    value = {"bookmarks": {"rows": {"digests": {"1": "a", "2": "b"}, "partitions": []}}}
    state = State(value)
    state.move(digested("1", "a"), "at")
    assert state.forget_digests("rows")
    assert state.digests("rows") == {(None, "1"): "a"}
    assert not state.forget_digests("rows")


def after(ended: State, before: dict[str, Any]) -> State:
    """What Meltano gives the next run after one that did not end."""
    return State(merge(deepcopy(ended.value), deepcopy(before)))  # type: ignore[no-untyped-call]  # has no types


def test_what_was_taken_back_stays_so_when_meltano_merges_states() -> None:
    """It merges the state of a run that did not end into that of the last one that did."""
    before = {"bookmarks": {"rows": {"digests": {"1": "a", "2": "b"}}}}
    forgetful = State(deepcopy(before))
    assert forgetful.forget_digests("rows")
    without = State(deepcopy(before))
    without.move(Bookmark("rows", "2024-01-01"), "at")
    for state in (forgetful, without):
        merged = after(state, before)
        assert merged.digests("rows") == {}
        assert not merged.forget_digests("rows")
    forgetful.move(digested("2", "c"), "at")
    merged = after(forgetful, before)
    assert merged.digests("rows") == {(None, "2"): "c"}


def test_what_is_no_digest_is_none() -> None:
    nonsense: Any
    for nonsense in (None, [], "text", 3):
        state = State({"bookmarks": {"rows": {"digests": nonsense}}})
        assert state.digests("rows") == {}
        state.move(digested("1", "a"), "at")
        assert state.digests("rows") == {(None, "1"): "a"}
