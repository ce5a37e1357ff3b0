"""Signals end a run between two pages, with a STATE at the end."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from typing_extensions import Self

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C; the stop of a container, scheduler or Meltano; a closed terminal."""


class Stopping:
    """Notes a signal, for the main thread to check; a context manager.

    More signals change nothing: supervisors send SIGTERM to a whole group and Meltano passes it on
    once more, and ending at once could tear a line. SIGQUIT and SIGKILL are for that. Ignored
    signals (``nohup``) stay ignored.
    """

    def __init__(self) -> None:
        self._signal: int | None = None
        self._handled: list[int] = []

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._note)
                    self._handled.append(number)
        return self

    def __exit__(self, *_: object) -> None:
        if self._signal is not None:
            return  # the process is about to end, in good order whatever else comes
        for number in self._handled:
            default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # a handler
        # Raises nothing: it may have come within a write.
        self._signal = self._signal or number

    def check(self) -> None:
        """Leave if a signal came.

        Raises:
            SystemExit: With the code that shells give to that signal.
        """
        if self._signal is not None:
            raise SystemExit(128 + self._signal)
