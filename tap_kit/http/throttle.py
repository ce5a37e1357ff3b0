"""When a request may be sent: slots in flight, even spacing, pauses that the vendor asked for."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tap_kit.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Throttle:
    """The one way to the vendor, for all threads of a client.

    A thread passes when a slot is free, the pause that the vendor asked for is over and the
    last request is ``1 / per_second`` ago, all three judged at one instant: so nobody waits
    with a slot in hand, and threads that queued for a slot can't leave in a burst.
    """

    def __init__(
        self,
        *,
        slots: int,
        per_second: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the throttle for at most ``slots`` requests at once."""
        self._free = slots
        self._interval = 1 / per_second if per_second else 0.0
        self._clock = clock
        self._not_before = float("-inf")
        self._closing = threading.Event()
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[float]:
        """Hold a slot from before sending to after the last byte; gives the seconds waited.

        Only waiting for limits counts, not for a free slot.

        Raises:
            StoppedError: The throttle was closed.
        """
        waited = self._enter()
        try:
            yield waited
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _enter(self) -> float:
        waited = 0.0
        with self._changed:
            while True:
                self.check()
                now = self._clock()
                delay = self._not_before - now
                if delay > 0:
                    self._changed.wait(min(delay, threading.TIMEOUT_MAX))
                    waited += self._clock() - now
                elif self._free:
                    self._free -= 1
                    self._not_before = max(self._not_before, now + self._interval)
                    return waited
                else:
                    self._changed.wait()

    def pause(self, seconds: float) -> None:
        """Let nobody pass for so long from now (``Retry-After``); the longer of two counts."""
        with self._changed:
            self._not_before = max(self._not_before, self._clock() + seconds)

    def sleep(self, seconds: float) -> None:
        """Wait without a slot (back-off).

        Raises:
            StoppedError: The throttle was closed, before or meanwhile.
        """
        self._closing.wait(min(seconds, threading.TIMEOUT_MAX))
        self.check()

    def close(self) -> None:
        """Let nobody pass any more; whoever waits gets :class:`StoppedError` now."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()

    def check(self) -> None:
        """Raise :class:`StoppedError` once the throttle is closed."""
        if self._closing.is_set():
            msg = "stopped"
            raise StoppedError(msg)
