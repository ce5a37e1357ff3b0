"""When a request may be sent: bounds on those in flight and their rate, and the vendor's pauses."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tap_kit.errors import RequestsSpentError, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Throttle:
    """Bounds the requests of all threads of a client.

    A thread may send when a slot is free, the pause that the vendor asked for is over, and the
    last request began ``1 / per_second`` seconds ago. All three are checked under one lock: so no
    thread holds a slot while it waits, and threads that waited for a slot can't send in a burst.
    """

    def __init__(
        self,
        *,
        slots: int,
        per_second: float | None = None,
        most: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set the limits.

        Args:
            slots: How many requests may be in flight at once.
            per_second: How many may begin in a second; None: any number.
            most: How many may begin at all; None: any number.
            clock: Monotonic seconds.
        """
        self._free = slots
        self._most = most
        self.begun = 0
        self._interval = 1 / per_second if per_second else 0.0
        self._clock = clock
        self._slots = slots
        self._not_before = float("-inf")
        self._why = ""
        self._closing = threading.Event()
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[float]:
        """Hold a slot while a request is in flight: from before it is sent to its last byte.

        Yields:
            The seconds that it waited for the rate or the vendor's pause, not for a free slot.

        Raises:
            RequestsSpentError: As many requests have begun as may at all.
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
                if self._most is not None and self.begun >= self._most:
                    msg = f"all {self._most} requests that may be sent have been"
                    raise RequestsSpentError(msg)
                now = self._clock()
                delay = self._not_before - now
                if delay > 0:
                    self._changed.wait(min(delay, threading.TIMEOUT_MAX))
                    waited += self._clock() - now
                elif self._free:
                    self._free -= 1
                    self.begun += 1
                    self._not_before = max(self._not_before, now + self._interval)
                    return waited
                else:
                    self._changed.wait()

    def pause(self, seconds: float, why: str = "") -> None:
        """Send nothing for so many seconds (``Retry-After``); of two pauses the longer counts."""
        with self._changed:
            until = self._clock() + seconds
            if until > self._not_before:
                self._not_before, self._why = until, why

    @property
    def in_flight(self) -> int:
        """How many requests are in flight."""
        return self._slots - self._free

    @property
    def pausing(self) -> tuple[float, str]:
        """How many seconds nothing will be sent any more, as the vendor asks, and why."""
        with self._changed:
            left = self._not_before - self._clock()
            return (left, self._why) if left > self._interval else (0.0, "")

    def sleep(self, seconds: float) -> None:
        """Wait for a back-off, without occupying a slot.

        Raises:
            StoppedError: The throttle was closed, before or meanwhile.
        """
        self._closing.wait(min(seconds, threading.TIMEOUT_MAX))
        self.check()

    def close(self) -> None:
        """Send nothing any more; threads that wait get a :class:`StoppedError` at once."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()

    def check(self) -> None:
        """Raise a :class:`StoppedError` if the throttle is closed."""
        if self._closing.is_set():
            msg = "stopped"
            raise StoppedError(msg)
