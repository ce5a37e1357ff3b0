"""Shards are cut from tracks: all of them once, no more than wanted, and of about equal weight."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine.shards import Shard, cut, joined
from tap_kit.streams.backfill import Cell, Track
from tap_kit.streams.reader import Bookmark

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)

weights = st.lists(st.floats(0, 1000), min_size=1, max_size=30)


def track(
    name: str,
    cells: list[float],
    *,
    days_late: int = 0,
    part: dict[str, Any] | None = None,
) -> Track:
    """A track of days that end together, or some days later."""
    first = START + DAY * (1000 + days_late - len(cells))
    edges = [first + DAY * number for number in range(len(cells) + 1)]
    starts = [None, *edges[1:-1]]
    return Track(
        streams=["rows"],
        cells=[Cell(*bounds) for bounds in zip(starts, edges[1:], cells, strict=True)],
        bookmarks=[Bookmark("rows", "then", {"name": name})],
        only={"names": [name]},
        part=part or {},
    )


tracks = st.lists(weights, max_size=12).map(
    lambda each: [track(str(number), cells) for number, cells in enumerate(each)]
)


def pieces(shards: list[Shard]) -> list[tuple[str, datetime | None, datetime]]:
    """What a run of each shard reads of each track."""
    return [(name, shard.start, shard.end) for shard in shards for name in shard.narrowed["names"]]


@given(tracks, st.integers(1, 20))
def test_every_track_is_in_the_shards_once_and_whole(made: list[Track], wanted: int) -> None:
    shards, left_out = cut(made, wanted)
    assert len(shards) <= wanted
    assert not left_out
    read = pieces(shards)
    for one in made:
        (name,) = one.only["names"]
        mine = [(start, end) for which, start, end in read if which == name]
        assert mine[0][0] is None
        assert mine[-1][1] == one.end
        assert [end for _, end in mine[:-1]] == [start for start, _ in mine[1:]]
        assert {end for _, end in mine} <= {cell.end for cell in one.cells}
        assert mine == sorted(mine, key=lambda bounds: bounds[1])


@given(tracks, st.integers(1, 20))
def test_no_shard_is_much_heavier_than_it_must_be(made: list[Track], wanted: int) -> None:
    shards, _ = cut(made, wanted)
    total = sum(one.weight for one in made)
    cell = max((cell.weight for one in made for cell in one.cells), default=0.0)
    assert abs(sum(shard.weight for shard in shards) - total) <= 1e-6 * (total + 1)
    # As in packing: twice what an even share would be, and never less than a cell.
    for shard in shards:
        assert shard.weight <= 2 * total / wanted + 2 * cell + 1e-6


@given(weights, st.integers(1, 20))
def test_one_track_alone_is_cut_evenly(cells: list[float], wanted: int) -> None:
    shards, _ = cut([track("a", cells)], wanted)
    share = sum(cells) / wanted
    assert all(shard.weight <= share + 2 * max(cells) + 1e-6 for shard in shards)


def test_equal_cells_give_as_many_shards_as_wanted() -> None:
    shards, _ = cut([track("a", [1.0] * 24)], 8)
    assert [shard.weight for shard in shards] == [3] * 8


def test_tracks_that_cannot_share_a_run_have_shards_of_their_own() -> None:
    made = [
        track("a", [5.0]),
        track("b", [4.0], days_late=1),
        track("c", [3.0], part={"part": "1/2"}),
        track("d", [1.0]),
    ]
    shards, left_out = cut(made, 3)
    assert not left_out
    assert [shard.narrowed for shard in shards] == [
        {"names": ["a", "d"]},
        {"names": ["b"]},
        {"names": ["c"], "part": "1/2"},
    ]
    shards, left_out = cut(made, 2)
    assert [shard.narrowed["names"] for shard in shards] == [["a", "d"], ["b"]]
    assert left_out == [made[2]]


def test_streams_with_the_same_edges_are_read_together() -> None:
    one, other = track("a", [1.0, 2.0]), track("a", [10.0, 20.0])
    (both,) = joined([one, other])
    assert [cell.weight for cell in both.cells] == [11, 22]
    assert both.bookmarks == [*one.bookmarks, *other.bookmarks]
    assert len(joined([one, track("b", [1.0, 2.0])])) == 2


def test_nothing_gives_no_shards() -> None:
    assert cut([], 4) == ([], [])
