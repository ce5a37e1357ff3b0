"""Values that several streams need and that are asked for once in a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Once(Generic[T]):
    """A value that the first thread that needs it makes; the others wait for it.

    An error is not kept: whoever comes next tries again.
    """

    def __init__(self) -> None:
        """There is no value yet."""
        self._lock = threading.Lock()
        self._made: list[T] = []

    def get(self, make: Callable[[], T]) -> T:
        """The value; ``make`` is called where there is none."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(make())
        return self._made[0]
