"""Which reports are asked for: each once, none of a deleted job, gone ones skipped."""

from __future__ import annotations

import logging
from bisect import insort
from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.xoi.timeline import Event
from sandbox.xoi.vendor import Xoi as Vendor
from tap_kit.stats import StreamStats
from tap_kit.time.clock import parse_time
from tap_kit.time.windows import Window
from tap_xoi.client import Xoi
from tap_xoi.readers.windows import Intervals
from tap_xoi.report_refs.by_event import EventRefs
from tap_xoi.report_refs.by_job import DocumentedRefs, SummarisedRefs
from tap_xoi.tap import TapXoi
from tests.singer import discover, select
from tests.tap_xoi.conftest import REPORTS, Tenant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.xoi.timeline import Job, Timeline, Workflow
    from tap_xoi.report_refs.refs import RefSource, ReportRef

REPORT = "workflow_job_report"


def timeline_of(tenant: Tenant) -> Timeline:
    vendor = tenant.sandbox.vendor("xoi")
    assert isinstance(vendor, Vendor)
    return vendor._tenant.timeline


def fire(tenant: Tenant, job: Job, name: str, workflow: Workflow | None = None) -> None:
    """One more event, just now."""
    now = tenant.sandbox.now() - timedelta(seconds=1)
    event = Event(now, now, name, job, workflow)
    insort(timeline_of(tenant).events, event, key=attrgetter("fired"))


def a_job(tenant: Tenant, workflows: int = 1) -> Job:
    """A job whose workflows are all there, and finished."""
    now = tenant.sandbox.now()
    found: list[Job] = [
        job
        for job in timeline_of(tenant).by_creation
        if job.exists(now)
        and len(job.workflows) == workflows
        and all(one.uploaded <= now < one.removed for one in job.workflows)
    ]
    return found[-1]


def source_of(tenant: Tenant, name: str, windows: list[Window]) -> RefSource:
    tap = TapXoi(config=tenant.config)
    xoi = Xoi(tap.client, tap.config, StreamStats("test"))
    intervals = Intervals(windows, None)
    if name == "documentation":
        return DocumentedRefs(xoi, intervals, include_all_steps=False, workers=2)
    given: dict[str, Any] = {"page_size": 50, "workers": 2, "skip_missing": True}
    if name == "webhook_history":
        return EventRefs(xoi, intervals, resumed=True, **given)
    return SummarisedRefs(xoi, intervals, **given)


def pairs(found: list[ReportRef]) -> list[tuple[str, str]]:
    return [(one.job_id, one.workflow_job_id) for one in found if one.workflow_job_id]


@pytest.mark.parametrize("source", ["webhook_history", "documentation", "job_summary"])
def test_each_pair_is_asked_for_once(tenant: Tenant, source: str) -> None:
    job = a_job(tenant, workflows=2)
    for _ in range(3):
        fire(tenant, job, "job_update", workflow=job.workflows[0])
        fire(tenant, job, "job_update")
    tenant.run(*REPORTS, workflow_job_source=source, window="day", start_date="2024-01-31")
    asked = tenant.asked(REPORT)
    assert sum(job.id in path for path in asked) == 2
    assert len(asked) == len(set(asked))


def test_an_event_of_the_whole_job_is_about_all_its_workflows(tenant: Tenant) -> None:
    job = a_job(tenant, workflows=3)
    since = tenant.now
    tenant.sandbox.advance(minutes=5)
    fire(tenant, job, "job_update", workflow=job.workflows[1])
    tenant.sandbox.advance(minutes=5)
    fire(tenant, job, "job_update")
    output = tenant.run(REPORTS[0], start_date=since)
    mine = [row for row in output.records[REPORTS[0]] if row["jobId"] == job.id]
    assert {row["workflowJobId"] for row in mine} == {one.id for one in job.workflows}
    assert len({row["changedAt"] for row in mine}) == 1


@pytest.mark.parametrize("name", ["job_delete", "job_deleted"])
def test_nothing_is_asked_for_once_a_deletion_has_been_read(tenant: Tenant, name: str) -> None:
    job = a_job(tenant, workflows=2)
    fire(tenant, job, "job_update")
    fire(tenant, job, name)
    fire(tenant, job, "job_update", workflow=job.workflows[0])
    tenant.run(*REPORTS)
    assert not [path for path in tenant.asked(REPORT) if job.id in path]
    assert not [
        body for body in tenant.asked("jobs_graphql") if job.id in body and "getJobSummary" in body
    ]


