"""Lists that can't be filtered, read INCREMENTAL because the catalog says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_flow.tap import TapFlow
from tap_kit.errors import SettingsError
from tap_kit.time.clock import parse_time
from tests.singer import select
from tests.tap_flow.conftest import DAY, KEYS, Team, assert_complete, full_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tests.harness import Record
    from tests.singer import Output

LISTS = {
    "jobs": ("modified",),
    "workflows": ("lastUpdated",),
    "scheduled_jobs": ("updated",),
    "triggers": ("updated",),
    "report_templates": ("lastUpdated",),
    "collections": ("dataLastChanged", "lastUpdated"),
}
"""The replication key of each, and what takes its place where it is not set."""
WITH = {
    "workflow_versions": "workflows",
    "scheduled_job_tasks": "scheduled_jobs",
    "report_template_contents": "report_templates",
    "collection_records": "collections",
}


def root_of(catalog: dict[str, Any], stream: str) -> dict[str, Any]:
    (entry,) = (one for one in catalog["streams"] if one["tap_stream_id"] == stream)
    (root,) = (item["metadata"] for item in entry["metadata"] if not item["breadcrumb"])
    found: dict[str, Any] = root
    return found


def chosen(*streams: str, incremental: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A catalog with these streams, those with a key of their own INCREMENTAL."""
    catalog = select(full_catalog(), *streams)
    keys = {name: LISTS[name][0] for name in streams if name in LISTS}
    for name, key in (incremental or keys).items():
        root_of(catalog, name).update({"replication-method": "INCREMENTAL", "replication-key": key})
    return catalog


def time_of(row: Record, stream: str) -> datetime | None:
    texts = [row.get(name) for name in LISTS[stream]]
    return next((parse_time(text) for text in texts if text), None)


def bookmark(output: Output, stream: str) -> datetime:
    return parse_time(output.state["bookmarks"][stream]["replication_key_value"])


def ids(rows: list[Record], stream: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(row[key] for key in KEYS[stream]) for row in rows)


@pytest.mark.parametrize("stream", LISTS)
def test_what_is_newer_than_the_bookmark_is_written(
    team_of: Callable[..., Team], stream: str
) -> None:
    team = team_of(scale=0.5, frozen=True)
    catalog = chosen(stream)

    first = team.run(catalog=catalog)

    assert first.failures == {}
    assert_complete(team, first, stream)
    assert first.schemas[stream]["bookmark_properties"] == [LISTS[stream][0]]
    times = [time for row in first.records[stream] if (time := time_of(row, stream))]
    assert bookmark(first, stream) == max(times)

    team.sandbox.advance(days=3)
    second = team.run(catalog=catalog, state=first.state, lookback_days=2)

    since = bookmark(first, stream) - 2 * DAY
    expected = [
        row for row in team.truth(stream) if (time := time_of(row, stream)) is None or time >= since
    ]
    assert ids(second.records[stream], stream) == ids(expected, stream)
    assert 0 < len(expected) < len(team.truth(stream))
    assert bookmark(second, stream) >= bookmark(first, stream)
    together = {
        **first.by_key(stream, *KEYS[stream]),
        **second.by_key(stream, *KEYS[stream]),
    }
    team.assert_same(together.values(), team.truth(stream), stream)


@pytest.mark.parametrize(("stream", "parent"), WITH.items())
def test_what_belongs_to_a_row_comes_with_it(
    team_of: Callable[..., Team], stream: str, parent: str
) -> None:
    team = team_of(scale=0.5, frozen=True)
    catalog = chosen(parent, stream)

    first = team.run(catalog=catalog)
    team.sandbox.advance(days=3)
    second = team.run(catalog=catalog, state=first.state)

    assert first.failures == second.failures == {}
    (key,) = KEYS[parent]
    parents = {row[key] for row in second.records[parent]}
    assert {row[key] for row in second.records[stream]} <= parents
    assert 0 < len(second.records[stream]) < len(first.records[stream])
    together = {
        **first.by_key(stream, *KEYS[stream]),
        **second.by_key(stream, *KEYS[stream]),
    }
    team.assert_same(together.values(), team.truth(stream), stream)


