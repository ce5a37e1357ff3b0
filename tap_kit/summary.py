"""The end of a run: one line per stream, for people and for monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable

    from tap_kit.stats import StreamStats


def summary_line(stats: StreamStats) -> str:
    """A stream's figures as ``key=value`` pairs (logfmt), always the same keys."""
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


def failure_line(stats: StreamStats) -> str:
    """What happened to a stream; some errors name it themselves."""
    error = stats.error or ""
    named = error.startswith("stream ")
    return error if named else f"stream {stats.stream} failed: {error}"


def log_summary(logger: logging.Logger, all_stats: Iterable[StreamStats]) -> None:
    """Write the lines, and the failures again so that they stand at the end."""
    every = list(all_stats)
    for stats in every:
        logger.info("%s", summary_line(stats))
    for stats in every:
        if stats.error:
            logger.error("%s", failure_line(stats))
