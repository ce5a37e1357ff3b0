"""What a run says while it works: now and then a line for each stream that is being read."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_kit.engine.state import State
    from tap_kit.stats import StreamStats

_log = logging.getLogger(__name__)
_LINE_SECONDS = 10.0


@dataclass(slots=True)
class _Shown:
    """What a stream's last line was about."""

    began: float
    at: float
    records: int


class Progress:
    """Writes a line for each working stream every ten seconds.

    Args:
        stats: Figures by stream; they change meanwhile.
        state: Where the bookmarks are read from.
        traffic: Says how many requests are in flight, and what the tap waits for.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        stats: Mapping[str, StreamStats],
        state: State,
        traffic: Callable[[], str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stats = stats
        self._state = state
        self._traffic = traffic
        self._clock = clock
        self._checked = clock()
        self._shown: dict[str, _Shown] = {}

    def update(self) -> None:
        """Write the present figures, if it is time to."""
        now = self._clock()
        for stats in self._stats.values():
            if stats.started and stats.stream not in self._shown:
                self._shown[stats.stream] = _Shown(now, now, stats.records)
        if now - self._checked < _LINE_SECONDS:
            return
        self._checked = now
        for name, shown in self._shown.items():
            stats = self._stats[name]
            if stats.bookmark_to is None and not stats.complete and not stats.error:
                _log.info("%s", self._line(stats, shown, now))
                shown.at, shown.records = now, stats.records

    def _line(self, stats: StreamStats, shown: _Shown, now: float) -> str:
        as_of = self._state.as_of(stats.stream)
        rate = (stats.records - shown.records) / max(now - shown.at, 0.001)
        parts = [f"{now - shown.began:.0f} s", f"{stats.records} records ({rate:.0f}/s)"]
        if stats.requests:
            parts.append(f"{stats.requests} requests")
        parts.append(self._traffic())
        if stats.waited >= 1:
            parts.append(f"{stats.waited:.0f} s of waiting for limits")
        if bookmark := self._state.position(stats.stream):
            parts.append(f"bookmark {bookmark}{f' ({as_of})' if as_of else ''}")
        return f"stream {stats.stream}: {', '.join(parts)}"
