"""Details of open jobs, or of all jobs that changed, by the setting ``job_details_of``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.time.clock import parse_time
from tests.singer import discover, select
from tests.tap_flow.conftest import DAY, Team, full_catalog
from tests.tap_flow.readers.test_changes import bookmark, root_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.harness import Record
    from tests.singer import Output

ALL: dict[str, Any] = {"job_details_of": "all"}


def everything(team: Team) -> list[Record]:
    """The details of all jobs, as the vendor has them now."""
    rest_jobs = team.sandbox.vendor("flow").team.rest_jobs  # type: ignore[attr-defined]  # Flow's
    return [*rest_jobs.all(detailed=True)]


def catalog_of(team: Team) -> dict[str, Any]:
    return select(discover(team.tap, {**team.config, **ALL}), "job_details")


def modified(job: Record) -> datetime:
    return parse_time(job["metadata"]["modified"] or job["metadata"]["updated"])


def is_open(job: Record) -> bool:
    status: str = job["metadata"]["status"]
    return status != "Completed"


def requested(team: Team) -> set[str]:
    return {path.rsplit("/", 1)[1].rstrip("?") for path in team.asked("job_details")}


def test_all_jobs_have_their_steps_and_then_those_that_changed(
    team_of: Callable[..., Team],
) -> None:
    team = team_of(scale=0.5, frozen=True)
    first = team.run(catalog=catalog_of(team), **ALL)

    team.assert_same(first.records["job_details"], everything(team), "job_details")
    assert any(row["completedSteps"] for row in first.records["job_details"])
    assert first.schemas["job_details"]["bookmark_properties"] == ["modified"]

    team.sandbox.advance(days=3)
    team.sandbox.clear_journal()
    second = team.run(catalog=catalog_of(team), state=first.state, **ALL)

    since = bookmark(first, "job_details") - DAY
    jobs = everything(team)
    wanted = {job["jobId"] for job in jobs if is_open(job) or modified(job) >= since}
    assert requested(team) == wanted
    assert len(wanted) < len(jobs)
    together = {
        **first.by_key("job_details", "jobId"),
        **second.by_key("job_details", "jobId"),
    }
    team.assert_same(together.values(), jobs, "job_details")


@pytest.mark.parametrize("at", [0, 7, 40])
def test_a_run_that_ends_early_is_gone_on_with(team_of: Callable[..., Team], at: int) -> None:
    team = team_of(scale=0.5, frozen=True)
    completed = sorted((job for job in everything(team) if not is_open(job)), key=modified)
    broken = completed[at]["jobId"]
    team.sandbox.fault("status", route="job_details", contains=broken, status=400, times=None)
    first = team.run(catalog=catalog_of(team), **ALL)
    came = first.by_key("job_details", "jobId").keys()
    team.sandbox.clear_faults()
    team.sandbox.clear_journal()
    second = team.run(catalog=catalog_of(team), state=first.state, lookback_days=0, **ALL)

    assert first.failures.keys() == {"job_details"}
    assert {(job["jobId"],) for job in completed[:at]} <= came
    assert (broken,) not in came
    skipped = {job["jobId"] for job in completed[:at] if modified(job) < modified(completed[at])}
    if at:
        last = modified(completed[at - 1])
        assert bookmark(first, "job_details") == last
        skipped = {job["jobId"] for job in completed[:at] if modified(job) < last}
    assert requested(team) == {job["jobId"] for job in everything(team)} - skipped
    together = {
        **first.by_key("job_details", "jobId"),
        **second.by_key("job_details", "jobId"),
    }
    team.assert_same(together.values(), everything(team), "job_details")


def test_a_catalog_from_before_the_setting_is_no_hindrance(team_of: Callable[..., Team]) -> None:
    team = team_of(frozen=True)
    output = team.run(catalog=select(full_catalog(), "job_details"), **ALL)

    assert output.state["bookmarks"]["job_details"]["replication_key"] == "modified"


def test_a_full_table_of_all_may_be_chosen(team_of: Callable[..., Team]) -> None:
    team = team_of(frozen=True)
    catalog = catalog_of(team)
    root_of(catalog, "job_details")["replication-method"] = "FULL_TABLE"
    first = team.run(catalog=catalog, **ALL)
    second: Output = team.run(catalog=catalog, state=first.state, **ALL)

    assert first.state == {"bookmarks": {}}
    assert len(second.records["job_details"]) == len(everything(team))


def test_discovery_names_the_key_where_there_is_one(team: Team) -> None:
    for of, method, keys in (("open", "FULL_TABLE", None), ("all", "INCREMENTAL", ["modified"])):
        catalog = discover(team.tap, {**team.config, "job_details_of": of})
        (entry,) = (s for s in catalog["streams"] if s["tap_stream_id"] == "job_details")
        assert entry["replication_method"] == method
        assert root_of(catalog, "job_details").get("valid-replication-keys") == keys
