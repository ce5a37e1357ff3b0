"""What a run says at its end: each stream's figures, the run's, and why streams failed."""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tap_kit.time.clock import format_time, parse_time

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.stats import StreamStats

_WIDTH = 80
_LONGEST_NAME = 28
_LONGEST_BOOKMARK = 16


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run that has ended.

    Attributes:
        tap: The tap's name.
        version: The tap's version.
        started_at: When the run began.
        seconds: How long it took.
        streams: Figures of the selected streams, in the order of emission.
        ended_by: Why the run ended before its streams did, if it did.
    """

    tap: str
    version: str
    started_at: datetime
    seconds: float
    streams: Sequence[StreamStats]
    ended_by: str | None = None

    @property
    def status(self) -> str:
        """``complete``, ``failed``, or ``interrupted`` where the run ended before all was read."""
        if self.ended_by or any(stats.error for stats in self.streams):
            return "failed"
        return "complete" if all(stats.complete for stats in self.streams) else "interrupted"

    @property
    def failures(self) -> list[str]:
        """Why streams failed, but for the cause that ended the run, which is reported elsewhere."""
        causes = {stats.stream: stats.error for stats in self.streams if stats.error}
        return list(
            failure_lines({name: why for name, why in causes.items() if why != self.ended_by})
        )

    def as_object(self) -> dict[str, Any]:
        """Return all figures as one JSON object, for monitors."""
        return {
            "tap": self.tap,
            "version": self.version,
            "started_at": format_time(self.started_at),
            "seconds": round(self.seconds, 1),
            "status": self.status,
            **self._sums(),
            "failures": [*filter(None, [self.ended_by]), *self.failures],
            "streams": [figures(stats) for stats in self.streams],
        }

    def line(self) -> str:
        """Return the figures of the run as a whole, in words."""
        sums = self._sums()
        ready = sum(stats.complete and not stats.error for stats in self.streams)
        return (
            f"run {self.status} in {self.seconds:.1f} s: {ready} of {len(self.streams)} streams "
            f"complete, {sums['records']} records, {sums['requests']} requests"
        )

    def table(self, width: int) -> Iterator[str]:
        """Yield the lines of a table for people; what is out of the ordinary follows its stream."""
        names = max([len("stream"), *(len(stats.stream) for stats in self.streams)])
        form = f"{{:<{min(names, _LONGEST_NAME)}}}  {{:<11}}  {{:>9}}  {{:>8}}  {{}}"
        yield form.format("stream", "status", "records", "requests", "bookmark").rstrip()
        for stats in self.streams:
            cells = (stats.stream, status(stats), f"{stats.records:,}", f"{stats.requests:,}")
            bookmark = stats.bookmark_time or stats.bookmark_to
            yield form.format(*cells, _readable(bookmark)).rstrip()
            for note in _notes(stats):
                yield from textwrap.wrap(
                    note, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False
                )

    def report(self, logger: logging.Logger) -> None:
        """Show it: to people a table, in logs a line for each stream; then the failures."""
        if sys.stderr.isatty():
            width = min(_WIDTH, shutil.get_terminal_size().columns)
            print(*self.table(width), sep="\n", file=sys.stderr)  # noqa: T201  # for a terminal
            print(self.line(), file=sys.stderr)  # noqa: T201
        else:
            logger.info("%s", self.line())
            for stats in self.streams:
                logger.info("%s", summary_line(stats))
        for line in self.failures:
            logger.error("%s", line)

    def append_to(self, path: str) -> None:
        """Append it to a file, as a line of JSON.

        Raises:
            OSError: The file can't be written.
        """
        with open(path, "ab") as file:  # noqa: PTH123  # as the user wrote it
            file.write(msgspec.json.encode(self.as_object()) + b"\n")

    def _sums(self) -> dict[str, int | float]:
        return {
            "records": sum(stats.records for stats in self.streams),
            "requests": sum(stats.requests for stats in self.streams),
            "retries": sum(stats.retries for stats in self.streams),
            "waited_seconds": round(sum(stats.waited for stats in self.streams), 1),
        }


def figures(stats: StreamStats) -> dict[str, Any]:
    """Return a stream's figures by name, always with the same names.

    Only a stream that stores files has ``files`` and ``file_bytes``: what this run fetched.
    """
    found = {
        "stream": stats.stream,
        "status": status(stats),
        "records": stats.records,
        "requests": stats.requests,
        "retries": stats.retries,
        "waited_seconds": round(stats.waited, 1),
        "skipped": stats.skipped,
        "unchanged": stats.unchanged,
        "unchanged_windows": stats.unchanged_windows,
        "bookmark_from": stats.bookmark_from,
        "bookmark_to": stats.bookmark_to,
        "bookmark_time": stats.bookmark_time,
        "drifted_fields": sorted(stats.drifted),
    }
    if stats.files is not None:
        found |= {"files": stats.files, "file_bytes": stats.file_bytes}
    return found


def summary_line(stats: StreamStats) -> str:
    """Return a stream's figures as ``key=value`` pairs (logfmt), ``-`` for none."""
    pairs = figures(stats)
    pairs["drifted_fields"] = ",".join(pairs["drifted_fields"])
    return "summary " + " ".join(f"{key}={_quoted(value)}" for key, value in pairs.items())


def status(stats: StreamStats) -> str:
    """Return how a stream ended."""
    if stats.error:
        return "failed"
    if stats.complete:
        return "complete"
    return "interrupted" if stats.started else "not_reached"


def _quoted(value: object) -> str:
    text = "-" if value in (None, "") else str(value)
    return f'"{text}"' if " " in text else text


def _readable(bookmark: str | None) -> str:
    """Return a bookmark to the minute if it is a time; of others the beginning."""
    if bookmark is None:
        return ""
    try:
        moment = parse_time(bookmark)
    except ValueError:
        cut = len(bookmark) > _LONGEST_BOOKMARK
        return bookmark[: _LONGEST_BOOKMARK - 1] + "…" if cut else bookmark
    return f"{moment:%Y-%m-%d %H:%M}" if "T" in bookmark else bookmark


def _notes(stats: StreamStats) -> Iterator[str]:
    if stats.retries or stats.waited >= 1:
        yield f"{stats.retries} retries, {stats.waited:.0f} s of waiting for limits"
    if stats.skipped:
        too_large = ", or too large" if stats.files is not None else ""
        yield f"{stats.skipped} skipped, because they were gone{too_large}"
    if stats.files:
        yield f"{stats.files:,} files stored, {stats.file_bytes / 1_000_000:,.1f} MB"
    if stats.unchanged_windows:
        windows = f"{stats.unchanged_windows} window{'s' * (stats.unchanged_windows > 1)}"
        yield f"{stats.unchanged:,} records in {windows} are as they were, and not written again"
    if stats.drifted:
        yield f"new fields of the vendor, in extra_columns: {', '.join(sorted(stats.drifted))}"


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
