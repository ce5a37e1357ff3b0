"""Which files come is the settings' choice, and may change from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_flow.tap import TapFlow
from tap_kit.errors import SettingsError
from tests.singer import discover
from tests.tap_flow.readers.archive import Archive

if TYPE_CHECKING:
    from pathlib import Path


def test_the_stream_is_there_where_there_is_a_place_for_files(
    archive: Archive,
) -> None:
    def names(config: dict[str, Any]) -> list[str]:
        return sorted(entry["tap_stream_id"] for entry in discover(TapFlow, config)["streams"])

    assert "files" not in names(archive.team.config)
    assert names(archive.config) == sorted([*names(archive.team.config), "files"])
    key = {"query_key": "made-up"}
    assert names({**key, "files_to": archive.config["files_to"]}) == sorted([*names(key), "files"])


def test_a_kind_that_is_wanted_later_comes_for_all_jobs(archive: Archive) -> None:
    state = archive.run(kinds=["reports"]).state
    output = archive.run(kinds=["reports", "attachments"], state=state)
    assert not output.failures
    archive.assert_complete(output.records["files"], "job_attachments", "job_reports")
    assert all("/stepresources/" in entry.path for entry in archive.team.requests("blob"))
    fewer = archive.run(kinds=["reports"], state=output.state)
    assert len(fewer.records.get("files", [])) < len(archive.team.truth("job_reports")) + 1


def test_in_another_folder_all_files_come_again(archive: Archive, tmp_path: Path) -> None:
    first = archive.run()
    other = Archive(archive.team, tmp_path / "other")
    output = other.run(state=first.state)
    assert not output.failures
    assert other.stored() == archive.stored()


def test_files_that_are_selected_later_catch_up_alone(archive: Archive) -> None:
    first = archive.team.run("completed_jobs", "job_attachments")
    output = archive.run("completed_jobs", "job_attachments", state=first.state)
    assert not output.failures
    archive.assert_complete(output.records["files"], "job_attachments", "job_reports")
    whole = len(first.records["job_attachments"])
    assert len(output.records["job_attachments"]) < whole


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"files_to": "/data"}, "files_to must be file:///folder"),
        ({"files_to": "s3://key:secret@bucket"}, "files_to must be file:///folder"),
        ({"files_to": "file:///data", "file_kinds": []}, "file_kinds must name some of"),
        ({"files_to": "file:///data", "file_kinds": ["photos"]}, "file_kinds.0 must be one of"),
        ({"files_to": "file:///data", "max_file_bytes": 0}, "max_file_bytes must be at least 1"),
    ],
)
def test_wrong_settings_are_said_before_any_request(
    sandbox_free: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        TapFlow(config={**sandbox_free, **settings})
    assert "secret@" not in str(caught.value)


@pytest.fixture
def sandbox_free() -> dict[str, Any]:
    return {"client_id": "made-up", "client_secret": "made-up"}


def test_lists_need_more_than_a_query_key() -> None:
    with pytest.raises(SettingsError, match="file_kinds collections need client_id"):
        TapFlow(
            config={
                "query_key": "made-up",
                "files_to": "file:///data",
                "file_kinds": ["attachments", "collections"],
            }
        )
