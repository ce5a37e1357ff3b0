"""What a later run reads, and that an interruption loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.engine import state as state_module
from tap_kit.time.clock import parse_time
from tap_xoi.tap import TapXoi
from tests.singer import Output
from tests.tap_xoi.conftest import REPORTS, Tenant

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCES = ("webhook_history", "documentation", "job_summary")
WINDOWED = ("jobs", "documentation", "webhook_history", *REPORTS)
FIRED = "2024-02-01T22:00:03Z"
"""When the example events of the vendor's pages were fired."""


@pytest.fixture
def state_after_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "SECONDS_BETWEEN", 0.0)


def keys_of(stream: str) -> tuple[str, ...]:
    found = next(one for one in TapXoi.stream_types if one.name == stream)
    return tuple(found.primary_keys)


def bookmark(state: dict[str, Any], stream: str) -> str | None:
    value: str | None = state["bookmarks"].get(stream, {}).get("replication_key_value")
    return value


def loaded(stream: str, *outputs: Output) -> list[dict[str, Any]]:
    """What a target holds after some runs."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for output in outputs:
        rows.update(output.by_key(stream, *keys_of(stream)))
    return list(rows.values())


def test_the_next_day_brings_what_is_new_late_or_edited(tenant: Tenant) -> None:
    first = tenant.run(*WINDOWED)
    tenant.sandbox.advance(days=1)
    second = tenant.run(*WINDOWED, state=first.state)
    deleted = {
        event["jobId"]
        for event in second.records["webhook_history"]
        if event["event"] == "job_delete"
    }
    assert deleted
    for name in WINDOWED:
        assert 0 < len(second.records[name]) < len(first.records[name]) / 2
        rows = [row for row in loaded(name, first, second) if row.get("jobId") not in deleted]
        if name in {"jobs", "documentation"}:
            # Older ones may have changed without XOi telling: only what is new is sure.
            keys = {row.get("id") or row["jobId"] for row in rows}
            assert keys >= {row.get("id") or row["jobId"] for row in tenant.truth(name)}
            continue
        truth = [row for row in tenant.truth(name) if row.get("jobId") not in deleted]
        if name == "workflow_job_step_values":
            # Plates that the machine has read since have new ids; the old rows stay behind.
            assert tenant.compared(rows, truth) >= tenant.compared(truth, truth)
        else:
            tenant.assert_same(rows, truth, name)


def test_a_run_at_the_same_time_brings_the_same_rows(tenant: Tenant) -> None:
    first, second = tenant.run(), tenant.run()
    for name in (stream.name for stream in TapXoi.stream_types):
        rows, again = (output.by_key(name, *keys_of(name)) for output in (first, second))
        assert rows.keys() == again.keys()
        if name != "workflow_job_reports":  # where plates change their keys
            assert rows == again, name


def test_without_look_back_only_the_bookmarks_window_is_read_again(tenant: Tenant) -> None:
    first = tenant.run(*WINDOWED, window="day", lookback_days=0)
    tenant.sandbox.clear_journal()
    tenant.run(*WINDOWED, window="day", lookback_days=0, state=first.state)
    today = tenant.sandbox.now().date().isoformat()
    asked = [body for body in tenant.asked("jobs_graphql") if "dateQuery" in body]
    assert asked
    assert all(f'"gte":"{today}T00:00:00Z"' in body for body in asked)


@pytest.mark.usefixtures("state_after_every_page")
@pytest.mark.parametrize("source", SOURCES)
def test_reports_come_in_the_order_of_their_bookmark(tenant: Tenant, source: str) -> None:
    settings: dict[str, Any] = {"workflow_job_source": source, "start_date": "2024-01-01"}
    lines = tenant.run(REPORTS[0], **settings).lines
    records = [line["record"] for line in lines if line["type"] == "RECORD"]
    times = [parse_time(record["changedAt"]) for record in records]
    if source == "job_summary":
        # Whose bookmark is the creation of jobs.
        created = {job["id"]: parse_time(job["createdAt"]) for job in tenant.truth("jobs")}
        times = [created[record["jobId"]] for record in records]
    assert times == sorted(times)
    written = 0
    reached = []
    for line in lines:
        written += line["type"] == "RECORD"
        if line["type"] == "STATE" and (value := bookmark(line["value"], REPORTS[0])):
            reached.append(parse_time(value))
            assert all(time > reached[-1] for time in times[written:])
    assert reached == sorted(reached)
    assert len(set(reached)) > 10


@pytest.mark.usefixtures("state_after_every_page")
@pytest.mark.parametrize("source", SOURCES)
def test_an_interruption_loses_nothing(tenant_of: Callable[..., Tenant], source: str) -> None:
    tenant = tenant_of(scale=0.1)
    settings: dict[str, Any] = {
        "workflow_job_source": source,
        "start_date": "2024-01-01",
        "window": "month",
        "lookback_days": 0,
    }
    streams = WINDOWED if source == SOURCES[0] else REPORTS
    lines = tenant.run(*streams, **settings, page_size=7).lines
    states = [number for number, line in enumerate(lines) if line["type"] == "STATE"]
    truth = {name: tenant.truth(name, source) for name in streams}
    for cut in (states[len(states) * part // 6] for part in range(1, 6)):
        again = tenant.run(*streams, **settings, state=lines[cut]["value"])
        assert len(again.records[REPORTS[0]]) <= len(truth[REPORTS[0]])
        for name in streams:
            rows = loaded(name, Output(lines[:cut]), again)
            tenant.assert_same(rows, truth[name], name)


def test_a_stream_that_is_chosen_later_catches_up(tenant: Tenant) -> None:
    first = tenant.run(REPORTS[0])
    tenant.sandbox.advance(days=1)
    second = tenant.run(*REPORTS, state=first.state)
    tenant.assert_same(second.records[REPORTS[1]], tenant.truth(REPORTS[1]), REPORTS[1])
    assert len(second.records[REPORTS[0]]) < len(first.records[REPORTS[0]]) / 2
    assert bookmark(second.state, REPORTS[0]) == bookmark(second.state, REPORTS[1])
    tenant.sandbox.clear_journal()
    third = tenant.run(*REPORTS, state=second.state)
    paths = tenant.asked("workflow_job_report")
    assert third.records[REPORTS[0]]
    assert len(paths) == len(set(paths))


def test_end_date_is_no_part_of_the_run_and_start_date_is(tenant: Tenant) -> None:
    before = tenant.run("webhook_history", REPORTS[0], end_date=FIRED)
    assert [row["firedAt"] for row in before.records["webhook_history"]] == ["2024-02-01T22:00:00Z"]
    assert [row["changedAt"] for row in before.records[REPORTS[0]]] == ["2024-02-01T22:00:00Z"]
    assert bookmark(before.state, "webhook_history") == FIRED
    assert bookmark(before.state, REPORTS[0]) == FIRED
    after = tenant.run("webhook_history", start_date=FIRED, end_date="2024-02-02")
    assert {row["firedAt"] for row in after.records["webhook_history"]} == {FIRED}
    # One of the example jobs was created at midnight.
    jobs = [
        tenant.run("jobs", start_date=day, end_date="2024-02-01T01")
        for day in ("2024-01-31", "2024-02-01")
    ]
    assert all([row["id"] for row in output.records["jobs"]] == ["job-1"] for output in jobs)
    assert not tenant.run("jobs", start_date="2024-01-31", end_date="2024-02-01").records["jobs"]


def test_a_bookmark_beyond_end_date_stays(tenant: Tenant) -> None:
    later = {"replication_key_value": tenant.now}
    state = {"bookmarks": {name: dict(later) for name in WINDOWED}}
    output = tenant.run(*WINDOWED, state=state, end_date="2024-06-01")
    assert not output.records
    assert {bookmark(output.state, name) for name in WINDOWED} == {tenant.now}


def test_configured_pairs_leave_no_bookmark(tenant: Tenant) -> None:
    pairs = [
        {"job_id": row["jobId"], "workflow_job_id": row["workflowJobId"]}
        for row in tenant.truth(REPORTS[0], "config")
    ]
    for state in (None, {"bookmarks": {REPORTS[0]: {"replication_key_value": "2024-01-01"}}}):
        tenant.sandbox.clear_journal()
        output = tenant.run(
            *REPORTS, workflow_job_source="config", workflow_jobs=pairs, state=state
        )
        for name in REPORTS:
            tenant.assert_same(output.records[name], tenant.truth(name, "config"), name)
        assert output.state == (state or {"bookmarks": {}})
        assert len(tenant.asked("workflow_job_report")) == len(pairs)


def test_the_bookmark_of_a_quiet_time_moves(
    tenant_of: Callable[..., Tenant], caplog: pytest.LogCaptureFixture
) -> None:
    tenant = tenant_of()
    before = tenant.run("webhook_history", *REPORTS)
    tenant.sandbox.set_variant("xoi.webhook_history", "empty")
    tenant.sandbox.advance(days=1)
    output = tenant.run("webhook_history", *REPORTS, state=before.state)
    assert not output.records
    for name in ("webhook_history", *REPORTS):
        value = bookmark(output.state, name)
        assert value is not None
        assert parse_time(value) == tenant.sandbox.now()
    assert any("set workflow_job_source to" in message for message in caplog.messages)
