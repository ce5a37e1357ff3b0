"""Which steps a workflow has: nothing lists them, so each number is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_giosg.halving import has_rows, sample
from tap_kit.engine.prefetch import parallel_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_giosg.event_rows import EventRows
    from tap_giosg.sources import Source
    from tap_kit.stats import StreamStats
    from tap_kit.time.windows import Window


class Presence:
    """Remembers for the length of a run which sources have rows.

    A step without rows and one that does not exist look the same (404 or an empty answer). Neither
    is remembered in the state: the next run asks again.
    """

    def __init__(self) -> None:
        self._known: dict[Source, bool] = {}

    def note(self, source: Source, *, has_rows: bool) -> None:
        """Take down what somebody has seen."""
        self._known[source] = has_rows

    def absent(
        self, rows: EventRows, sources: Sequence[Source], window: Window | None, stats: StreamStats
    ) -> set[Source]:
        """Those of the sources that have no rows in a window; asks for one row of each."""
        if window is None:
            return {*sources}
        asked = [source for source in sources if source not in self._known]

        def ask(source: Source) -> bool:
            return has_rows(sample(rows, source, window, stats, limit=1))

        found = parallel_map(ask, asked, workers=rows.organization.concurrency)
        self._known.update(zip(asked, found, strict=True))
        return {source for source in sources if not self._known[source]}
