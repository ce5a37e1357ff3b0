"""Whatever the order in which steps end: serial order, bounded memory, and always a way on."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tap_kit.threads.schedule import Schedule, Slice, Source

Sizes = list[list[int]]
Task = Source[Any] | Slice[Any]


class Run:
    """Plays workers and the main thread, one step at a time, in the order that a test draws."""

    def __init__(self, plans: list[Sizes], *, memory: int, workers: int, slices_ahead: int) -> None:
        self.schedule: Schedule[Any] = Schedule(memory=memory, slices_ahead=slices_ahead)
        self.sources: list[Source[Any]] = [
            Source(number, iter([iter(sizes) for sizes in plan]))
            for number, plan in enumerate(plans)
        ]
        self.workers = workers
        self.slices_ahead = slices_ahead
        self.running: list[Task] = []
        self.most_held = 0
        self.counts: dict[Task, int] = {}
        for source in self.sources:
            self.schedule.add(source)

    def begin_steps(self) -> None:
        """Every worker that is idle takes a task, as far as any has room."""
        while len(self.running) < self.workers and (task := self.schedule.take()) is not None:
            self.running.append(task)

    def end_step(self, draw: st.DataObject) -> None:
        task = self.running.pop(draw.draw(st.integers(0, len(self.running) - 1)))
        if isinstance(task, Source):
            self._opened(task)
        else:
            self._came(task)
        self.schedule.ended()
        self.most_held = max(self.most_held, self.schedule.held)

    def _opened(self, source: Source[Any]) -> None:
        items = next(source.slices, None)
        if items is None:
            source.done = True
            return
        self.schedule.add(self.schedule.opened(source, items))
        self.schedule.add(source)
        assert len(source.open) <= self.slices_ahead

    def _came(self, slice_: Slice[Any]) -> None:
        size = next(slice_.items, None)
        if size is None:
            slice_.done = True
            return
        place = self.counts.get(slice_, 0)
        self.counts[slice_] = place + 1
        self.schedule.came(slice_, (slice_.source.number, slice_.number, place), size)
        self.schedule.add(slice_)

    def wait(self, draw: st.DataObject) -> None:
        """The main thread wants something that is not there: it must be on its way."""
        self.begin_steps()
        assert self.running, "what is wanted neither runs nor can run"
        self.end_step(draw)


plans = st.lists(
    st.lists(st.lists(st.integers(0, 300), max_size=4), max_size=9), min_size=1, max_size=3
)


@settings(deadline=None)
@given(
    plans,
    st.sampled_from((1, 250, 10**6)),
    st.integers(1, 4),
    st.integers(1, 5),
    st.data(),
)
def test_every_item_comes_in_the_serial_order_whatever_ends_first(
    given_plans: list[Sizes], memory: int, workers: int, slices_ahead: int, draw: st.DataObject
) -> None:
    run = Run(given_plans, memory=memory, workers=workers, slices_ahead=slices_ahead)
    seen: list[tuple[int, int, int]] = []
    for source in run.sources:
        while source.open or not source.done:
            if not source.open:
                run.wait(draw)
                continue
            head = run.schedule.begin(source)
            while head.ready or not head.done:
                for _ in range(draw.draw(st.integers(0, 3))):  # the main thread is slow
                    run.begin_steps()
                    if run.running:
                        run.end_step(draw)
                if not head.ready:
                    if not head.done:
                        run.wait(draw)
                    continue
                seen.append(run.schedule.hand_out(head))
        run.schedule.cancel(source)
    assert seen == [
        (number, at, place)
        for number, plan in enumerate(given_plans)
        for at, sizes in enumerate(plan)
        for place in range(len(sizes))
    ]
    assert run.schedule.held == 0
    assert run.most_held <= memory + workers * 300


def test_memory_that_is_full_stops_all_but_the_head() -> None:
    schedule: Schedule[int] = Schedule(memory=100, slices_ahead=2)
    source: Source[int] = Source(0, iter(()))
    first, second = (schedule.opened(source, iter([])) for _ in range(2))
    schedule.came(second, 1, 101)
    schedule.add(first)
    schedule.add(second)
    assert not schedule.has_next  # there is no head yet
    assert schedule.begin(source) is first
    assert schedule.take() is first
    assert schedule.take() is None
    schedule.ended()
    schedule.came(first, 2, 1)
    schedule.add(first)
    assert not schedule.has_next


def test_what_a_cancelled_source_holds_is_dropped() -> None:
    schedule: Schedule[int] = Schedule(memory=100, slices_ahead=2)
    source: Source[int] = Source(0, iter(()))
    slices = [schedule.opened(source, iter([])) for _ in range(2)]
    for slice_ in slices:
        schedule.came(slice_, 1, 90)
        schedule.add(slice_)
    schedule.add(source)
    schedule.begin(source)
    schedule.cancel(source)
    schedule.came(slices[0], 2, 90)  # a step that was under way
    schedule.add(slices[0])
    assert schedule.held == 0
    assert not schedule.has_next
