"""Requests ahead: the serial order, errors at their place, bounded memory, no deadlock."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_kit.engine.prefetch import Prefetcher
from tap_kit.errors import ExhaustedError
from tap_kit.streams.reader import Page, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

Plan = list[list[int]]  # slices of page sizes


class Planned(Reader):
    """Gives pages that name their place, after a pause that differs each time."""

    def __init__(self, name: str, plan: Plan, *, fail_at: tuple[int, int] | None = None) -> None:
        self.plan = plan
        self.label = name
        self.fail_at = fail_at
        self.pauses = random.Random(name)  # noqa: S311  # no cryptography
        self.open = 0
        self.most_open = 0
        self.lock = threading.Lock()

    def slices(self) -> Iterator[Iterator[Page]]:
        for number, sizes in enumerate(self.plan):
            if self.fail_at == (number, -1):
                raise ValueError(self.label)
            yield self.pages_of(number, sizes)

    def pages_of(self, number: int, sizes: list[int]) -> Iterator[Page]:
        for place, size in enumerate(sizes):
            if self.fail_at == (number, place):
                raise ValueError(self.label)
            with self.lock:
                self.open += 1
                self.most_open = max(self.most_open, self.open)
            time.sleep(self.pauses.choice((0, 0, 0.0005)))
            with self.lock:
                self.open -= 1
            yield Page({self.label: [{"at": [number, place]}]}, size=size)

    def serial(self) -> list[list[int]]:
        return [[n, p] for n, sizes in enumerate(self.plan) for p in range(len(sizes))]


def places(ahead: Prefetcher, reader: Planned) -> Iterator[list[int]]:
    for page in ahead.pages(reader):
        yield page.records[reader.label][0]["at"]


plans = st.lists(st.lists(st.integers(0, 300), max_size=5), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(plans, min_size=1, max_size=3), st.integers(1, 8), st.sampled_from((1, 200, 10**6)))
def test_pages_come_in_the_serial_order(all_plans: list[Plan], workers: int, memory: int) -> None:
    readers = [Planned(f"reader{n}", plan) for n, plan in enumerate(all_plans)]
    with Prefetcher(readers, workers=workers, memory=memory) as ahead:
        for reader in readers:
            assert list(places(ahead, reader)) == reader.serial()


@settings(max_examples=40, deadline=None)
@given(plans.filter(len), st.data(), st.integers(1, 8))
def test_an_error_comes_at_its_place_and_the_next_feed_goes_on(
    plan: Plan, data: st.DataObject, workers: int
) -> None:
    number = data.draw(st.integers(0, len(plan) - 1))
    place = data.draw(st.integers(-1, len(plan[number]) - 1))
    broken = Planned("broken", plan, fail_at=(number, place))
    whole = Planned("whole", plan)
    seen: list[list[int]] = []
    with Prefetcher([broken, whole], workers=workers) as ahead:
        with pytest.raises(ValueError, match="broken"):
            seen.extend(iter(places(ahead, broken)))
        assert seen == [at for at in broken.serial() if at < [number, place]]
        assert list(places(ahead, whole)) == whole.serial()


class Steady(random.Random):
    """Chooses the same pause every time."""

    def choice(self, _: object) -> float:  # type: ignore[override]  # all that is used
        return 0.005


def test_slices_run_side_by_side() -> None:
    reader = Planned("reader", [[1]] * 40)
    reader.pauses = Steady()
    with Prefetcher([reader], workers=8) as ahead:
        list(places(ahead, reader))
    assert reader.most_open == 8


def test_what_waits_in_memory_is_bounded() -> None:
    held = []
    reader = Planned("reader", [[100] * 30] * 10)
    with Prefetcher([reader], workers=4, memory=1000) as ahead:
        for _ in places(ahead, reader):
            time.sleep(0.001)
            held.append(ahead._held)
    # Four pages may be under way when the bound is reached.
    assert max(held) <= 1000 + 4 * 100


def test_the_main_thread_can_leave_while_it_waits() -> None:
    class Stuck(Planned):
        def pages_of(self, number: int, sizes: list[int]) -> Iterator[Page]:
            time.sleep(2)
            yield from super().pages_of(number, sizes)

    def leave() -> None:
        raise KeyboardInterrupt

    reader = Stuck("stuck", [[1]])
    with Prefetcher([reader], workers=1, on_wait=leave) as ahead, pytest.raises(KeyboardInterrupt):
        list(ahead.pages(reader))


class OutOfMemory(Page):
    """A page whose size can't even be looked at."""

    @property
    def size(self) -> int:
        raise MemoryError

    @size.setter
    def size(self, _: int) -> None: ...


@pytest.mark.parametrize("error", [MemoryError(), SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["slices", "pages", "prepare"])
def test_whatever_ends_a_generator_or_its_preparation_ends_the_wait(
    error: BaseException, where: str
) -> None:
    class Broken(Planned):
        def slices(self) -> Iterator[Iterator[Page]]:
            if where == "slices":
                raise error
            yield from super().slices()

        def pages_of(self, number: int, sizes: list[int]) -> Iterator[Page]:
            if where == "pages":
                raise error
            yield from super().pages_of(number, sizes)

    def prepare(_: Page) -> None:
        if where == "prepare":
            raise error

    reader = Broken("reader", [[1]])
    with Prefetcher([reader], workers=2, prepare=prepare) as ahead, pytest.raises(ExhaustedError):
        list(ahead.pages(reader))


def test_what_kills_a_worker_outside_of_any_feed_reaches_the_main_thread() -> None:
    class Broken(Planned):
        def pages_of(self, number: int, sizes: list[int]) -> Iterator[Page]:  # noqa: ARG002  # all alike
            for _ in sizes:
                yield OutOfMemory()

    reader = Broken("reader", [[1]])
    with (
        Prefetcher([reader], workers=1) as ahead,
        pytest.raises(ExhaustedError, match="concurrency"),
    ):
        list(ahead.pages(reader))


def test_threads_that_can_not_start_are_an_error_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ExhaustedError, match="concurrency"), Prefetcher([], workers=2):
        pass
