"""Live progress: a table on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.live import Live
    from rich.table import Table
    from typing_extensions import Self

    from tap_kit.engine.state import State
    from tap_kit.stats import StreamStats

_log = logging.getLogger("tap_kit.engine.progress")
_LINE_SECONDS = 10.0
_DRAW_SECONDS = 0.25


class Progress:
    """Shows what a run does, on stderr; use as a context manager.

    Args:
        stats: Figures by stream, changing under our eyes.
        state: Where the bookmarks are read from.
    """

    def __init__(self, stats: Mapping[str, StreamStats], state: State) -> None:
        self._stats = stats
        self._state = state
        self._began = time.monotonic()
        self._shown = self._began
        self._live: Live | None = None
        self._logs: list[logging.StreamHandler[TextIO]] = []

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            # Imported only for a terminal: nobody else should wait for it.
            from rich.console import Console  # noqa: PLC0415
            from rich.live import Live  # noqa: PLC0415

            before = sys.stderr
            # stdout belongs to the messages; what goes to stderr is shown above the table.
            self._live = Live(
                console=Console(stderr=True), auto_refresh=False, redirect_stdout=False
            )
            self._live.start()
            self._logs = [
                handler
                for handler in logging.getLogger().handlers
                if isinstance(handler, logging.StreamHandler) and handler.stream is before
            ]
            self._log_to(sys.stderr)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def update(self) -> None:
        """Show the present figures, if it is time to."""
        now = time.monotonic()
        if self._live is not None:
            if now - self._shown >= _DRAW_SECONDS:
                self._shown = now
                self._live.update(self._table(now), refresh=True)
        elif now - self._shown >= _LINE_SECONDS:
            self._shown = now
            for stats in self._stats.values():
                if stats.started and stats.bookmark_to is None and not stats.error:
                    _log.info(
                        "stream %s: %d records, %d requests, bookmark %s",
                        stats.stream,
                        stats.records,
                        stats.requests,
                        self._state.position(stats.stream) or "-",
                    )

    def close(self) -> None:
        """Leave the last figures on the screen."""
        if self._live is not None:
            self._live.update(self._table(time.monotonic()), refresh=True)
            self._live.stop()
            self._live = None
            self._log_to(sys.stderr)

    def _log_to(self, stream: TextIO) -> None:
        for handler in self._logs:
            handler.setStream(stream)

    def _table(self, now: float) -> Table:
        from rich.table import Table  # noqa: PLC0415  # see __enter__

        table = Table("stream", "records", "records/s", "requests", "bookmark", "waited", box=None)
        seconds = max(now - self._began, 0.001)
        for stats in self._stats.values():
            if stats.started:
                table.add_row(
                    stats.stream,
                    f"{stats.records:,}",
                    f"{stats.records / seconds:,.0f}",
                    f"{stats.requests:,}",
                    self._state.position(stats.stream) or "-",
                    f"{stats.waited:.0f} s" if stats.waited >= 1 else "",
                )
        return table
