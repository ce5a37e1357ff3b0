"""Cuts tracks into shards of about equal work: no more than were wanted, each in whole cells.

The heaviest shard is made as light as it can be. Tracks that are lighter than that stay whole, and
several of them make one shard.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.streams.backfill import Track

_STEPS = 50
"""Halvings of the interval in which the lightest possible weight lies."""
_SLACK = 1 + 1e-9
"""The sum of floats depends on their order."""


@dataclass(frozen=True, slots=True)
class Shard:
    """What one run reads.

    Attributes:
        tracks: Whole ones, or one of which ``start`` and ``end`` bound a piece.
        start: Where it begins; None: where a run without a bookmark does.
        end: Where it ends.
        weight: About how much work it is.
    """

    tracks: Sequence[Track]
    start: datetime | None
    end: datetime
    weight: float

    @property
    def streams(self) -> list[str]:
        """Names of its streams, each once."""
        return [*dict.fromkeys(name for track in self.tracks for name in track.streams)]

    @property
    def narrowed(self) -> Mapping[str, Any]:
        """The settings that narrow a run to its tracks."""
        lists: dict[str, list[Any]] = defaultdict(list)
        for track in self.tracks:
            for name, values in track.only.items():
                lists[name] += (value for value in values if value not in lists[name])
        return {**lists, **self.tracks[0].part}


def joined(tracks: Iterable[Track]) -> list[Track]:
    """Make one track of those that one run reads anyway: with the same settings and edges."""
    alike: dict[Hashable, list[Track]] = defaultdict(list)
    for track in tracks:
        edges = tuple((cell.start, cell.end) for cell in track.cells)
        alike[edges, repr(track.only), repr(track.part)].append(track)
    return [_join(group) if len(group) > 1 else group[0] for group in alike.values()]


def _join(tracks: Sequence[Track]) -> Track:
    weights = zip(*([cell.weight for cell in track.cells] for track in tracks), strict=True)
    return replace(
        tracks[0],
        streams=[*dict.fromkeys(name for track in tracks for name in track.streams)],
        bookmarks=[bookmark for track in tracks for bookmark in track.bookmarks],
        cells=[
            replace(cell, weight=sum(each))
            for cell, each in zip(tracks[0].cells, weights, strict=True)
        ],
    )


def cut(tracks: Sequence[Track], shards: int) -> tuple[list[Shard], list[Track]]:
    """Cut tracks into shards.

    Args:
        tracks: In the order of their streams.
        shards: How many at the most; 1 or more.

    Returns:
        The shards in the order of their tracks and of time, and the tracks that are in none of
        them: where fewer shards are wanted than there are tracks that can't share one.
    """
    together: dict[Hashable, list[Track]] = defaultdict(list)
    for track in tracks:
        together[track.end, repr(track.part), frozenset(track.only)].append(track)
    groups = sorted(together.values(), key=_weight, reverse=True)
    left_out = [track for group in groups[shards:] for track in group]
    rows = [[_Row(track) for track in group] for group in groups[:shards]]
    capacity = _least_capacity(rows, shards)
    made = [shard for group in rows for shard in _shards_of(group, capacity)]
    places = {id(track): place for place, track in enumerate(tracks)}
    made.sort(key=lambda shard: (places[id(shard.tracks[0])], shard.end))
    return made, left_out


def _weight(tracks: Iterable[Track]) -> float:
    return sum(track.weight for track in tracks)


class _Row:
    """A track with the sums of its cells' weights, from the first cell on."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self.sums = [0.0, *accumulate(cell.weight for cell in track.cells)]

    @property
    def weight(self) -> float:
        return self.sums[-1]

    def pieces(self, capacity: float) -> int:
        """How many pieces of that weight it takes; a cell that is heavier is a piece."""
        count = place = 0
        while place < len(self.track.cells):
            reached = bisect_right(self.sums, self.sums[place] + capacity) - 1
            place = max(reached, place + 1)
            count += 1
        return count

    def cut(self, pieces: int) -> Iterator[Shard]:
        """Cut it into about equal pieces; the first one begins where a whole run does."""
        cells = self.track.cells
        places = [0]
        for number in range(1, pieces):
            wanted = self.weight * number / pieces
            place = bisect_left(self.sums, wanted)
            if place and wanted - self.sums[place - 1] < self.sums[place] - wanted:
                place -= 1
            rest = len(cells) - (pieces - number)
            places.append(min(max(place, places[-1] + 1), rest))
        for first, last in pairwise([*places, len(cells)]):
            start = cells[first].start if first else None
            weight = self.sums[last] - self.sums[first]
            yield Shard([self.track], start, cells[last - 1].end, weight)


def _least_capacity(groups: Sequence[Sequence[_Row]], shards: int) -> float:
    """The least weight of a shard with which there are no more shards than wanted."""
    if not groups:
        return 0.0
    most = _SLACK * max(sum(row.weight for row in group) for group in groups)
    least = 0.0
    for _ in range(_STEPS):
        middle = (least + most) / 2
        if sum(_count(group, middle) for group in groups) <= shards:
            most = middle
        else:
            least = middle
    return most


def _count(group: Sequence[_Row], capacity: float) -> int:
    heavy = sum(row.pieces(capacity) for row in group if row.weight > capacity)
    return heavy + len(_packed(group, capacity))


def _packed(group: Sequence[_Row], capacity: float) -> list[list[_Row]]:
    """Light tracks, several to a shard: the heaviest first, each where it still fits."""
    bins: list[list[_Row]] = []
    room: list[float] = []
    light = [row for row in group if row.weight <= capacity]
    for row in sorted(light, key=lambda one: one.weight, reverse=True):
        fits = (place for place, left in enumerate(room) if row.weight <= left)
        place = next(fits, len(bins))
        if place == len(bins):
            bins.append([])
            room.append(capacity)
        bins[place].append(row)
        room[place] -= row.weight
    return bins


def _shards_of(group: Sequence[_Row], capacity: float) -> Iterator[Shard]:
    for row in group:
        if row.weight > capacity:
            yield from row.cut(row.pieces(capacity))
    order = {id(row): place for place, row in enumerate(group)}
    for rows in _packed(group, capacity):
        tracks = [row.track for row in sorted(rows, key=lambda row: order[id(row)])]
        yield Shard(tracks, None, tracks[0].end, _weight(tracks))
