"""How the past of streams can be cut, so that separate runs read its parts.

The class at the head of a family of streams declares ``backfill``, beside its ``reader``. It gives
*tracks*: a track is a part of the past that can be cut by time, such as one workflow. What none of
a tap's tracks has, the first run from the plan's state reads as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_kit.streams.reader import Bookmark


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a track that is not cut further: a window, or several.

    Attributes:
        start: Where it begins. That of a track's first cell is not used: it begins where a run
            without a bookmark does.
        end: Where it ends and the next one begins.
        weight: About how much work it is, in any unit that is the same for all tracks of a tap.
    """

    start: datetime | None
    end: datetime
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A part of the past that can be cut by time.

    Attributes:
        streams: Names of the streams.
        cells: Without gaps, oldest first; one at least.
        bookmarks: The streams' bookmarks once all cells are read.
        only: Settings that narrow a run to this track, each a list. Tracks that end together can
            be read by one run, with their lists joined.
        part: Settings that no other track's run can share.
    """

    streams: Sequence[str]
    cells: Sequence[Cell]
    bookmarks: Sequence[Bookmark]
    only: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    part: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> datetime:
        """Where the track ends."""
        return self.cells[-1].end

    @property
    def weight(self) -> float:
        """About how much work all of it is."""
        return sum(cell.weight for cell in self.cells)
