"""The end of a run: one line per stream, for people and for monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Iterator, Mapping

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


def failure_lines(failures: Mapping[str, str]) -> Iterator[str]:
    """What happened to streams, one line for each cause; some errors name their stream.

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
    """Write a line for each stream, then the failures, so that they stand at the end.

    Args:
        logger: Where to.
        all_stats: In the order of the lines.
        reported: A cause that someone else reports, since it ended the run.
    """
    every = list(all_stats)
    for stats in every:
        logger.info("%s", summary_line(stats))
    failures = {one.stream: one.error for one in every if one.error and one.error != reported}
    for line in failure_lines(failures):
        logger.error("%s", line)
