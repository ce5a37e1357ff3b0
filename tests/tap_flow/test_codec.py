"""Completed jobs and the list of jobs are decoded straight into rows, unless something is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.http.response import Response
from tests.tap_flow.conftest import JOB_STREAMS, Team, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

STREAMS = (*JOB_STREAMS, "jobs")


@pytest.fixture
def general(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The answers with jobs that are decoded in the general way."""
    decoded: list[str] = []
    json = Response.json

    def noting(body: Response) -> Any:  # noqa: ANN401  # any JSON
        if b'"jobId"' in body.content:
            decoded.append(body.text())
        return json(body)

    monkeypatch.setattr(Response, "json", noting)
    return decoded


def test_no_response_with_all_fields_takes_the_general_way(
    team_of: Callable[..., Team], general: list[str]
) -> None:
    team = team_of()
    output = team.run(*STREAMS)
    assert all(len(response) < 300 for response in general), "but for ids and bounds"
    for stream in STREAMS:
        assert_complete(team, output, stream)


@pytest.mark.parametrize(
    "without",
    [("completed_jobs", "updated"), ("jobs", "team")],
)
def test_deselected_fields_that_come_all_the_same_do(
    team_of: Callable[..., Team], general: list[str], without: tuple[str, str]
) -> None:
    team = team_of()
    stream, name = without
    output = team.run(*STREAMS, without=[without])
    assert any(len(response) > 300 for response in general)
    assert output.records[stream]
    assert not any(name in record for record in output.records[stream])
    assert len(output.records[stream]) == len(team.by_key(stream))


def test_a_field_that_the_vendor_adds_is_taken_up(
    team_of: Callable[..., Team], general: list[str]
) -> None:
    team = team_of(frozen=True)
    known = team.run("jobs").records["jobs"]
    assert not general
    team.sandbox.drift("flow.jobs", {"colour": "red"})
    found = team.run("jobs").records["jobs"]
    assert found == [{**job, "extra_columns": {"colour": "red"}} for job in known]
