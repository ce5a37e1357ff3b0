"""What giosg finds too long or too heavy comes in halves, as if it had come at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given as for_any
from hypothesis import settings as how
from hypothesis import strategies as st

from sandbox.web import Response
from tests.tap_giosg.conftest import Account, payloads
from tests.tap_giosg.given import CATALOG, FIRST_EVENT, Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.singer import Output


# Quarter hours, so that rows lie on edges of halves: 3.5 days, 42, 21, 10, 5, 2 hours, 1 hour.
moments = st.integers(0, 7 * 24 * 4).map(lambda quarter: FIRST_EVENT + timedelta(hours=quarter / 4))
on_edges = st.sampled_from([0, 10, 20, 21, 42, 63, 84, 105, 126, 168]).map(
    lambda hour: FIRST_EVENT + timedelta(hours=hour)
)
rows = st.lists(st.tuples(moments | on_edges, st.sampled_from("abc")), max_size=12)


def one_window(account: Account, max_attempts: int = 1) -> Output:
    return account.run(
        "step_source_data", catalog=CATALOG, end_date="2026-03-09", max_attempts=max_attempts
    )


def ids(account: Account) -> list[tuple[str, str]]:
    output = one_window(account)
    assert output.failures == {}
    records = output.records["step_source_data"]
    intervals = {(row["interval_start"], row["interval_end"]) for row in records}
    assert intervals <= {("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")}
    return sorted((row["row_id"], row["text"]) for row in records)


@pytest.mark.parametrize("edges", ["both", "start", "end"])
@for_any(rows=rows, limits=st.tuples(st.integers(1, 168), st.integers(1, 12)))
@how(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_halves_bring_the_rows_and_ids_of_the_whole(
    account_given: Account, given: Given, edges: str, rows: list[Any], limits: tuple[int, int]
) -> None:
    given.edges = edges
    given.rows = [(time, (text,)) for time, text in rows]
    given.longest, given.most = timedelta.max, 10**9
    whole = ids(account_given)

    longest, most = limits
    given.longest = timedelta(hours=longest)
    assert ids(account_given) == whole
    given.longest = timedelta.max
    crowd = max((sum(time == other for other, _ in rows) for time, _ in rows), default=1)
    given.most = max(most, 5 * crowd)
    assert ids(account_given) == whole


def test_without_a_test_of_the_edge_rows_come_rather_twice_than_not_at_all(
    account_given: Account, given: Given
) -> None:
    given.rows = [(FIRST_EVENT + timedelta(hours=84), ("on the edge",))]
    given.longest = timedelta(days=4)
    given.instants = False

    assert len(ids(account_given)) == 2


def intervals(account: Account) -> list[timedelta]:
    asked = [payload["interval"] for payload in payloads(account.requests("download"))]
    return [_moment(interval["end"]) - _moment(interval["start"]) for interval in asked]


def _moment(text: str) -> Any:  # noqa: ANN401  # a datetime
    return type(FIRST_EVENT).fromisoformat(text)


@pytest.mark.parametrize("status", [400, 500])
def test_an_hour_is_the_shortest_interval(
    account_given: Account, given: Given, status: int
) -> None:
    given.download = Response(b'{"interval": ["Too long."]}', status)

    output = one_window(account_given, max_attempts=2)

    assert "Too long" in output.failures["step_source_data"]
    assert min(intervals(account_given)) == timedelta(hours=1)
    assert len(set(intervals(account_given))) == 8
    assert len(intervals(account_given)) == (8 if status == 400 else 16)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, '{"filters": ["Unknown property."]}'),
        (400, "{\"format\": [\"Format must be 'xlsx' or 'csv'.\"]}"),
        (406, '{"detail": "A filter for these days is not implemented."}'),
        (503, '{"detail": "Down for some hours."}'),
    ],
)
def test_other_refusals_are_not_asked_again_with_shorter_intervals(
    account_given: Account, given: Given, status: int, message: str
) -> None:
    given.download = Response(message.encode(), status)

    output = one_window(account_given)

    assert str(status) in output.failures["step_source_data"]
    assert len(intervals(account_given)) == 1


@pytest.mark.parametrize(
    ("window", "longest"), [("year", "31"), ("quarter", "31"), ("year", "180")]
)
def test_sidedata_of_too_long_windows_comes_by_shorter_ones_of_the_calendar(
    account_of: Callable[..., Account], window: str, longest: str
) -> None:
    account = account_of(longest_interval=longest)
    settings: dict[str, Any] = {"window": window, "start_date": "2025-01-15"}

    first = account.run("workflow_sidedata", **settings)
    account.sandbox.advance(days=1)
    second = account.run("workflow_sidedata", **settings)

    assert first.failures == {}
    starts = [
        {row["interval_start"] for row in output.records["workflow_sidedata"]}
        for output in (first, second)
    ]
    assert starts[0] == starts[1]
    assert "2025-01-15T00:00:00Z" in starts[0]
    assert {start[8:10] for start in starts[0]} == {"01", "15"}
