"""Requests ahead: the serial order, errors at their place, bounded memory, no deadlock."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_kit.errors import ExhaustedError
from tap_kit.threads.prefetch import Prefetcher, parallel_map, prefetched
from tap_kit.threads.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Plan = list[list[int]]  # slices of item sizes


class Item(NamedTuple):
    at: list[int]
    size: int


class Planned:
    """Gives items that name their place, after a pause that differs each time."""

    def __init__(self, name: str, plan: Plan, *, fail_at: tuple[int, int] | None = None) -> None:
        self.plan = plan
        self.label = name
        self.fail_at = fail_at
        self.pauses = random.Random(name)  # noqa: S311  # no cryptography
        self.open = 0
        self.most_open = 0
        self.lock = threading.Lock()

    def slices(self) -> Iterator[Iterator[Item]]:
        for number, sizes in enumerate(self.plan):
            if self.fail_at == (number, -1):
                raise ValueError(self.label)
            yield self.pages_of(number, sizes)

    def pages_of(self, number: int, sizes: list[int]) -> Iterator[Item]:
        for place, size in enumerate(sizes):
            if self.fail_at == (number, place):
                raise ValueError(self.label)
            with self.lock:
                self.open += 1
                self.most_open = max(self.most_open, self.open)
            time.sleep(self.pauses.choice((0, 0, 0.0005)))
            with self.lock:
                self.open -= 1
            yield Item([number, place], size)

    def serial(self) -> list[list[int]]:
        return [[n, p] for n, sizes in enumerate(self.plan) for p in range(len(sizes))]


def ahead_of(
    *readers: Planned,
    workers: int,
    memory: int = 10**6,
    put_by: Callable[[Item], Item] | None = None,
    on_wait: Callable[[], None] = lambda: None,
) -> Prefetcher[Item]:
    return Prefetcher(
        [reader.slices() for reader in readers],
        workers=workers,
        size=lambda item: item.size,
        memory=memory,
        put_by=put_by,
        on_wait=on_wait,
    )


def places(items: Iterable[Item]) -> Iterator[list[int]]:
    return (item.at for item in items)


plans = st.lists(st.lists(st.integers(0, 300), max_size=5), max_size=12)


def smaller(item: Item) -> Item:
    return Item(item.at, item.size // 64)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(plans, min_size=1, max_size=3),
    st.integers(1, 8),
    st.sampled_from((1, 200, 10**6)),
    st.sampled_from((None, smaller)),
)
def test_pages_come_in_the_serial_order(
    all_plans: list[Plan], workers: int, memory: int, put_by: Callable[[Item], Item] | None
) -> None:
    readers = [Planned(f"reader{n}", plan) for n, plan in enumerate(all_plans)]
    with ahead_of(*readers, workers=workers, memory=memory, put_by=put_by) as ahead:
        for number, reader in enumerate(readers):
            assert list(places(ahead.items(number))) == reader.serial()


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
    with ahead_of(broken, whole, workers=workers) as ahead:
        with pytest.raises(ValueError, match="broken"):
            seen.extend(iter(places(ahead.items(0))))
        assert seen == [at for at in broken.serial() if at < [number, place]]
        assert list(places(ahead.items(1))) == whole.serial()


class Steady(random.Random):
    """Chooses the same pause every time."""

    def choice(self, _: object) -> float:  # type: ignore[override]  # all that is used
        return 0.005


def test_slices_run_side_by_side() -> None:
    reader = Planned("reader", [[1]] * 40)
    reader.pauses = Steady()
    with ahead_of(reader, workers=8) as ahead:
        list(ahead.items(0))
    assert reader.most_open == 8


def test_what_waits_in_memory_is_bounded() -> None:
    held = []
    reader = Planned("reader", [[100] * 30] * 10)
    with ahead_of(reader, workers=4, memory=1000) as ahead:
        for _ in ahead.items(0):
            time.sleep(0.001)
            held.append(ahead._schedule.held)
    # Four pages may be under way when the bound is reached.
    assert max(held) <= 1000 + 4 * 100


def test_what_waits_longer_is_put_by_and_more_of_it_fits() -> None:
    put_by: list[list[int]] = []

    def note(item: Item) -> Item:
        put_by.append(item.at)
        return smaller(item)

    def most_ready(*, put_by: Callable[[Item], Item] | None) -> int:
        most = 0
        reader = Planned("reader", [[100] * 30] * 10)
        with ahead_of(reader, workers=4, memory=1000, put_by=put_by) as ahead:
            found = []
            for item in ahead.items(0):
                time.sleep(0.001)
                found.append(item.at)
                with ahead._lock:
                    most = max(most, sum(len(one.ready) for one in ahead._sources[0].open))
        assert found == reader.serial()
        return most

    # Ten items fill the memory; four may be under way besides.
    assert most_ready(put_by=None) <= 14 < most_ready(put_by=note)
    assert put_by


def test_the_main_thread_can_leave_while_it_waits() -> None:
    class Stuck(Planned):
        def pages_of(self, number: int, sizes: list[int]) -> Iterator[Item]:
            time.sleep(2)
            yield from super().pages_of(number, sizes)

    def leave() -> None:
        raise KeyboardInterrupt

    reader = Stuck("stuck", [[1]])
    with ahead_of(reader, workers=1, on_wait=leave) as ahead, pytest.raises(KeyboardInterrupt):
        list(ahead.items(0))


@pytest.mark.parametrize("error", [MemoryError(), SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["slices", "pages", "map"])
def test_whatever_ends_a_generator_or_what_wraps_it_ends_the_wait(
    error: BaseException, where: str
) -> None:
    class Broken(Planned):
        def slices(self) -> Iterator[Iterator[Item]]:
            if where == "slices":
                raise error
            for pages in super().slices():
                yield map(encode, pages)

        def pages_of(self, number: int, sizes: list[int]) -> Iterator[Item]:
            if where == "pages":
                raise error
            yield from super().pages_of(number, sizes)

    def encode(item: Item) -> Item:
        if where == "map":
            raise error
        return item

    reader = Broken("reader", [[1]])
    with ahead_of(reader, workers=2) as ahead, pytest.raises(ExhaustedError):
        list(ahead.items(0))


def test_what_kills_a_worker_outside_of_any_generator_reaches_the_main_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def came(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Schedule, "came", came)
    with (
        ahead_of(Planned("reader", [[1]]), workers=1) as ahead,
        pytest.raises(ExhaustedError, match="concurrency"),
    ):
        list(ahead.items(0))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 2), st.integers(5, 12), st.sampled_from((1, 150)))
def test_a_slow_target_stops_nothing_for_good(workers: int, slices: int, memory: int) -> None:
    """The workers have all come to rest, over the bound, whenever an item is handed out."""
    waits = []
    reader = Planned("reader", [[100, 100]] * slices)
    reader.pauses = random.Random(0)  # noqa: S311  # no cryptography

    def wait() -> None:
        waits.append(1)
        assert len(waits) < 5, "nothing runs although an item is wanted"

    with ahead_of(reader, workers=workers, memory=memory, on_wait=wait) as ahead:
        seen = []
        for at in places(ahead.items(0)):
            seen.append(at)
            time.sleep(0.005)
    assert seen == reader.serial()


def test_look_ups_come_in_order_and_none_is_one_of_them() -> None:
    slices = (iter([number, None]) for number in range(20))
    assert list(prefetched(slices, workers=3)) == [
        one for number in range(20) for one in (number, None)
    ]


def test_no_look_up_begins_after_the_reader_has_left() -> None:
    begun: list[int] = []
    found = prefetched((map(begun.append, [number]) for number in range(10_000)), workers=2)
    next(found)
    found.close()
    time.sleep(0.05)
    count = len(begun)
    time.sleep(0.05)
    assert len(begun) == count < 10_000


def test_results_come_in_the_order_of_the_arguments() -> None:
    second_done = threading.Event()

    def call(item: int) -> int:
        if item == 1:
            second_done.wait(10)
        else:
            second_done.set()
        return item * 10

    assert parallel_map(call, [1, 2], workers=2) == [10, 20]
    assert parallel_map(call, [], workers=2) == []


def test_no_more_threads_than_allowed() -> None:
    names = parallel_map(lambda _: threading.current_thread().name, range(5), workers=1)
    assert names == ["fetch-0"] * 5


def test_the_first_error_ends_it() -> None:
    def call(item: int) -> int:
        if item == 2:
            raise ValueError(item)
        return item

    with pytest.raises(ValueError, match="2"):
        parallel_map(call, [1, 2, 3], workers=1)


def test_threads_that_can_not_start_are_an_error_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ExhaustedError, match="concurrency"), ahead_of(workers=2):
        pass
