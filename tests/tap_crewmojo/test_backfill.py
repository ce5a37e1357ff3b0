"""Backfills of Crewmojo in shards: each report by its own windows, one run at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_crewmojo.tap import TapCrewmojo
from tap_kit.errors import CredentialsError

if TYPE_CHECKING:
    from tests.tap_crewmojo.conftest import Tenant

WEEKLY = {"report": "objectives.detail", "window": "week", "name": "weekly"}
DAILY = {"report": "objectives.detail", "window": "day", "name": "daily"}
MONTHLY = {"report": "oneonone.summary"}
UNDATED = {"report": "people.custom", "date_range": False}


def plan_of(
    tenant: Tenant,
    shards: int,
    *reports: dict[str, Any],
    **settings: Any,  # noqa: ANN401  # each has its own
) -> dict[str, Any]:
    catalog = tenant.discover(*reports)
    tap = TapCrewmojo(config=tenant.configured(*reports, **settings), catalog=catalog)
    tenant.sandbox.clear_journal()
    plan: dict[str, Any] = json.loads(json.dumps(tap.plan_backfill(shards)))
    return plan


def bookmarks(plan: dict[str, Any]) -> dict[str, str]:
    entries = plan["state"]["bookmarks"]
    return {name: entry["replication_key_value"] for name, entry in entries.items()}


def test_each_report_ends_with_its_last_whole_window(tenant: Tenant) -> None:
    plan = plan_of(tenant, 9, WEEKLY, DAILY, MONTHLY, UNDATED)
    # Noon of Monday 2 June: today, this week and this month are not over.
    assert bookmarks(plan) == {
        "weekly": "2025-06-01",
        "daily": "2025-06-01",
        "oneonone_summary": "2025-05-31",
    }
    assert plan["parallel"] == 1
    assert len(plan["shards"]) == 9
    assert "people_custom" not in json.dumps(plan)
    for shard in plan["shards"]:
        named = {item.get("name", "oneonone_summary") for item in shard["config"]["reports"]}
        assert named == {*shard["streams"]}


def test_a_plan_takes_one_request(tenant: Tenant) -> None:
    plan_of(tenant, 5, WEEKLY, MONTHLY)
    assert len(tenant.questions()) == 1


def test_what_cannot_share_a_run_waits_for_the_first_one_from_the_state(tenant: Tenant) -> None:
    plan = plan_of(tenant, 1, {**MONTHLY, "window": "quarter"}, WEEKLY, {**WEEKLY, "name": "too"})
    (shard,) = plan["shards"]
    assert shard["streams"] == ["too", "weekly"]
    assert {*bookmarks(plan)} == {"too", "weekly"}


def test_an_end_within_a_day_is_that_days_end(tenant: Tenant) -> None:
    plan = plan_of(tenant, 1, MONTHLY, end_date="2025-05-20T12:00:00Z")
    (shard,) = plan["shards"]
    assert shard["config"]["end_date"] == "2025-05-21"
    assert bookmarks(plan) == {"oneonone_summary": "2025-05-20"}


def test_wrong_credentials_end_the_plan(tenant: Tenant) -> None:
    config = {**tenant.configured(MONTHLY), "client_secret": "wrong"}
    with pytest.raises(CredentialsError):
        TapCrewmojo(config=config, catalog=tenant.discover(MONTHLY)).plan_backfill(2)
