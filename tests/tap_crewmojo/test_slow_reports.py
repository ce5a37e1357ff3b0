"""Slow reports against the sandbox: jobs that are polled, expire, get lost, or are never ready."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tap_crewmojo.tap import TapCrewmojo
from tap_kit.errors import StoppedError
from tap_kit.streams.plan import plan
from tests.tap_crewmojo.conftest import DEFAULT, Tenant, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

YEAR = {"report": "goals.slow", "window": "year"}


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the tenant's time pass while the tap waits: so much at each wait, the last for good."""

    def pass_time(tenant: Tenant, *seconds: float) -> None:
        waits = list(seconds)

        def sleep(*_: object) -> None:
            tenant.sandbox.advance(seconds=waits.pop(0) if len(waits) > 1 else waits[0])

        monkeypatch.setattr("tap_kit.http.client.Client.sleep", sleep)

    return pass_time


def slow(tenant: Tenant, choice: str) -> None:
    tenant.sandbox.set_variant("crewmojo.slow", choice)


def jobs(tenant: Tenant) -> Counter[str]:
    """How often each job was polled, by its place."""
    return Counter(tenant.polls())


def test_a_report_with_a_column_job_id_is_no_job(tenant: Tenant) -> None:
    output = tenant.run("goals.slow")
    assert_complete(tenant, output, "goals_slow")
    assert all(row["jobId"].startswith("JOB-") for row in output.records["goals_slow"])


def test_the_switch_sends_every_report_the_slow_way(tenant: Tenant) -> None:
    output = tenant.run(force_long_running=True)
    assert_complete(tenant, output, *DEFAULT)
    assert all(body["jobId"] is True for body in tenant.questions())
    polled = {poll.split("/")[0] for poll in tenant.polls()}
    assert polled == {item["report"] for item in tenant.config["reports"]}


def test_the_poll_s_way_is_found_once(tenant_of: Callable[..., Tenant]) -> None:
    tenant = tenant_of(poll_path="query")
    output = tenant.run("goals.slow", concurrency=1)
    assert_complete(tenant, output, "goals_slow")
    by_segment = [poll for poll in tenant.polls() if "?jobId=" not in poll]
    assert len(by_segment) == 1


@pytest.mark.parametrize("status", [403, 405])
def test_a_job_that_is_gone_is_no_refusal_of_the_other_way(tenant: Tenant, status: int) -> None:
    # The first job is gone at once; the query form is unknown to this server.
    tenant.sandbox.fault("status", route="poll", status=404, times=1)
    tenant.sandbox.fault("status", route="poll", contains="?jobId=", status=status, times=None)
    output = tenant.run("goals.slow", concurrency=1)
    assert_complete(tenant, output, "goals_slow")


@pytest.mark.parametrize("gone", ["400", "404"])
def test_a_job_that_expires_is_asked_for_again(
    tenant_of: Callable[..., Tenant], waiting: Callable[..., None], gone: str
) -> None:
    tenant = tenant_of(job_gone=gone)
    catalog = tenant.discover(YEAR)
    tenant.sandbox.clear_journal()
    slow(tenant, "45_seconds")
    waiting(tenant, 601, 1, 50)
    output = tenant.run(YEAR, catalog=catalog)
    assert_complete(tenant, output, "goals_slow")
    assert len(tenant.questions()) == 2
    # The first job in both ways, since neither has worked yet; then the second.
    assert list(jobs(tenant).values()) == [1, 1, 2]


def test_a_report_that_is_ready_later_is_waited_for(
    tenant_of: Callable[..., Tenant], waiting: Callable[..., None]
) -> None:
    tenant = tenant_of(slow="45_seconds")
    waiting(tenant, 5)
    output = tenant.run(YEAR, concurrency=1)
    assert_complete(tenant, output, "goals_slow")


