"""The list of REST jobs stays complete while rows move between its pages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import cycle, islice, repeat
from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_flow.client import Rows
from tap_flow.readers.job_list import JobList
from tap_flow.streams.jobs import JOBS
from tap_kit.errors import StreamError
from tap_kit.stats import StreamStats
from tap_kit.streams.codec import PLAIN
from tests.tap_flow.conftest import Team, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from tap_flow.client import FlowClient
    from tap_flow.endpoints import Endpoint
    from tap_kit.streams.codec import Codec


Change = tuple[str, int, int]


class MovingList:
    """Stands where the client does: a list of jobs that changes before each response."""

    def __init__(self, length: int, changes: list[Change], most: int) -> None:
        self.jobs = [f"job {number}" for number in range(length)]
        self.stayed = set(self.jobs)
        self.requests = 0
        self.lengths: Iterator[int] = repeat(most)
        self._changes = iter(changes)

    def rows(
        self, _: Endpoint, __: StreamStats, *, params: Mapping[str, int], codec: Codec
    ) -> Rows:
        assert codec is PLAIN
        self.requests += 1
        kind, place, amount = next(self._changes, ("nothing", 0, 0))
        if kind == "vanish":
            self.stayed -= {*self.jobs[place : place + amount]}
            del self.jobs[place : place + amount]
        elif kind == "arrive":
            new = [f"new {self.requests}.{number}" for number in range(amount)]
            self.jobs[place:place] = new
        limit = min(params["limit"], next(self.lengths))
        page = self.jobs[params["skip"] : params["skip"] + limit]
        return Rows([{"jobId": job} for job in page], 0)


@dataclass
class OutOfOrder:
    """Runs requests some at a time, in an order of its own; the results come in theirs."""

    seed: int
    finished: list[int] = field(default_factory=list)
    """Where the pages begin, in the order of the responses."""

    def __call__(
        self,
        slices: Iterable[Iterator[tuple[int, Rows]]],
        *,
        workers: int,
        size: object,  # noqa: ARG002  # all fits into memory
    ) -> Generator[tuple[int, Rows], None, None]:
        order = Random(self.seed)  # noqa: S311  # no secret
        source = iter(slices)
        ready: dict[int, tuple[int, Rows] | None] = {}
        waiting: list[tuple[int, Iterator[tuple[int, Rows]]]] = []
        opened = given = 0
        while True:
            for slice_ in islice(source, max(0, order.randint(1, workers) - len(waiting))):
                waiting.append((opened, slice_))
                opened += 1
            if given not in ready and not waiting:
                return
            while given not in ready:
                place, slice_ = waiting.pop(order.randrange(len(waiting)))
                ready[place] = came = next(slice_, None)
                self.finished += [came[0]] if came else []
            item = ready.pop(given)
            given += 1
            if item is not None:
                yield item


def read(moving: MovingList, page_size: int, ahead: OutOfOrder | None = None) -> list[str]:
    options: dict[str, Any] = {"workers": 8, "run": ahead} if ahead else {}
    jobs = JobList(cast("FlowClient", moving), JOBS, page_size, **options)
    return [row["jobId"] for page in jobs.pages(StreamStats("jobs")) for row in page.rows]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["nothing", "vanish", "arrive"]),
        st.integers(0, 60) | st.just(0),
        st.integers(1, 12),
    ),
    max_size=12,
)


@given(st.integers(0, 80), CHANGES, st.integers(2, 12), st.integers(6, 20))
def test_no_job_is_lost_and_none_comes_twice(
    length: int, changes: list[Change], page_size: int, most: int
) -> None:
    moving = MovingList(length, changes, most)
    found = read(moving, page_size)

    assert len(found) == len(set(found))
    assert moving.stayed <= set(found)


@given(
    length=st.integers(0, 200),
    changes=CHANGES,
    page_size=st.integers(2, 12),
    most=st.integers(6, 20),
    seed=st.integers(),
)
def test_no_job_is_lost_and_none_comes_twice_where_pages_are_requested_ahead(
    length: int, changes: list[Change], page_size: int, most: int, seed: int
) -> None:
    moving = MovingList(length, changes, most)
    found = read(moving, page_size, OutOfOrder(seed))

    assert len(found) == len(set(found))
    assert moving.stayed <= set(found)


@given(st.integers(0, 80), st.integers(1, 12), st.none() | st.integers())
def test_a_list_at_rest_is_read_in_order(length: int, page_size: int, seed: int | None) -> None:
    moving = MovingList(length, [], 100)
    ahead = None if seed is None else OutOfOrder(seed)

    assert read(moving, page_size, ahead) == moving.jobs


def test_the_order_of_jobs_is_not_that_of_the_responses() -> None:
    moving = MovingList(400, [], 100)
    ahead = OutOfOrder(1)

    assert read(moving, 20, ahead) == moving.jobs
    assert len(ahead.finished) > 400 // 20
    assert ahead.finished != sorted(ahead.finished)


def test_a_list_at_rest_costs_few_requests_more_where_they_run_ahead() -> None:
    alone, together = MovingList(400, [], 100), MovingList(400, [], 100)
    read(alone, 20)
    read(together, 20, OutOfOrder(1))

    assert alone.requests <= together.requests <= alone.requests + 8


def test_pages_of_all_lengths_are_not_guessed_at() -> None:
    moving = MovingList(400, [], 100)
    moving.lengths = cycle([12, 7, 20, 9])
    ahead = OutOfOrder(1)

    assert read(moving, 20, ahead) == moving.jobs
    assert not ahead.finished


def test_a_short_page_is_not_the_end() -> None:
    moving = MovingList(30, [], most=3)

    assert read(moving, 10) == moving.jobs


def test_a_list_that_never_rests_is_an_error() -> None:
    moving = MovingList(100_000, [*[("nothing", 0, 0)] * 60, *[("vanish", 0, 50)] * 100], most=10)

    with pytest.raises(StreamError, match="faster than it can be read"):
        read(moving, 10)


@pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
@pytest.mark.parametrize(("concurrency", "pages"), [(1, (3, 9)), (8, (9,))])
def test_jobs_that_arrive_meanwhile_push_nothing_out(
    team_of: Callable[..., Team], order: str, concurrency: int, pages: tuple[int, ...]
) -> None:
    team = team_of(scale=1.0, rest_order=order)
    there = team.by_key("jobs").keys()
    for page in pages:
        team.meanwhile(lambda: team.sandbox.advance(days=4), route="jobs", skip=page)

    output = team.run("jobs", jobs_page_size=11, concurrency=concurrency)

    found = output.by_key("jobs", "jobId")
    assert there <= found.keys() <= team.by_key("jobs").keys()
    assert len(found) == len(output.records["jobs"])
    if order == "oldest_first":
        assert found.keys() > there


class LyingList(MovingList):
    """Honest for a while, then it answers whatever is asked with one of a few pages."""

    def __init__(self, length: int, honest: int, pages: list[list[int]]) -> None:
        super().__init__(length, [], 100)
        self._honest = honest
        self._pages = [[{"jobId": f"job {number}"} for number in page] for page in pages]
        self.bare = 0
        """Responses that held only jobs that came before."""
        self._sent: set[str] = set()

    def rows(
        self, _: Endpoint, __: StreamStats, *, params: Mapping[str, int], codec: Codec
    ) -> Rows:
        if self.requests < self._honest:
            rows = super().rows(_, __, params=params, codec=codec).rows
        else:
            rows = self._pages[self.requests % len(self._pages)]
            self.requests += 1
        jobs = {row["jobId"] for row in rows}
        self.bare += bool(jobs) and jobs <= self._sent
        self._sent |= jobs
        return Rows(rows, 0)


PAGES = st.lists(st.lists(st.integers(0, 40), max_size=6, unique=True), min_size=1, max_size=5)


@given(st.integers(0, 40), st.integers(0, 8), PAGES, st.integers(1, 12))
def test_a_list_that_lies_is_left(
    length: int, honest: int, pages: list[list[int]], page_size: int
) -> None:
    lying = LyingList(length, honest, pages)
    try:
        found = read(lying, page_size)
    except StreamError as error:
        reason = str(error)
    else:
        reason = ""
        assert len(found) == len(set(found))
    assert not reason or "never end" in reason or "faster than it can be read" in reason
    assert lying.requests < 600


@pytest.mark.parametrize("pages", [[[0, 1, 2]], [[7]], [[0, 1], [2, 3]]])
def test_three_responses_without_a_new_job_are_an_error(pages: list[list[int]]) -> None:
    lying = LyingList(9, 3, pages)

    with pytest.raises(StreamError, match="3 responses in a row brought nothing new"):
        read(lying, 3)

    assert lying.bare <= 3


@pytest.mark.parametrize("body", ["page", "object"])
def test_a_vendor_that_takes_no_notice_of_skip_is_left(team: Team, body: str) -> None:
    rows = list(team.by_key("jobs").values())[:20]
    sent = json.dumps(rows if body == "page" else rows[0])
    team.sandbox.fault("status", route="jobs", status=200, body=sent, times=None)

    output = team.run("jobs", "users")

    assert "GET /jobs/v1/ does not move" in output.failures["jobs"]
    assert "never end" in output.failures["jobs"]
    assert len(team.asked("jobs")) == 4
    assert output.records["users"]


def test_a_burst_of_new_jobs_is_no_standstill() -> None:
    burst = [("nothing", 0, 0)] * 3 + [("arrive", 0, 50)]
    moving = MovingList(60, burst, most=100)

    assert moving.stayed <= set(read(moving, 10))


@pytest.mark.parametrize("status", [404, 410, 204])
def test_a_page_after_the_last_one_may_not_exist(team: Team, status: int) -> None:
    past = len(team.by_key("jobs"))
    team.sandbox.fault(
        "status", route="jobs", contains=f"skip={past}", status=status, body="", times=None
    )

    output = team.run("jobs", jobs_page_size=100, max_attempts=1)

    assert_complete(team, output, "jobs")
    assert any(f"skip={past}" in asked for asked in team.asked("jobs"))


def test_a_list_that_does_not_exist_is_never_empty(team: Team) -> None:
    team.sandbox.fault("status", route="jobs", status=404, times=None)

    assert "404" in team.run("jobs").failures["jobs"]