@pytest.mark.parametrize(("stream", "parent"), WITH.items())
def test_it_may_be_read_without_its_parent_and_has_a_bookmark_of_its_own(
    team_of: Callable[..., Team], stream: str, parent: str
) -> None:
    team = team_of(scale=0.5, frozen=True)
    before = team.run(catalog=chosen(parent))
    catalog = chosen(stream, incremental={parent: LISTS[parent][0]})

    first = team.run(catalog=catalog, state=before.state)
    again = team.run(catalog=catalog, state=first.state, lookback_days=0)

    assert_complete(team, first, stream)
    assert first.state["bookmarks"].keys() == {parent, stream}
    assert len(again.records[stream]) < len(first.records[stream])


def test_only_changed_files_are_requested(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=0.5, frozen=True)
    catalog = chosen("collections", "collection_records")
    first = team.run(catalog=catalog)
    files = len(team.asked("blob"))
    team.sandbox.clear_journal()
    nothing = team.run(catalog=catalog, state=first.state, lookback_days=0)
    repeated = len(team.asked("blob"))
    team.sandbox.advance(hours=6)
    team.sandbox.clear_journal()
    team.run(catalog=catalog, state=nothing.state, lookback_days=0)

    assert repeated == 1  # that on the bookmark itself
    assert len(team.asked("blob")) == 2 < files


def test_templates_that_did_not_change_are_not_requested(team_of: Callable[..., Team]) -> None:
    team = team_of(frozen=True)
    catalog = chosen("report_templates", "report_template_contents")
    first = team.run(catalog=catalog)
    team.sandbox.advance(hours=5)
    team.sandbox.clear_journal()
    second = team.run(catalog=catalog, state=first.state, lookback_days=0)

    asked = team.asked("report_template_contents")
    contents = second.records["report_template_contents"]
    assert len(asked) == len(contents) < len(first.records["report_template_contents"])
    assert any(row["description"] == "Now with photos" for row in contents)


@pytest.mark.parametrize("at", range(4))
def test_a_file_that_fails_is_read_by_the_next_run(team_of: Callable[..., Team], at: int) -> None:
    team = team_of(scale=0.5, frozen=True)
    catalog = chosen("collections", "collection_records")
    (link,) = {
        row["csvFileName"]
        for row in sorted(
            (row for row in team.truth("collections") if row.get("csvFileName")),
            key=lambda row: time_of(row, "collections") or parse_time("1900-01-01"),
        )[at : at + 1]
    }
    team.sandbox.fault("status", route="blob", contains=link, status=400, times=None)
    first = team.run(catalog=catalog)
    team.sandbox.clear_faults()
    second = team.run(catalog=catalog, state=first.state, lookback_days=0)

    assert first.failures.keys() == {"collection_records"}
    assert second.failures == {}
    together = {
        **first.by_key("collection_records", *KEYS["collection_records"]),
        **second.by_key("collection_records", *KEYS["collection_records"]),
    }
    team.assert_same(together.values(), team.truth("collection_records"), "collection_records")


def test_they_are_full_tables_by_default(team: Team) -> None:
    first = team.run(*LISTS, *WITH)
    second = team.run(*LISTS, *WITH, state=first.state)

    assert first.state == {"bookmarks": {}}
    for stream in (*LISTS, *WITH):
        assert len(second.records[stream]) == len(first.records[stream]), stream