def test_only_the_second_job_is_ever_ready(
    tenant_of: Callable[..., Tenant], caplog: pytest.LogCaptureFixture
) -> None:
    tenant = tenant_of(slow="second_job")
    output = tenant.run(YEAR, report_timeout=0.3)
    assert_complete(tenant, output, "goals_slow")
    assert "is not ready after 0.3 seconds; asking for it again" in caplog.text


def test_a_report_that_is_never_ready_fails_alone(tenant: Tenant) -> None:
    catalog = tenant.discover(YEAR, "objectives.detail")
    slow(tenant, "never")
    output = tenant.run(
        YEAR, "objectives.detail", catalog=catalog, report_timeout=0.2, max_report_restarts=1
    )
    assert (
        "asked for 2 times and not delivered: 2 times not ready after 0.2 seconds"
        in (output.failures["goals_slow"])
    )
    assert_complete(tenant, output, "objectives_detail")
    assert "goals_slow" not in output.state["bookmarks"]


def test_a_token_that_ends_between_polls_is_renewed_and_the_job_polled_on(tenant: Tenant) -> None:
    catalog = tenant.discover(YEAR)
    tenant.sandbox.clear_journal()
    tenant.sandbox.fault("revoke_token", route="poll", times=1)
    output = tenant.run(YEAR, catalog=catalog)
    assert_complete(tenant, output, "goals_slow")
    assert len(tenant.questions()) == 1
    assert list(jobs(tenant).values()) == [4]


def test_a_job_that_dies_with_its_token_is_asked_for_again(
    tenant_of: Callable[..., Tenant],
) -> None:
    tenant = tenant_of(job_owner="token")
    catalog = tenant.discover(YEAR)
    tenant.sandbox.clear_journal()
    tenant.sandbox.fault("revoke_token", route="poll", times=1)
    output = tenant.run(YEAR, catalog=catalog)
    assert_complete(tenant, output, "goals_slow")
    assert len(tenant.questions()) == 2


def test_a_forbidden_poll_ends_the_stream(tenant: Tenant) -> None:
    tenant.sandbox.fault("status", route="poll", status=403, times=None)
    output = tenant.run(YEAR, "objectives.detail")
    assert "HTTP 403" in output.failures["goals_slow"]
    assert len(tenant.polls()) == 1
    assert_complete(tenant, output, "objectives_detail")


def test_json_that_was_discovered_may_come_as_csv(tenant: Tenant) -> None:
    catalog = tenant.discover(YEAR)
    as_json = tenant.run(YEAR, catalog=catalog)
    tenant.sandbox.set_variant("crewmojo.poll_format", "csv")
    as_csv = tenant.run(YEAR, catalog=catalog)
    assert as_json.records == as_csv.records
    assert_complete(tenant, as_csv, "goals_slow")


def test_reports_wait_side_by_side(tenant: Tenant) -> None:
    """While one window's job runs, the others are asked for; waits hold no slot of the client."""
    catalog = tenant.discover("goals.slow")
    tenant.sandbox.clear_journal()
    tenant.run("goals.slow", catalog=catalog, window="month", poll_interval=0.3)
    routes = [entry.route for entry in tenant.sandbox.journal if entry.route != "token"]
    assert routes[:4] == ["report"] * 4
    assert tenant.sandbox.journal.max_in_flight <= 4


def test_a_wait_ends_when_the_run_does(tenant: Tenant) -> None:
    catalog = tenant.discover("goals.slow")
    tenant.sandbox.clear_journal()
    slow(tenant, "never")
    tap = TapCrewmojo(
        config={**tenant.configured("goals.slow"), "poll_interval": 600}, catalog=catalog
    )
    (reader,) = plan(tap, tap.selected.values())
    ended = threading.Event()

    def run() -> None:
        pages = next(reader.slices())
        with pytest.raises(StoppedError):
            list(pages)
        ended.set()

    threading.Thread(target=run).start()
    while not tenant.questions():
        time.sleep(0.001)
    tap.client.close()
    assert ended.wait(10)
