"""All streams are complete, whichever way giosg behaves where nothing says how it does."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.tap_giosg.conftest import EVENTS, NOW, Account, contents, latest, payloads

if TYPE_CHECKING:
    from collections.abc import Callable

VARIANTS: list[dict[str, str]] = [
    {},
    {"auth": "bearer"},
    {"workflow_list": "paged"},
    {"listed": "without_default"},
    {"edges": "half_open"},
    {"edges": "end_inclusive"},
    {"empty_window": "not_found"},
    {"empty_window": "bare"},
    {"order": "descending"},
    {"headings": "repeated_and_blank"},
    {"headings": "like_envelope"},
    {"csv_charset": "utf-8-bom"},
    {"csv_charset": "latin-1"},
    {"csv_charset": "utf-16"},
    {"csv_newline": "lf"},
    {"info_dates": "date"},
    {"info_without_events": "absent"},
    {"longest_interval": "31"},
]


@pytest.mark.parametrize("variants", VARIANTS, ids=str)
def test_everything_is_delivered(
    account_of: Callable[..., Account], variants: dict[str, str]
) -> None:
    account = account_of(**variants)

    output = account.run()

    assert output.failures == {}
    for stream in ("workflows", "workflow_info"):
        found = output.by_key(stream, "id")
        assert [*found.values()] == output.records[stream]
        assert contents(found.values()) == contents(account.truth(stream))
    sidedata = output.by_key("workflow_sidedata", "workflow_id", "interval_start")
    expected = {
        (row["workflow_id"], row["interval_start"]): row
        for row in account.truth("workflow_sidedata")
    }
    assert sidedata.keys() == expected.keys()
    for key, row in expected.items():
        assert contents([sidedata[key]]) == contents([row])
    assert contents(latest(output, "step_source_data")) == contents(
        account.truth("step_source_data")
    )
    assert contents(latest(output, "source_data")) == contents(
        account.truth("source_data", typed=True)
    )
    assert not account.sandbox.journal.writes()


JSON: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, {}),
    ({"rows": "arrays"}, {}),
    ({"rows": "arrays", "fields": "id"}, {}),
    ({"rows": "arrays", "fields": "strings"}, {}),
    ({"fields": "key"}, {}),
    ({"headings": "repeated_and_blank"}, {}),
    ({"headings": "like_envelope"}, {}),
    ({"empty_window": "bare"}, {}),
    ({}, {"basic": True}),
]


@pytest.mark.parametrize(("variants", "settings"), JSON, ids=str)
def test_json_rows_have_their_types(
    account_of: Callable[..., Account], variants: dict[str, str], settings: dict[str, Any]
) -> None:
    account = account_of(**variants)

    output = account.run(*EVENTS, step_data_format="json", **settings)

    for stream in EVENTS:
        truth = account.truth(stream, typed=True, **settings)
        assert contents(latest(output, stream)) == contents(truth)
    assert all(payload["basic"] is bool(settings) for payload in payloads(account.requests("step")))


@pytest.mark.parametrize("dates", ["excel", "text"])
def test_workbooks_hold_the_same_rows(account_of: Callable[..., Account], dates: str) -> None:
    account = account_of(xlsx_dates=dates)

    output = account.run("step_source_data", step_data_format="xlsx")

    rows = latest(output, "step_source_data")
    truth = account.truth("step_source_data")
    assert contents(rows, without=["timestamp"]) == contents(truth, without=["timestamp"])
    # Excel keeps no zeros at the end of a fraction.
    assert sorted(map(_moment, rows)) == sorted(map(_moment, truth))


def _moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))


def test_three_formats_give_the_same_ids(account: Account) -> None:
    catalog = account.discover()

    ids = [
        sorted(
            row["row_id"]
            for row in latest(
                account.run("step_source_data", catalog=catalog, step_data_format=format_),
                "step_source_data",
            )
        )
        for format_ in ("csv", "xlsx", "json")
    ]

    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == len(account.truth("step_source_data"))


def test_all_targets_can_be_had(account: Account) -> None:
    targets = {
        "source_data": ["affected_goal", "affected_goal_total"],
        "step_source_data": ["default", "triggered_goal"],
    }

    output = account.run(
        *EVENTS,
        source_data_targets=targets["source_data"],
        step_targets=targets["step_source_data"],
    )

    for stream, chosen in targets.items():
        truth = account.truth(stream, targets=chosen, typed=stream == "source_data")
        assert contents(latest(output, stream)) == contents(truth)


def test_declared_columns_have_their_types(account: Account) -> None:
    columns = {"value": "number", "is_new_visitor": "boolean", "booked_on": "date"}

    output = account.run("step_source_data", columns={**columns, "timestamp": "date-time"})

    found = contents(latest(output, "step_source_data"), without=["timestamp"])
    truth = account.truth("step_source_data", typed=True)
    assert found == contents(truth, without=["timestamp"])
    properties = output.schemas["step_source_data"]["schema"]["properties"]
    assert properties["value"]["type"] == ["number", "null"]
    assert properties["booked_on"]["format"] == "date"


def test_windows_are_weeks_that_touch(account: Account) -> None:
    output = account.run("step_source_data")

    intervals = {
        (row["workflow_id"], row["interval_start"], row["interval_end"])
        for row in output.records["step_source_data"]
    }
    for _, start, end in intervals:
        assert datetime.fromisoformat(end.replace("Z", "+00:00")) <= NOW
        assert start == "2026-02-10T00:00:00Z" or _weekday(start) == 0 or _is_first(account, start)
        assert end == "2026-03-12T10:30:00Z" or _weekday(end) == 0
    asked = [payload["interval"] for payload in payloads(account.requests("download"))]
    assert all(edge.endswith("+00:00") for interval in asked for edge in interval.values())


def _weekday(text: str) -> int:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).weekday()


def _is_first(account: Account, start: str) -> bool:
    infos = account.truth("workflow_info")
    return any(info["start_date"] == start for info in infos)


def test_what_streams_share_is_asked_once(account: Account) -> None:
    account.run(concurrency=8)

    assert len(account.requests("me")) == len(account.requests("workflows")) == 1
    assert len(account.requests("info")) == len(account.truth("workflow_info"))


def test_signed_links_come_without_their_signature(account: Account) -> None:
    output = account.run(*EVENTS)
    links = [
        row["recording_url"]
        for stream in EVENTS
        for row in output.records[stream]
        if row.get("recording_url")
    ]
    assert links
    assert not any("?" in link for link in links)

    with_secrets = account.run("step_source_data", include_secrets=True)
    rows = latest(with_secrets, "step_source_data")
    assert any("sig=" in row["recording_url"] for row in rows if row["recording_url"])
    assert {row["row_id"] for row in rows} == {
        row["row_id"] for row in latest(output, "step_source_data")
    }
