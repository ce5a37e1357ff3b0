"""Whether the vendor can be reached at all: reported once, not once for each stream."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tap_kit.errors import NoConnectionError, RetriesExhaustedError, UnreachableError

if TYPE_CHECKING:
    from tap_kit.errors import TapError, TransientError

_ENDPOINTS = 2
"""If so many endpoints failed and none ever worked, the whole vendor counts as unreachable."""


class Reach:
    """Remembers which hosts have responded; all threads of a client share it.

    A host *works* once it has sent any response that is not an error of its own (5xx, 429): a
    refusal shows that it is there.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works = set[str]()
        self._failed = dict[str, set[str]]()
        self._given_up = dict[str, RetriesExhaustedError]()
        self._over: UnreachableError | None = None

    def responded(self, origin: str) -> None:
        """Note that a host works."""
        if origin not in self._works:
            with self._lock:
                self._works.add(origin)

    def check(self, origin: str) -> None:
        """Fail at once if all tries to reach the host have failed before.

        Raises:
            UnreachableError: No host of the vendor has ever worked.
            RetriesExhaustedError: This one has not.
        """
        error = self._over or self._given_up.get(origin)
        if error is not None:
            raise error

    def gave_up(self, origin: str, label: str, last: TransientError, tries: int) -> TapError:
        """Return the error for a request of which every try failed.

        Args:
            origin: Scheme, host and port.
            label: The request's name in messages.
            last: The error of the last try.
            tries: How many there were.
        """
        msg = f"{label} failed {tries} times, the last time: {last}"
        with self._lock:
            if origin in self._works:
                return RetriesExhaustedError(msg)
            endpoints = self._failed.setdefault(origin, set())
            endpoints.add(label)
            apart = isinstance(last, NoConnectionError)
            if not self._works and (apart or len(endpoints) >= _ENDPOINTS):
                self._over = self._over or UnreachableError(
                    f"the vendor can't be reached: {msg}. Check the network and the *_url "
                    "settings, or run again later"
                )
                return self._over
            error = RetriesExhaustedError(msg)
            if apart:
                self._given_up[origin] = error
            return error
