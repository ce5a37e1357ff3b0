"""Slow reports, step by step, by a clock that moves only when the tap waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_crewmojo.report_jobs import (
    Job,
    JobGoneError,
    NeverReadyError,
    PollPolicy,
    fetch_report,
)
from tap_kit.errors import VendorError

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY = PollPolicy(poll_interval=5, timeout=300, restarts=3)
ROWS = "rows"
GONE = JobGoneError("HTTP 400: Unknown or expired jobId")


@dataclass
class Crewmojo:
    """Answers a question as the script says; the last answer stays."""

    script: list[str | Job | Exception]
    now: float = 0.0
    asking: float = 0.0
    polling: float = 0.0
    asks: list[float] = field(default_factory=list)
    polls: list[tuple[str, float]] = field(default_factory=list)

    def __str__(self) -> str:
        return "oneonone.summary"

    def request(self) -> str | Job:
        self.asks.append(self.now)
        self.now += self.asking
        return self._answer()

    def poll(self, job: Job) -> str | Job:
        self.polls.append((job.id, self.now))
        self.now += self.polling
        return self._answer()

    def _answer(self) -> str | Job:
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def run(crewmojo: Crewmojo, policy: PollPolicy = POLICY) -> tuple[str, list[float]]:
    """The report, and the waits on the way to it."""
    waits: list[float] = []
    steps = fetch_report(crewmojo, policy, clock=lambda: crewmojo.now)
    while True:
        try:
            pause = next(steps)
        except StopIteration as done:
            return done.value, waits
        waits.append(pause)
        crewmojo.now += pause


def test_rows_at_once_need_no_wait() -> None:
    assert run(Crewmojo([ROWS])) == (ROWS, [])


def test_the_first_poll_is_early_and_the_others_by_the_interval() -> None:
    job = Job("a")
    crewmojo = Crewmojo([job, job, job, ROWS])
    assert run(crewmojo) == (ROWS, [1, 5, 5])
    assert [at for _, at in crewmojo.polls] == [1, 6, 11]


def test_a_short_interval_counts_for_the_first_poll_too() -> None:
    policy = PollPolicy(poll_interval=0.05, timeout=300, restarts=0)
    assert run(Crewmojo([Job("a"), ROWS]), policy) == (ROWS, [0.05])


def test_the_newest_job_is_polled() -> None:
    crewmojo = Crewmojo([Job("a"), Job("b"), ROWS])
    run(crewmojo)
    assert [job for job, _ in crewmojo.polls] == ["a", "b"]


def test_a_report_is_abandoned_in_time_and_asked_for_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Job("first"), Job("second")
    crewmojo = Crewmojo([*(first,) * 62, second, ROWS])
    result, waits = run(crewmojo)
    assert result == ROWS
    assert crewmojo.asks == [0, 300]
    assert crewmojo.polls[-2:] == [("first", 300), ("second", 301)]
    assert waits[60] == 4, "the last wait ends with the time"
    assert caplog.messages == [
        "oneonone.summary is not ready after 300 seconds; asking for it again"
    ]


def test_a_job_that_is_gone_is_asked_for_again(caplog: pytest.LogCaptureFixture) -> None:
    crewmojo = Crewmojo([Job("a"), GONE, Job("b"), ROWS])
    assert run(crewmojo) == (ROWS, [1, 1])
    assert crewmojo.asks == [0, 1]
    assert "is gone (HTTP 400: Unknown or expired jobId); asking" in caplog.text


def test_abandoned_and_gone_count_together() -> None:
    policy = PollPolicy(poll_interval=10, timeout=20, restarts=2)
    crewmojo = Crewmojo([Job("a"), GONE, Job("b")])
    with pytest.raises(NeverReadyError) as caught:
        run(crewmojo, policy)
    assert len(crewmojo.asks) == 3
    message = str(caught.value)
    assert "asked for 3 times and not delivered" in message
    assert "1 times gone (HTTP 400" in message
    assert "2 times not ready after 20 seconds" in message


def test_without_restarts_one_failure_is_enough() -> None:
    crewmojo = Crewmojo([Job("a"), GONE])
    with pytest.raises(NeverReadyError):
        run(crewmojo, PollPolicy(poll_interval=5, timeout=300, restarts=0))
    assert len(crewmojo.asks) == 1


def test_a_job_that_came_late_is_polled_once_all_the_same() -> None:
    crewmojo = Crewmojo([Job("a"), ROWS], asking=400)
    assert run(crewmojo) == (ROWS, [0])


def test_the_time_runs_from_the_question_on() -> None:
    policy = PollPolicy(poll_interval=5, timeout=60, restarts=0)
    crewmojo = Crewmojo([Job("a")], asking=30, polling=2)
    with pytest.raises(NeverReadyError):
        run(crewmojo, policy)
    assert crewmojo.polls[-1][1] <= 60


@pytest.mark.parametrize("script", [[], [Job("a")]])
def test_other_errors_are_not_tried_again(script: list[str | Job | Exception]) -> None:
    crewmojo = Crewmojo([*script, VendorError("no", status=403)])
    with pytest.raises(VendorError):
        run(crewmojo)
    assert len(crewmojo.asks) == 1


def _answers() -> st.SearchStrategy[list[str | Job | Exception]]:
    job = st.sampled_from([Job("a"), Job("b")])
    return st.lists(st.one_of(job, job, st.just(GONE)), max_size=60)


@given(
    polls=_answers(),
    policy=st.builds(
        PollPolicy,
        poll_interval=st.floats(0.1, 30),
        timeout=st.floats(1, 100),
        restarts=st.integers(0, 4),
    ),
    asking=st.floats(0, 120),
)
def test_it_ends_and_keeps_its_limits(
    polls: list[str | Job | Exception], policy: PollPolicy, asking: float
) -> None:
    class Fair(Crewmojo):
        """A question is answered with a job: only polls find it gone."""

        def request(self) -> str | Job:
            self.asks.append(self.now)
            self.now += self.asking
            return Job("new")

    crewmojo = Fair([*polls, Job("never")], asking=asking)
    ended = list(_until_the_end(crewmojo, policy))
    assert len(crewmojo.asks) == policy.restarts + 1
    for start, polled in ended:
        assert 0 < polled - start <= max(policy.timeout, asking) + 1e-6


def _until_the_end(crewmojo: Crewmojo, policy: PollPolicy) -> Iterator[tuple[float, float]]:
    with pytest.raises(NeverReadyError):
        run(crewmojo, policy)
    for start, following in zip(crewmojo.asks, [*crewmojo.asks[1:], crewmojo.now], strict=True):
        yield start, max(at for _, at in crewmojo.polls if start <= at <= following)
