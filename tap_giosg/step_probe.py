"""Which steps a workflow has: giosg has no list of them, so each number is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_giosg.window_split import has_rows, sample
from tap_kit.threads.prefetch import parallel_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_giosg.event_requests import EventRequests
    from tap_giosg.event_series import EventSeries
    from tap_kit.stats import StreamStats
    from tap_kit.time.windows import Window


class StepProbe:
    """Remembers, for one run, which series have rows.

    A step without rows looks like one that doesn't exist: a 404, or an empty response. Neither is
    kept in the state, so the next run tries them again.
    """

    def __init__(self) -> None:
        self._known: dict[EventSeries, bool] = {}

    def note(self, series: EventSeries, *, has_rows: bool) -> None:
        """Note whether a series has rows."""
        self._known[series] = has_rows

    def absent(
        self,
        requests: EventRequests,
        all_series: Sequence[EventSeries],
        window: Window | None,
        stats: StreamStats,
    ) -> set[EventSeries]:
        """Return the series that have no rows in a window; requests one row of each."""
        if window is None:
            return {*all_series}
        asked = [series for series in all_series if series not in self._known]

        def ask(series: EventSeries) -> bool:
            return has_rows(sample(requests, series, window, stats, limit=1))

        found = parallel_map(ask, asked, workers=requests.organization.concurrency)
        self._known.update(zip(asked, found, strict=True))
        return {series for series in all_series if not self._known[series]}
