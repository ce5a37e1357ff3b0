"""Rows of events: windows, edges, limits, and truth equal to what is served."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.giosg.events import DAY, Series, Window, milliseconds, moment_of
from sandbox.giosg.organization import ALWAYS
from tests.sandbox.giosg.client import (
    EVERYTHING,
    MONDAY,
    NOW,
    WEEK,
    Client,
    content,
    interval,
    key,
    sheet_rows,
    whole,
)


class TestEvents:
    @given(
        number=st.integers(0, 2**32 - 1),
        rate=st.sampled_from([0.3, 4, 60, 500]),
        start=st.integers(-2 * DAY, 6 * DAY),
        length=st.integers(0, 3 * DAY),
        now=st.integers(0, 8 * DAY),
        descending=st.booleans(),
    )
    def test_a_window_holds_exactly_the_visible_rows_within_it(
        self, number: int, rate: float, start: int, length: int, now: int, *, descending: bool
    ) -> None:
        base = milliseconds(MONDAY)
        day = MONDAY.date().toordinal()
        series = Series(
            number, (("label", "a"), ("label", "b")), range(day, day + 5), rate, base + 3 * DAY
        )
        window = Window(base + start, base + start + length)
        found = list(series.events(window, base + now, descending=descending))
        everything = list(series.events(ALWAYS, base + now))
        times = [milliseconds(moment_of(event)) for event in everything]
        expected = [
            event
            for event, time in zip(everything, times, strict=True)
            if window.first <= time <= window.last
        ]
        assert found == (expected[::-1] if descending else expected)
        assert times == sorted(times)
        assert all(time <= base + now for time in times)

    @pytest.mark.parametrize("stream", ["source_data", "step_source_data"])
    def test_truth_is_what_is_served(self, stream: str) -> None:
        client = Client()
        served = client.all_rows(stream, EVERYTHING)
        expected = list(client.vendor.event_rows(stream, typed=True))
        assert len(served) > 100
        assert [key(row) for row in served] == [key(row) for row in expected]

    def test_a_window_has_identical_rows(self) -> None:
        counts = Counter(map(key, Client().vendor.truth("step_source_data")))
        assert max(counts.values()) == 2

    @pytest.mark.parametrize("edges", ["both_inclusive", "half_open", "end_inclusive"])
    def test_rows_on_an_edge_come_from_one_window_or_from_both(self, edges: str) -> None:
        client = Client(edges=edges, examples="left_out")
        mondays = [MONDAY - number * WEEK for number in range(14, -3, -1)]
        windows = [interval(start, end) for start, end in pairwise(mondays)]
        served = Counter(map(key, client.all_rows("step_source_data", windows)))
        truth = Counter(map(key, client.vendor.event_rows("step_source_data", typed=True)))
        doubled = served - truth
        assert not truth - served
        if edges == "both_inclusive":
            assert doubled
            assert all("T00:00:00.000Z" in row for row in doubled)
        else:
            assert not doubled

    def test_late_rows_have_older_event_times(self) -> None:
        client = Client()
        before = Counter(map(key, client.vendor.truth("step_source_data")))
        client.world.clock.advance(hours=14)  # before the new column
        after = {key(row): row for row in client.vendor.truth("step_source_data")}
        assert before.keys() < after.keys()
        late = [
            row
            for text, row in after.items()
            if text not in before and row["timestamp"] < "2026-11-23T09:29"
        ]
        assert late
        assert min(row["timestamp"] for row in late) > "2026-11-21T09:30"

    def test_a_column_appears_the_day_after(self) -> None:
        client = Client()
        assert "campaign" not in next(iter(client.vendor.truth("step_source_data")))
        client.world.clock.advance(days=2)
        rows = list(client.vendor.truth("step_source_data"))
        assert {row["timestamp"][:10] for row in rows if row["campaign"]} == {
            "2026-11-24",
            "2026-11-25",
        }
        start = NOW + timedelta(days=1)
        answer = client.post("interaction", "step/1", interval=interval(start, start + WEEK))
        assert content(answer)["fields"][-1] == {"name": "campaign", "type": "dimension"}
        assert all(row["campaign"] for row in content(answer)["data"])

    def test_a_step_rests_for_whole_weeks_while_others_go_on(self) -> None:
        weeks: dict[int, set[str]] = {1: set(), 3: set()}
        client = Client()
        id_ = client.workflow("giosg-default")
        for row in client.vendor.truth("step_source_data"):
            if row["workflow_id"] == id_ and row["step_index"] in weeks:
                year, week, _ = datetime.fromisoformat(row["timestamp"][:10]).isocalendar()
                weeks[row["step_index"]].add(f"{year}-{week}")
        assert 2 < len(weeks[3]) < len(weeks[1])

    def test_all_triggers_of_the_goals_include_the_related_ones(self) -> None:
        client = Client()
        related = content(client.post("interaction", "source_data"))["data"]
        total = content(client.post("interaction", "source_data", target="affected_goal_total"))
        ids = [row["event_id"] for row in total["data"]]
        assert {row["event_id"] for row in related} < set(ids)

    def test_limit_cuts(self) -> None:
        client = Client()
        rows = content(client.post("interaction", "step/1"))["data"]
        assert content(client.post("interaction", "step/1", limit=2))["data"] == rows[:2]

    @pytest.mark.parametrize("empty", ["empty", "not_found", "bare"])
    def test_an_empty_window(self, empty: str) -> None:
        client = Client(empty_window=empty)
        none = interval(NOW + WEEK, NOW + 2 * WEEK)
        answers = {
            "json": client.post("interaction", "step/1", interval=none),
            "csv": client.post("interaction", "step/1/download/", interval=none),
            "xlsx": client.post("interaction", "step/1/download/", interval=none, format="xlsx"),
        }
        if empty == "not_found":
            assert {answer.status for answer in answers.values()} == {404}
            return
        assert {answer.status for answer in answers.values()} == {200}
        columns = 0 if empty == "bare" else 12
        body = content(answers["json"])
        assert (len(body["fields"]), body["data"]) == (columns, [])
        assert len(whole(answers["csv"]).split(b",")) == max(columns, 1)
        assert sum(map(len, sheet_rows(answers["xlsx"]))) == columns

    def test_windows_too_long_and_too_heavy(self) -> None:
        client = Client(longest_interval="31", most_rows="20")
        quarter = interval(MONDAY - timedelta(days=90), MONDAY)
        answer = client.post("interaction", "step/1", interval=quarter)
        assert (answer.status, list(content(answer))) == (400, ["interval"])
        month = interval(MONDAY - timedelta(days=31), MONDAY)
        assert client.post("interaction", "step/1", interval=month).status == 500
        assert client.post("interaction", "step/1", interval=month, limit=1).status == 200
        day = interval(MONDAY, MONDAY + timedelta(days=1))
        assert client.post("interaction", "step/1", interval=day).status == 200


def test_a_million_rows_of_a_day_are_an_iterable() -> None:
    client = Client(shape="million_rows")
    organization = client.vendor.organization
    [workflow] = organization.listed()
    [series] = workflow.series(1, "default")
    assert isinstance(series, Series)
    assert [series.count(day) for day in workflow.days] == [1_000_000]
    start = datetime.fromisoformat(organization.info(workflow)["start_date"].replace("Z", "+00:00"))
    body = {"filters": [], "interval": interval(start, start + timedelta(hours=1))}
    answer = client.call("POST", client.reporting(workflow.id, "step/1/download/"), body)
    assert not isinstance(answer.body, bytes)
    lines = csv.reader(io.StringIO(whole(answer).decode(), newline=""))
    assert abs(sum(1 for _ in lines) - 1_000_000 / 24) < 3