@pytest.mark.parametrize("status", ["404", "403"])
def test_a_pair_that_is_gone_is_skipped_and_counted(
    tenant_of: Callable[..., Tenant], status: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    tenant = tenant_of(unknown_pair=status)
    job = a_job(tenant)
    given = [
        {"job_id": "cjob-foreign", "workflow_job_id": "wjob-foreign"},
        {"job_id": job.id, "workflow_job_id": job.workflows[0].id},
        {"job_id": job.id, "workflow_job_id": "wjob-gone"},
    ]
    output = tenant.run(*REPORTS, workflow_job_source="config", workflow_jobs=given)
    assert output.failures == {}
    assert len(output.records[REPORTS[0]]) == 1
    for pair in (given[0], given[2]):
        names = f"job {pair['job_id']}, workflow job {pair['workflow_job_id']} is skipped"
        assert sum(names in message for message in caplog.messages) == 1
    [line] = [text for text in caplog.messages if f"summary stream={REPORTS[0]}" in text]
    assert "skipped=2" in line

    output = tenant.run(
        *REPORTS, workflow_job_source="config", workflow_jobs=given, skip_missing=False
    )
    assert output.failures.keys() == set(REPORTS)
    assert status in output.failures[REPORTS[0]]
    assert not output.records


@pytest.mark.parametrize("source", ["webhook_history", "documentation", "job_summary"])
@pytest.mark.parametrize("status", [404, 403])
def test_where_every_pair_is_gone_the_address_is_wrong(
    tenant: Tenant, source: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant.sandbox.fault("status", route=REPORT, status=status, times=None)
    first = tenant.run(*REPORTS, "users", workflow_job_source=source)

    assert first.failures.keys() == set(REPORTS)
    assert "GET reporting-data: none of" in first.failures[REPORTS[0]]
    assert "reporting_url" in first.failures[REPORTS[0]]
    assert first.records.keys() == {"users"}
    assert not first.state["bookmarks"].get(REPORTS[0], {}).get("replication_key_value")
    config = {**tenant.config, "workflow_job_source": source}
    catalog = select(discover(TapXoi, config), *REPORTS)
    assert not TapXoi(config=config, catalog=catalog).test_streams()
    assert "none of" in capsys.readouterr().err

    tenant.sandbox.clear_faults()
    second = tenant.run(*REPORTS, workflow_job_source=source, state=first.state)
    assert len(second.by_key(REPORTS[0], "jobId", "workflowJobId")) == len(
        tenant.truth(REPORTS[0], source)
    )


@pytest.mark.parametrize("count", [2, 3])
def test_a_few_pairs_may_all_be_gone(tenant: Tenant, count: int) -> None:
    given = [{"job_id": f"cjob-{n}", "workflow_job_id": "wjob"} for n in range(count)]

    output = tenant.run(*REPORTS, workflow_job_source="config", workflow_jobs=given)

    assert bool(output.failures) is (count == 3)


@pytest.mark.parametrize("source", ["webhook_history", "job_summary"])
def test_a_job_that_is_gone_meanwhile_is_skipped(
    tenant: Tenant, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = a_job(tenant)
    fire(tenant, job, "job_update")
    tenant.sandbox.fault(
        "graphql_error",
        route="jobs_graphql",
        contains=f'"jobId":"{job.id}"',
        message="Job not found",
        error_type="Lambda:Unhandled",
        times=None,
    )
    output = tenant.run(REPORTS[0], workflow_job_source=source)
    assert output.failures == {}
    assert sum(f"job {job.id} is skipped" in message for message in caplog.messages) == 1
    output = tenant.run(REPORTS[0], workflow_job_source=source, skip_missing=False)
    assert "Job not found" in output.failures[REPORTS[0]]


def test_a_refused_token_is_renewed_before_a_pair_is_given_up(
    tenant_of: Callable[..., Tenant],
) -> None:
    tenant = tenant_of(rest_auth_error="403")
    tenant.sandbox.fault("revoke_token", route=REPORT, skip=3)
    output = tenant.run(*REPORTS, concurrency=1)
    assert len(output.records[REPORTS[0]]) == len(tenant.truth(REPORTS[0]))
    assert len(tenant.asked("token")) == 2


def edge(tenant: Tenant, source: str) -> tuple[Job, datetime]:
    """A job, and the moment by which a source puts it into a window."""
    job = a_job(tenant)
    if source == "documentation":
        return job, job.completed
    return job, job.created


@pytest.mark.parametrize("source", ["documentation", "job_summary"])
def test_a_job_on_the_edge_of_two_windows_is_taken_once(tenant: Tenant, source: str) -> None:
    job, moment = edge(tenant, source)
    windows = [Window(None, moment), Window(moment, tenant.sandbox.now())]
    found = list(source_of(tenant, source, windows).refs())
    once = pairs(found)
    assert len(once) == len(set(once))
    assert (job.id, job.workflows[0].id) in once
    whole = list(source_of(tenant, source, [Window(None, windows[1].end)]).refs())
    assert set(once) == set(pairs(whole))


@pytest.mark.parametrize("source", ["webhook_history", "documentation", "job_summary"])
def test_bookmarks_end_where_the_windows_do(tenant: Tenant, source: str) -> None:
    end = tenant.sandbox.now()
    *_, last = source_of(tenant, source, [Window(None, end)]).refs()
    assert not last.workflow_job_id
    assert parse_time(last.bookmark or "") == end
    assert not list(source_of(tenant, source, []).refs())


@pytest.mark.parametrize("source", ["webhook_history", "documentation", "job_summary"])
def test_a_probe_finds_a_pair_with_a_request_or_two(tenant: Tenant, source: str) -> None:
    found = next(source_of(tenant, source, [Window(None, tenant.sandbox.now())]).samples())
    assert found.workflow_job_id
    assert len(tenant.asked("jobs_graphql")) <= 2
