"""Small requests side by side."""

from __future__ import annotations

import threading

import pytest

from tap_kit.engine.side_by_side import side_by_side


def test_results_come_in_the_order_of_the_items() -> None:
    second_done = threading.Event()

    def call(item: int) -> int:
        if item == 1:
            second_done.wait(10)
        else:
            second_done.set()
        return item * 10

    assert side_by_side(call, [1, 2], threads=2) == [10, 20]
    assert side_by_side(call, [], threads=2) == []


def test_no_more_threads_than_allowed() -> None:
    assert (
        side_by_side(lambda _: threading.current_thread().name, range(5), threads=1)
        == ["ask-0"] * 5
    )


def test_the_first_error_ends_it() -> None:
    def call(item: int) -> int:
        if item == 2:
            raise ValueError(item)
        return item

    with pytest.raises(ValueError, match="2"):
        side_by_side(call, [1, 2, 3], threads=1)
