"""Requests that don't depend on each other and aren't part of a run, sent side by side."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(function: Callable[[T], R], items: Iterable[T], *, threads: int) -> list[R]:
    """Call a function with each item; the results in the items' order.

    The threads are daemons, so that a stopped run need not wait for their answers (as it would
    for those of an executor).

    Raises:
        BaseException: What the first failing call raised; calls that have not begun are left out.
    """
    work: deque[tuple[T, Future[R]]] = deque((item, Future()) for item in items)
    results = [future for _, future in work]

    def run() -> None:
        while True:
            try:
                item, future = work.popleft()
            except IndexError:
                return
            try:
                future.set_result(function(item))
            except BaseException as error:  # noqa: BLE001  # travels to the caller
                future.set_exception(error)

    for number in range(min(threads, len(work))):
        threading.Thread(target=run, name=f"ask-{number}", daemon=True).start()
    try:
        return [future.result() for future in results]
    finally:
        work.clear()
