"""Each workflow, step and target has a bookmark of its own: nothing is lost, little read twice."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tap_giosg.tap import TapGiosg
from tests.singer import Output, select, sync
from tests.tap_giosg.conftest import EVENTS, Account, contents, latest, payloads
from tests.tap_giosg.given import WORKFLOW, Given

if TYPE_CHECKING:
    from collections.abc import Callable

UNTIL = "2026-03-12T10:30:00Z"


def partitions(state: dict[str, Any], stream: str) -> dict[tuple[Any, ...], str]:
    return {
        tuple(partition["context"].values()): partition["replication_key_value"]
        for partition in state["bookmarks"][stream]["partitions"]
    }


def starts(account: Account, route: str) -> set[str]:
    """Where the windows began that were asked for."""
    asked = payloads(account.requests(route))
    return {payload["interval"]["start"] for payload in asked if "limit" not in payload}


def test_every_partition_is_read_up_to_the_runs_start(account: Account) -> None:
    output = account.run(step_targets=["default", "triggered_goal"])

    for stream, names in (
        ("workflow_sidedata", ["workflow_id"]),
        ("source_data", ["workflow_id", "target"]),
        ("step_source_data", ["workflow_id", "step_index", "target"]),
    ):
        kept = output.state["bookmarks"][stream]["partitions"]
        assert {tuple(partition["context"]) for partition in kept} == {tuple(names)}
        assert {partition["replication_key"] for partition in kept} == {"interval_end"}
        assert set(partitions(output.state, stream).values()) == {UNTIL}
    rows = output.records["step_source_data"]
    assert set(partitions(output.state, "step_source_data")) == {
        (row["workflow_id"], row["step_index"], row["target"]) for row in rows
    }


def test_the_next_day_brings_what_is_new_and_late(account: Account) -> None:
    catalog = account.discover()
    first = account.run(*EVENTS, catalog=catalog)
    account.sandbox.advance(days=1)
    account.sandbox.clear_journal()

    second = account.run(*EVENTS, catalog=catalog, state=first.state)

    for stream in EVENTS:
        both = Output(first.lines + second.lines)
        truth = account.truth(stream, typed=stream == "source_data")
        assert contents(latest(both, stream)) == contents(truth)
        ends = set(partitions(second.state, stream).values())
        assert ends == {"2026-03-13T10:30:00Z"}
    # Two days behind Thursday's bookmark is Tuesday: its whole week is read again.
    for route in ("source_data", "download"):
        assert starts(account, route) == {"2026-03-09T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("lookback_days", "start"), [(0, "2026-03-09"), (3.5, "2026-03-02"), (10, "2026-03-02")]
)
def test_the_look_back_reads_whole_windows(
    account: Account, lookback_days: float, start: str
) -> None:
    settings: dict[str, Any] = {"lookback_days": lookback_days, "start_date": "2026-02-20"}
    catalog = account.discover()
    first = account.run("source_data", catalog=catalog, **settings)
    assert min(starts(account, "source_data")) == "2026-02-20T00:00:00+00:00"
    account.sandbox.clear_journal()

    account.run("source_data", catalog=catalog, state=first.state, **settings)

    assert min(starts(account, "source_data")) == f"{start}T00:00:00+00:00"


def test_an_end_date_bounds_rows_and_bookmarks(account: Account) -> None:
    catalog = account.discover()

    early = account.run("step_source_data", catalog=catalog, end_date="2026-03-04")
    rows = latest(early, "step_source_data")
    assert rows
    assert max(row["timestamp"] for row in rows) <= "2026-03-04T00:00:00.000Z"
    assert set(partitions(early.state, "step_source_data").values()) == {"2026-03-04T00:00:00Z"}

    full = account.run("step_source_data", catalog=catalog, state=early.state)
    again = account.run(
        "step_source_data", catalog=catalog, state=full.state, end_date="2026-03-04"
    )
    assert set(partitions(again.state, "step_source_data").values()) == {UNTIL}
    both = Output(early.lines + full.lines)
    assert contents(latest(both, "step_source_data")) == contents(account.truth("step_source_data"))


def test_a_draft_has_no_bookmark_and_a_new_workflow_begins_with_its_first_event(
    account: Account,
) -> None:
    first = account.run()
    drafts = {
        info["id"] for info in account.truth("workflow_info") if info.get("start_date") is None
    }
    assert len(drafts) == 1
    for stream in ("workflow_sidedata", *EVENTS):
        assert not drafts & {key[0] for key in partitions(first.state, stream)}

    known = {row["id"] for row in account.truth("workflows")}
    account.sandbox.advance(days=5)
    second = account.run(state=first.state)

    (new,) = {row["id"] for row in account.truth("workflows")} - known
    assert {new} == {row["workflow_id"] for row in second.records["step_source_data"]} - known
    both = Output(first.lines + second.lines)
    assert contents(latest(both, "step_source_data")) == contents(account.truth("step_source_data"))


@pytest.mark.parametrize("empty", ["empty", "not_found", "bare"])
def test_a_window_without_rows_moves_the_bookmark(
    account_of: Callable[..., Account], empty: str
) -> None:
    account = account_of(empty_window=empty)
    (ended,) = (
        info["id"]
        for info in account.truth("workflow_info")
        if info.get("end_date") and info["end_date"] < "2026-03-05"
    )
    output = account.run("step_source_data", "workflow_sidedata", workflow_ids=[ended])

    assert max(row["timestamp"] for row in output.records["step_source_data"]) < "2026-03-05"
    for stream in ("step_source_data", "workflow_sidedata"):
        assert set(partitions(output.state, stream).values()) == {UNTIL}


def test_whatever_state_a_run_left_the_next_one_completes_it(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_kit.engine.state.RECORDS_BETWEEN", 40)
    catalog = account.discover()
    whole = account.run(*EVENTS, catalog=catalog)
    assert len(whole.states) > 6
    truths = {
        stream: contents(account.truth(stream, typed=stream == "source_data")) for stream in EVENTS
    }

    places = [at for at, line in enumerate(whole.lines) if line["type"] == "STATE"]
    for place in places[:: len(places) // 4]:
        before = whole.lines[: place + 1]
        rest = account.run(*EVENTS, catalog=catalog, state=before[-1]["value"])
        for stream, truth in truths.items():
            assert contents(latest(Output(before + rest.lines), stream)) == truth


def test_a_stream_that_fails_keeps_what_it_had(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.fault(
        "status", route="download", status=403, contains="2026-03-09", skip=2, times=None
    )

    broken = account.run(*EVENTS, catalog=catalog)

    assert list(broken.failures) == ["step_source_data"]
    assert contents(latest(broken, "source_data")) == contents(
        account.truth("source_data", typed=True)
    )
    account.sandbox.clear_faults()
    mended = account.run(*EVENTS, catalog=catalog, state=broken.state)
    assert mended.failures == {}
    both = Output(broken.lines + mended.lines)
    assert contents(latest(both, "step_source_data")) == contents(account.truth("step_source_data"))


def test_full_table_in_the_catalog_reads_everything_again(account: Account) -> None:
    catalog = select(account.discover(), "source_data")
    first = sync(TapGiosg, account.config, catalog=catalog)
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "source_data":
            entry["replication_method"] = "FULL_TABLE"

    second = sync(TapGiosg, account.config, catalog=catalog, state=first.state)

    assert len(second.records["source_data"]) == len(first.records["source_data"])


@pytest.mark.parametrize("edges", ["both", "start", "end"])
def test_equal_rows_on_the_edge_of_windows_stay_as_many_as_they_are(
    account_given: Account, given: Given, edges: str
) -> None:
    given.edges = edges
    monday = datetime(2026, 3, 9, tzinfo=timezone.utc)
    given.headings = ("at", "text")
    given.rows = [
        (time, (time.isoformat(), "twin"))
        for time in (monday, monday, monday + timedelta(seconds=1))
    ]

    output = account_given.run("step_source_data")

    assert len(latest(output, "step_source_data")) == 3
    assert len(output.records["step_source_data"]) == (5 if edges == "both" else 3)


def test_a_bookmark_that_is_no_time_is_a_clear_error(account_given: Account) -> None:
    state = {
        "bookmarks": {
            "step_source_data": {
                "partitions": [
                    {
                        "context": {"workflow_id": WORKFLOW, "step_index": 1, "target": "default"},
                        "replication_key": "interval_end",
                        "replication_key_value": "yesterday",
                    }
                ]
            }
        }
    }
    with pytest.raises(Exception, match="state: the bookmark of step_source_data must be a date"):
        account_given.run("step_source_data", state=state)
