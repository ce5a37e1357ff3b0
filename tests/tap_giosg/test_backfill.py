"""Backfills of giosg in shards: workflows first, then time, by the events that sidedata counts."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from sandbox.web import as_json
from tap_giosg.tap import TapGiosg
from tap_kit.errors import StreamError
from tests.tap_giosg.conftest import EVENTS, Account
from tests.tap_giosg.given import WORKFLOW, Given


def plan_of(
    account: Account,
    shards: int,
    catalog: dict[str, Any] | None = None,
    **settings: Any,  # noqa: ANN401  # each has its own
) -> dict[str, Any]:
    catalog = catalog or account.discover()
    tap = TapGiosg(config={**account.config, **settings}, catalog=catalog)
    account.sandbox.clear_journal()
    plan: dict[str, Any] = json.loads(json.dumps(tap.plan_backfill(shards)))
    return plan


def partitions(plan: dict[str, Any], stream: str) -> set[tuple[Any, ...]]:
    entries = plan["state"]["bookmarks"][stream]["partitions"]
    return {tuple(entry["context"].values()) for entry in entries}


def test_each_workflow_is_cut_from_its_first_event_to_the_present_week(account: Account) -> None:
    plan = plan_of(account, 8)
    pieces: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for shard in plan["shards"]:
        config = shard["config"]
        for workflow in config["workflow_ids"]:
            pieces[workflow].append((config.get("start_date", ""), config["end_date"]))
    alive = {row["id"] for row in account.truth("workflow_info") if row.get("start_date")}
    assert {*pieces} <= alive
    assert len(pieces) > 2
    for found in pieces.values():
        assert found[0][0] == ""  # its first event, whenever that was
        assert found[-1][1] == "2026-03-09"
        assert [end for _, end in found[:-1]] == [start for start, _ in found[1:]]
    assert max(map(len, pieces.values())) > 1


def test_steps_without_rows_have_no_bookmark(account: Account) -> None:
    plan = plan_of(account, 3)
    with_rows = {
        (row["workflow_id"], row["step_index"], row["target"])
        for row in account.truth("step_source_data")
    }
    assert partitions(plan, "step_source_data") <= with_rows
    assert partitions(plan, "step_source_data")


def test_a_few_requests_count_the_events_for_all_streams(account: Account) -> None:
    plan = plan_of(account, 6)
    workflows = {row["id"] for row in account.truth("workflow_info")}
    assert plan["shards"]
    assert len(account.requests("sidedata")) <= len(workflows) + 4 * 6
    assert not [entry for entry in account.requests(*EVENTS) if '"limit"' not in entry.body]


def test_shards_have_about_equally_many_events(account: Account) -> None:
    plan = plan_of(account, 4)
    counts = []
    for shard in plan["shards"]:
        output = account.run(*shard["streams"], **shard["config"])
        counts.append(sum(len(output.records[name]) for name in EVENTS))
    assert len(counts) == 4
    assert max(counts) < 2.5 * sum(counts) / len(counts), counts


def test_where_giosg_counts_nothing_weeks_are_counted(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.fault("status", route="sidedata", status=403, times=None, body="{}")
    plan = plan_of(account, 4, catalog)
    assert len(plan["shards"]) > 1


def test_a_shard_is_narrowed_to_workflows_that_are_there(
    account_given: Account, given: Given
) -> None:
    given.workflows = as_json([{"id": WORKFLOW}, {"id": "33333333-3333-4333-8333-333333333333"}])
    plan = plan_of(account_given, 2)
    assert {id_ for shard in plan["shards"] for id_ in shard["config"]["workflow_ids"]} == {
        WORKFLOW
    }


def test_a_workflow_that_does_not_exist_ends_the_plan(account: Account) -> None:
    wrong = "99999999-9999-4999-8999-999999999999"
    with pytest.raises(StreamError, match="has no workflow 9999"):
        plan_of(account, 2, workflow_ids=[wrong])


def test_the_setting_start_date_is_where_all_workflows_begin(account: Account) -> None:
    plan = plan_of(account, 8, start_date="2026-02-18")
    starts = {shard["config"].get("start_date", "2026-02-18") for shard in plan["shards"]}
    assert min(starts) == "2026-02-18"
    assert starts - {"2026-02-18"} <= {"2026-02-23", "2026-03-02"}
