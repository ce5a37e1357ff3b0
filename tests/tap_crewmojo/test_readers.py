"""Which days are asked for, and how far the bookmark goes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tap_crewmojo.conftest import (
    YESTERDAY,
    Tenant,
    asked_days,
    assert_complete,
    bookmark,
    reached,
    state_at,
)


def test_windows_are_whole_days_that_don_t_touch(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.clear_journal()
    item = {"report": "objectives.detail", "window": "quarter"}
    tenant.run(item, catalog=catalog, start_date="2024-11-30T15:30:00Z", concurrency=1)
    assert asked_days(tenant, "objectives.detail") == [
        (20241130, 20241231),
        (20250101, 20250331),
        (20250401, 20250602),
    ]


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({"window": "day", "lookback_days": 0}, 20250601),
        ({"window": "day", "lookback_days": 2}, 20250530),
        ({"window": "month", "lookback_days": 0}, 20250601),
        ({"window": "month", "lookback_days": 7}, 20250501),
        ({"window": "year", "lookback_days": 7}, 20250304),
    ],
)
def test_look_back_reads_whole_windows_again(
    tenant: Tenant, settings: dict[str, Any], first: int
) -> None:
    catalog = tenant.discover("objectives.detail")
    for item, common in (({}, settings), (settings, {"window": "quarter", "lookback_days": 99})):
        tenant.sandbox.clear_journal()
        output = tenant.run(
            {"report": "objectives.detail", **item},
            catalog=catalog,
            state=state_at(YESTERDAY),
            **common,
        )
        asked = asked_days(tenant, "objectives.detail")
        assert min(asked)[0] == first
        assert max(asked)[1] == 20250602
        assert reached(output) == state_at(YESTERDAY)


def test_the_next_day_brings_what_is_new_late_and_edited(tenant: Tenant) -> None:
    catalog = tenant.discover()
    before = tenant.run(catalog=catalog)
    tenant.sandbox.advance(days=1)
    after = tenant.run(catalog=catalog, state=before.state)
    assert reached(after)["bookmarks"]["objectives_detail"] == bookmark("2025-06-02")
    target = before.by_key("objectives_detail", "checkInId")
    changed = after.by_key("objectives_detail", "checkInId")
    assert any(key in target and target[key] != row for key, row in changed.items())
    assert changed.keys() - target.keys()
    truth = tenant.truth("objectives_detail")
    tenant.assert_same([*{**target, **changed}.values()], truth, "objectives_detail")
    # Rows that have not changed keep their id: a target knows them again.
    goals = before.by_key("goals_slow", "row_id") | after.by_key("goals_slow", "row_id")
    truth = tenant.truth("goals_slow")
    tenant.assert_same([*goals.values()], truth, "goals_slow")


def test_today_is_read_again_until_it_is_over(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.clear_journal()
    output = tenant.run("objectives.detail", catalog=catalog, start_date="2025-06-02")
    assert asked_days(tenant, "objectives.detail") == [(20250602, 20250602)]
    assert output.state["bookmarks"] == {}, "no day is over yet"
    tenant.sandbox.advance(days=1)
    tenant.sandbox.clear_journal()
    output = tenant.run(
        "objectives.detail", catalog=catalog, start_date="2025-06-02", state=output.state
    )
    assert asked_days(tenant, "objectives.detail") == [(20250602, 20250603)]
    assert reached(output) == state_at("2025-06-02")


@pytest.mark.parametrize(
    ("end_date", "last", "complete"),
    [
        ("2025-05-01", 20250430, "2025-04-30"),
        ("2025-05-01T00:00:00Z", 20250430, "2025-04-30"),
        ("2025-05-01T08:00:00Z", 20250501, "2025-05-01"),
        ("2030-01-01", 20250602, YESTERDAY),
    ],
)
def test_a_backfill_ends_before_its_end_date(
    tenant: Tenant, end_date: str, last: int, complete: str
) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.clear_journal()
    output = tenant.run("objectives.detail", catalog=catalog, end_date=end_date)
    assert max(asked_days(tenant, "objectives.detail"))[1] == last
    assert reached(output) == state_at(complete)


def test_a_bookmark_beyond_the_end_date_stays(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    output = tenant.run(
        "objectives.detail", catalog=catalog, end_date="2025-04-01", state=state_at("2025-05-20")
    )
    assert reached(output) == state_at("2025-05-20")


def test_a_bookmark_of_a_wrong_clock_stays_and_the_last_days_are_read(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.clear_journal()
    output = tenant.run("objectives.detail", catalog=catalog, state=state_at("2031-01-01"))
    asked = sorted(first for first, _ in asked_days(tenant, "objectives.detail"))
    assert asked == [20250501, 20250601]
    assert output.records["objectives_detail"]
    assert reached(output) == state_at("2031-01-01")


def test_full_table_in_the_catalog_reads_everything_and_keeps_no_bookmark(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    catalog["streams"][0]["replication_method"] = "FULL_TABLE"
    output = tenant.run("objectives.detail", catalog=catalog, state=state_at(YESTERDAY))
    assert_complete(tenant, output, "objectives_detail")
    assert reached(output) == state_at(YESTERDAY)


def test_an_interrupted_run_goes_on_where_it_was(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.fault("status", route="report", status=403, contains="20250501", times=None)
    first = tenant.run("objectives.detail", catalog=catalog, concurrency=1)
    assert "objectives_detail" in first.failures
    assert reached(first) == state_at("2025-04-30")
    tenant.sandbox.clear_faults()
    second = tenant.run("objectives.detail", catalog=catalog, state=first.state)
    found = first.by_key("objectives_detail", "checkInId")
    found |= second.by_key("objectives_detail", "checkInId")
    truth = tenant.truth("objectives_detail")
    tenant.assert_same([*found.values()], truth, "objectives_detail")


def test_a_window_without_rows_moves_the_bookmark(tenant: Tenant) -> None:
    output = tenant.run("bad.headings")
    assert output.exit_code == 0
    assert not output.records
    assert reached(output) == state_at(YESTERDAY, "bad_headings")
