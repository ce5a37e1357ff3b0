"""What a run says on stderr: a line for each working stream now and then, a summary at the end."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_kit.engine.state import State
    from tap_kit.stats import StreamStats

_log = logging.getLogger("tap_kit.engine.progress")
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
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        stats: Mapping[str, StreamStats],
        state: State,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stats = stats
        self._state = state
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
        rate = (stats.records - shown.records) / max(now - shown.at, 0.001)
        return (
            f"stream {stats.stream}: {now - shown.began:.0f} s, {stats.records} records "
            f"({rate:.0f} a second), {stats.requests} requests, "
            f"{stats.waited:.0f} s of waiting for limits, "
            f"bookmark {self._state.position(stats.stream) or '-'}"
        )


def summary_line(stats: StreamStats) -> str:
    """Return a stream's figures as ``key=value`` pairs (logfmt), always with the same keys."""
    pairs = {
        "stream": stats.stream,
        "status": _status(stats),
        "records": stats.records,
        "requests": stats.requests,
        "retries": stats.retries,
        "waited_seconds": f"{stats.waited:.1f}",
        "skipped": stats.skipped,
        "bookmark_from": stats.bookmark_from or "-",
        "bookmark_to": stats.bookmark_to or "-",
        "drifted_fields": ",".join(sorted(stats.drifted)) or "-",
    }
    return "summary " + " ".join(f"{key}={_quoted(value)}" for key, value in pairs.items())


def _status(stats: StreamStats) -> str:
    if stats.error:
        return "failed"
    if stats.complete:
        return "complete"
    return "interrupted" if stats.started else "not_reached"


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text


def failure_lines(failures: Mapping[str, str]) -> Iterator[str]:
    """Yield why streams failed, in one line for each cause; some errors name their stream.

    Args:
        failures: Causes by stream.
    """
    streams: dict[str, list[str]] = {}
    for stream, cause in failures.items():
        streams.setdefault(cause, []).append(stream)
    for cause, names in streams.items():
        if cause.startswith(f"stream {names[0]}:") and len(names) == 1:
            yield cause
        else:
            yield f"stream{'s' * (len(names) > 1)} {', '.join(names)} failed: {cause}"


def log_summary(
    logger: logging.Logger, all_stats: Iterable[StreamStats], *, reported: str | None = None
) -> None:
    """Log a line for each stream, then the failures, so that they are at the end.

    Args:
        logger: The tap's.
        all_stats: The figures, in the order of the lines.
        reported: A cause that is reported elsewhere, because it ended the run.
    """
    every = list(all_stats)
    for stats in every:
        logger.info("%s", summary_line(stats))
    failures = {one.stream: one.error for one in every if one.error and one.error != reported}
    for line in failure_lines(failures):
        logger.error("%s", line)
