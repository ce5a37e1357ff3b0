"""Filters: what means the same has the same fingerprint, and no bound loses a job."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_flow.filters import FOREVER, JobFilters, on_edge, outside
from tap_flow.job_pages import JobPage
from tap_kit.time.clock import parse_time
from tap_kit.time.windows import Window, windows

TIMES = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001  # the zone follows


def filters(**given_: Any) -> JobFilters:  # noqa: ANN401  # filters have all types
    return JobFilters(given_, slashes=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"userId": None}),
        ({"userId": "a"}, {"userId": ["a"]}),
        ({"userId": ["a", "b"], "jobId": "c"}, {"jobId": "c", "userId": ["b", "a"]}),
        ({"createdSince": "2024-01-01"}, {"createdSince": "2024-01-01T00:00:00Z"}),
    ],
)
def test_what_means_the_same_has_the_same_fingerprint(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert filters(**one).fingerprint == filters(**other).fingerprint


@pytest.mark.parametrize(
    "other",
    [{}, {"userId": "b"}, {"userName": "a"}, {"userId": ["a", "b"]}, {"userId": "a", "jobId": "a"}],
)
def test_what_means_something_else_has_another(other: dict[str, Any]) -> None:
    assert filters(userId="a").fingerprint != filters(**other).fingerprint


@given(
    TIMES,
    st.timedeltas(timedelta(0), timedelta(days=400)),
    TIMES,
    st.tuples(st.booleans(), st.booleans()),
)
def test_each_job_belongs_to_one_window_whatever_the_bounds_mean(
    start: datetime,
    length: timedelta,
    updated: datetime,
    bounds_of: tuple[bool, bool],
) -> None:
    since_open, before_closed = bounds_of
    # The vendor keeps milliseconds.
    updated = updated.replace(microsecond=updated.microsecond // 1000 * 1000)
    job = {"updated": updated.isoformat()}
    asked = 0
    asking = filters()
    asking.since_is_exclusive = since_open
    for window in windows(start, start + length, "month"):
        bounds = asking.arguments(window)
        since, before = (parse_time(str(bounds[f"updated{end}"])) for end in ("Since", "Before"))
        sent = (since < updated or (updated == since and not since_open)) and (
            updated < before or (updated == before and before_closed)
        )
        asked += sent and not on_edge(job, window)
        assert outside(job, window) <= (not sent)

    assert asked == (start <= updated < start + length)


def test_a_window_and_a_filter_of_time_go_together() -> None:
    window = Window(parse_time("2024-02-01"), parse_time("2024-03-01"))
    both = filters(updatedSince="2024-02-10", updatedBefore="2025-01-01", createdSince="2020-01-01")

    assert both.arguments(window) == {
        "createdSince": "2020-01-01T00:00:00.000Z",
        "updatedSince": "2024-02-10T00:00:00.000Z",
        "updatedBefore": "2024-03-01T00:00:00.001Z",
    }
    assert both.arguments()["updatedBefore"] == "2025-01-01T00:00:00.000Z"


def test_a_window_without_an_end() -> None:
    start = parse_time("2024-02-01")

    assert filters().arguments(Window(start, FOREVER)).keys() == {"updatedSince"}
    job = {"updated": "2999-01-01T00:00:00Z"}
    assert not on_edge(job, Window(start, FOREVER))
    assert not outside(job, Window(start, FOREVER))


@pytest.mark.parametrize("updated", [None, "", "never", 3])
def test_a_job_whose_time_can_not_be_read_is_never_left_out(updated: object) -> None:
    window = Window(None, parse_time("2024-02-01"))

    assert not on_edge({"updated": updated}, window)
    assert not outside({"updated": updated}, window)


def test_a_job_that_the_vendor_finds_by_another_time_is_kept() -> None:
    window = Window(parse_time("2024-02-01"), parse_time("2024-03-01"))

    assert not on_edge({"updated": "2024-01-15T00:00:00Z"}, window)
    assert outside({"updated": "2024-01-15T00:00:00Z"}, window)


@given(
    st.lists(st.integers(-3, 7).map(lambda ms: timedelta(milliseconds=ms)) | st.none()),
    st.tuples(st.booleans(), st.booleans()),
)
def test_a_page_is_inside_when_none_of_its_jobs_is_not(
    changes: list[timedelta | None], bounds: tuple[bool, bool]
) -> None:
    since, until = bounds
    start = parse_time("2024-02-01")
    end = start + timedelta(milliseconds=5)
    window = Window(start if since else None, end if until else FOREVER)
    jobs = [{"updated": change and (start + change).isoformat()} for change in changes]

    strays = [job for job in jobs if on_edge(job, window) or outside(job, window)]
    assert JobPage(jobs, None, 0).inside(window) == (not strays)
