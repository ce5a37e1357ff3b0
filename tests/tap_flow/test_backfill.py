"""Backfills of completed jobs in shards: what is particular to cursors, keys and filters."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tap_flow.tap import TapFlow
from tap_kit.time.clock import parse_time
from tests.singer import select
from tests.tap_flow.conftest import JOB_STREAMS, full_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_flow.conftest import Team


def plan_of(
    team: Team,
    shards: int,
    catalog: dict[str, Any] | None = None,
    **settings: Any,  # noqa: ANN401  # each has its own
) -> dict[str, Any]:
    catalog = catalog or select(full_catalog(), *JOB_STREAMS)
    tap = TapFlow(config={**team.config, **settings}, catalog=catalog)
    plan: dict[str, Any] = json.loads(json.dumps(tap.plan_backfill(shards)))
    return plan


def edges(plan: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [
        (shard["config"].get("start_date"), shard["config"]["end_date"]) for shard in plan["shards"]
    ]


def test_shards_have_about_equally_many_jobs(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=2, frozen=True)
    plan = plan_of(team, 8)
    bounds = [(parse_time(start) if start else None, parse_time(end)) for start, end in edges(plan)]
    assert len(bounds) == 8
    updated = [parse_time(job["updated"]) for job in team.truth("completed_jobs")]
    counts = [
        sum(1 for moment in updated if (start is None or start <= moment) and moment < end)
        for start, end in bounds
    ]
    assert max(counts) < 2 * sum(counts) / len(counts), counts
    assert len(team.requests("graphql")) < 70


def test_shards_meet_and_end_before_the_state_begins(team: Team) -> None:
    plan = plan_of(team, 5, start_date="2024-03-01")
    bounds = edges(plan)
    assert bounds[0][0] is None  # the setting's own
    assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]
    assert all(one < other for (_, one), (_, other) in pairwise(bounds))
    entries = plan["state"]["bookmarks"]
    assert {*entries} == {*JOB_STREAMS}
    newest = max(team.truth("completed_jobs"), key=lambda job: job["completedJobCursor"])
    for entry in entries.values():
        assert entry["replication_key_value"] == newest["completedJobCursor"]
        assert entry["started"] == bounds[-1][1]
        assert entry["started"] < plan["created_at"]


@pytest.mark.parametrize("bounds", ["half_open", "inclusive", "exclusive"])
def test_by_updated_the_runs_go_on_from_the_last_whole_window(
    team_of: Callable[..., Team], bounds: str
) -> None:
    team = team_of(frozen=True, bounds=bounds)
    streams = ("completed_jobs", "job_steps")
    catalog = team.by_updated(*streams)
    plan = plan_of(team, 4, catalog, window="month")
    for entry in plan["state"]["bookmarks"].values():
        assert entry["replication_key"] == "updated"
        assert entry["replication_key_value"] == "2024-05-01T00:00:00Z"
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in streams}
    outputs = [
        team.run(catalog=catalog, window="month", **shard["config"]) for shard in plan["shards"]
    ]
    outputs.append(team.run(catalog=catalog, window="month", state=plan["state"]))
    for output in outputs:
        assert not output.failures
        for name in streams:
            found[name] |= {
                json.dumps([record["jobId"], record.get("uniqueStepId")]): record
                for record in output.records[name]
            }
    for name in streams:
        team.assert_same(found[name].values(), team.truth(name), name)


def test_the_state_keeps_the_filters(team: Team) -> None:
    title = team.truth("completed_jobs")[-1]["workflowTitle"]
    plan = plan_of(team, 3, job_filters={"workflowTitle": title})
    assert plan["shards"]
    output = team.run("completed_jobs", state=plan["state"])
    assert "job_filters is not what it was" in output.failures["completed_jobs"]
    again = team.run("completed_jobs", state=plan["state"], job_filters={"workflowTitle": title})
    assert not again.failures


def test_without_jobs_there_is_nothing_to_cut(team: Team) -> None:
    plan = plan_of(team, 3, job_filters={"workflowTitle": "There is none"})
    assert plan["shards"] == []
    assert plan["state"] == {"bookmarks": {}}


def test_a_stream_that_is_read_as_a_full_table_is_in_no_shard(team: Team) -> None:
    catalog = select(full_catalog(), "completed_jobs", "job_steps", "users")
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "job_steps":
            (root,) = (item for item in entry["metadata"] if not item["breadcrumb"])
            root["metadata"]["forced-replication-method"] = "FULL_TABLE"
            root["metadata"]["replication-method"] = "FULL_TABLE"
            entry["replication_method"] = "FULL_TABLE"
    plan = plan_of(team, 3, catalog)
    assert {name for shard in plan["shards"] for name in shard["streams"]} == {"completed_jobs"}
    assert {*plan["state"]["bookmarks"]} == {"completed_jobs"}