WAYS: dict[str, dict[str, str]] = {
    "both": {"replication-method": "INCREMENTAL", "replication-key": "modified"},
    "method": {"replication-method": "INCREMENTAL"},
    "key": {"replication-key": "modified"},
    "forced": {"forced-replication-method": "INCREMENTAL"},
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_choose(team: Team, way: str) -> None:
    catalog = select(full_catalog(), "jobs")
    root_of(catalog, "jobs").update(WAYS[way])

    assert team.run(catalog=catalog).state["bookmarks"]["jobs"]["replication_key"] == "modified"


def test_the_entry_itself_may_choose(team: Team) -> None:
    catalog = select(full_catalog(), "jobs")
    (entry,) = (one for one in catalog["streams"] if one["tap_stream_id"] == "jobs")
    entry.update(replication_method="INCREMENTAL", replication_key="modified")

    assert team.run(catalog=catalog).state["bookmarks"]["jobs"]["replication_key"] == "modified"


def test_a_chosen_full_table_stays_one(team: Team) -> None:
    catalog = chosen("workflows", "workflow_versions", "jobs")
    for stream in ("workflow_versions", "jobs"):
        root_of(catalog, stream)["replication-method"] = "FULL_TABLE"

    assert team.run(catalog=catalog).state["bookmarks"].keys() == {"workflows"}


def test_another_key_is_refused(team: Team) -> None:
    catalog = chosen("jobs", incremental={"jobs": "created"})

    with pytest.raises(SettingsError, match=r"can't be replicated by 'created'; .*: modified"):
        team.run(catalog=catalog)


def test_the_column_of_the_key_is_always_written(team: Team) -> None:
    catalog = chosen("jobs")
    for column in ("modified", "team"):
        catalog = select(catalog, "jobs", without=[("jobs", "modified"), ("jobs", "team")])
        root_of(catalog, "jobs").update(WAYS["both"])
        (record, *_) = team.run(catalog=catalog).records["jobs"]
        assert (column in record) == (column == "modified")


def test_start_date_and_end_date_bound_a_run(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=0.5, frozen=True)
    start, end = parse_time("2024-04-01"), parse_time("2024-05-01")
    settings: dict[str, Any] = {"start_date": "2024-04-01", "end_date": "2024-05-01"}
    output = team.run(catalog=chosen("jobs"), **settings)

    expected = [
        row
        for row in team.truth("jobs")
        if (time := time_of(row, "jobs")) is None or start <= time < end
    ]
    assert ids(output.records["jobs"], "jobs") == ids(expected, "jobs")
    assert 0 < len(expected) < len(team.truth("jobs"))
    assert bookmark(output, "jobs") <= end


def test_nothing_before_start_date_comes_by_the_look_back(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=0.5, frozen=True)
    settings: dict[str, Any] = {"start_date": "2024-05-01", "lookback_days": 60}
    first = team.run(catalog=chosen("jobs"), **settings)
    second = team.run(catalog=chosen("jobs"), state=first.state, **settings)

    assert ids(second.records["jobs"], "jobs") == ids(first.records["jobs"], "jobs")


def test_without_anything_new_the_bookmark_stays(team_of: Callable[..., Team]) -> None:
    team = team_of(frozen=True)
    output = team.run(catalog=chosen("jobs"), start_date="2024-05-15T09:29:59Z")

    assert output.failures == {}
    assert output.records["jobs"] == []
    assert output.state == {"bookmarks": {}}


def test_the_bookmark_waits_for_the_whole_list(team_of: Callable[..., Team]) -> None:
    team = team_of(frozen=True)
    team.sandbox.fault("status", route="jobs", contains="skip=12&", status=400, times=None)
    first = team.run(catalog=chosen("jobs"), jobs_page_size=11)
    team.sandbox.clear_faults()
    second = team.run(catalog=chosen("jobs"), jobs_page_size=11, state=first.state)

    assert first.failures.keys() == {"jobs"}
    assert first.records["jobs"]
    assert first.state == {"bookmarks": {}}
    assert_complete(team, second, "jobs")


def test_a_job_without_the_servers_time_has_that_of_its_device(team: Team) -> None:
    jobs = list(team.by_key("jobs").values())[:3]
    jobs[0]["metadata"]["modified"] = None
    jobs[1]["metadata"]["modified"] = "0001-01-01T00:00:00"
    jobs[2]["metadata"] |= {"modified": None, "updated": None}
    for job in jobs:
        del job["modified"]
    team.answer_jobs(jobs)

    records = team.run("jobs").records["jobs"]

    assert [row["modified"] for row in records] == [
        jobs[0]["metadata"]["updated"],
        jobs[1]["metadata"]["updated"],
        None,
    ]


def test_a_job_without_a_time_is_always_written(team: Team) -> None:
    jobs = list(team.by_key("jobs").values())[:3]
    jobs[2]["metadata"] |= {"modified": None, "updated": None}
    team.answer_jobs(jobs)
    state = {"bookmarks": {"jobs": {"replication_key_value": "2024-05-14T00:00:00Z"}}}

    records = team.run(catalog=chosen("jobs"), state=state, lookback_days=0).records["jobs"]

    assert jobs[2]["jobId"] in {row["jobId"] for row in records}


def test_the_catalog_alone_makes_them_incremental() -> None:
    config = {"client_id": "made-up", "client_secret": "made-up"}
    tap = TapFlow(config=config, catalog=chosen(*LISTS, *WITH))

    assert {name for name, stream in tap.selected.items() if not stream.incremental} == set()
