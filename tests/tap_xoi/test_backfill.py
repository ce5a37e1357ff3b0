"""Backfills of XOi in shards: lists by time, reports by jobs where events lead to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import SettingsError
from tap_xoi.job_part import JobPart
from tap_xoi.tap import TapXoi
from tests.singer import select
from tests.tap_xoi.conftest import REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_xoi.conftest import Tenant

LISTS = ("jobs", "documentation", "webhook_history")


def plan_of(
    tenant: Tenant,
    shards: int,
    *streams: str,
    **settings: Any,  # noqa: ANN401  # each has its own
) -> dict[str, Any]:
    config = {**tenant.config, **settings}
    catalog = select(tenant.discover(), *(streams or (*LISTS, *REPORTS)))
    plan: dict[str, Any] = json.loads(
        json.dumps(TapXoi(config=config, catalog=catalog).plan_backfill(shards))
    )
    return plan


@given(st.text(min_size=1), st.integers(1, 40))
def test_each_job_is_in_one_part(job_id: str, of: int) -> None:
    parts = [JobPart(number, of) for number in range(1, of + 1)]
    assert sum(part.has(job_id) for part in parts) == 1
    assert all(JobPart.parse(str(part)) == part for part in parts)


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", ""])
def test_a_part_that_is_none_is_refused(tenant: Tenant, part: str) -> None:
    with pytest.raises(SettingsError, match="workflow_job_part"):
        TapXoi(config={**tenant.config, "workflow_job_part": part})


def test_a_part_is_of_the_webhook_history_only(tenant: Tenant) -> None:
    settings = {"workflow_job_part": "1/2", "workflow_job_source": "job_summary"}
    with pytest.raises(SettingsError, match="needs workflow_job_source webhook_history"):
        TapXoi(config={**tenant.config, **settings})


def test_parts_bring_each_report_once_with_its_newest_event(tenant: Tenant) -> None:
    whole = tenant.run(*REPORTS)
    parts = [tenant.run(*REPORTS, workflow_job_part=f"{number}/3") for number in (1, 2, 3)]
    for name in REPORTS:
        together = [record for part in parts for record in part.records[name]]
        assert all(part.records[name] for part in parts)
        tenant.assert_same(together, whole.records[name], name)


def test_reports_are_shared_by_jobs_and_lists_by_time(tenant: Tenant) -> None:
    plan = plan_of(tenant, 8)
    by_jobs = [shard for shard in plan["shards"] if "workflow_job_part" in shard["config"]]
    by_time = [shard for shard in plan["shards"] if shard not in by_jobs]
    assert len(by_jobs) > 1
    assert by_time
    assert all(shard["streams"] == sorted(REPORTS) for shard in by_jobs)
    assert all(shard["streams"] == sorted(LISTS) for shard in by_time)
    assert not any("start_date" in shard["config"] for shard in by_jobs)


@pytest.mark.parametrize("source", ["documentation", "job_summary"])
def test_reports_by_lists_of_jobs_are_cut_by_time(tenant: Tenant, source: str) -> None:
    settings: dict[str, Any] = {
        "workflow_job_source": source,
        "start_date": "2024-01-03",
        "window": "month",
    }
    plan = plan_of(tenant, 4, *REPORTS, **settings)
    assert len(plan["shards"]) > 1
    found: dict[str, dict[str, Any]] = {name: {} for name in REPORTS}
    outputs = [
        tenant.run(*shard["streams"], **{**settings, **shard["config"]})
        for shard in reversed(plan["shards"])
    ]
    outputs.append(tenant.run(*REPORTS, state=plan["state"], **settings))
    for output in outputs:
        assert not output.failures
        for name in REPORTS:
            for record in output.records[name]:
                key = [record["jobId"], record["workflowJobId"], record.get("value_id")]
                found[name][json.dumps(key)] = record
    whole = tenant.run(*REPORTS, **settings)
    for name in REPORTS:
        tenant.assert_same(found[name].values(), whole.records[name], name)


def test_pairs_of_the_settings_are_in_no_shard(tenant: Tenant) -> None:
    pair = {"job_id": "cjob-1", "workflow_job_id": "wjob-1"}
    settings = {"workflow_job_source": "config", "workflow_jobs": [pair]}
    plan = plan_of(tenant, 4, **settings)
    assert {name for shard in plan["shards"] for name in shard["streams"]} == {*LISTS}
    assert {*plan["state"]["bookmarks"]} == {*LISTS}


def test_without_the_right_to_list_jobs_shards_are_of_equal_time(
    tenant_of: Callable[..., Tenant],
) -> None:
    tenant = tenant_of()
    tenant.sandbox.fault(
        "status",
        vendor="xoi",
        contains="listJobs",
        status=403,
        times=None,
        body='{"message": "No"}',
    )
    plan = plan_of(tenant, 4, "webhook_history", start_date="2024-01-03")
    assert len(plan["shards"]) == 4
