"""``--doctor`` finds what differs at a team, and with the settings it names a run is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.flow.vendor import Flow
from tap_kit.errors import CredentialsError
from tests.harness import finding
from tests.tap_flow.conftest import JOB_STREAMS, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tap_flow.conftest import Team

API_PATH = "/api/query/v2/graph"
DEFAULTS: dict[str, Any] = {"query_path": "/query/v2/graph", "date_format": "dash"}
OPENED = "https://www.flow.librestream.com/auth/"
SOME = (
    "schedule.read_all, team.admin, teamsettings.read, trigger.admin, trigger.read, workflow.read"
)


@pytest.mark.parametrize(
    ("variants", "given", "change"),
    [
        ({}, {}, {}),
        ({"graph_path": "both"}, {}, {}),
        ({"graph_path": "api"}, {}, {"query_path": API_PATH}),
        ({"graph_path": "v2"}, {"query_path": API_PATH}, {"query_path": "/query/v2/graph"}),
        ({"graph_path": "v2"}, {"query_path": "/old/graph"}, {"query_path": "/query/v2/graph"}),
        ({"dates": "slash_only"}, {}, {"date_format": "slash"}),
        ({"dates": "slash_only", "graphql_status": "400"}, {}, {"date_format": "slash"}),
        ({"dates": "dash_only"}, {"date_format": "slash"}, {"date_format": "dash"}),
        ({"group_host": "gateway"}, {}, {}),
        ({"rest_max_limit": "100"}, {}, {}),
        (
            {"rest_max_limit": "100", "rest_beyond_limit": "refused"},
            {},
            {"jobs_page_size": 100},
        ),
        (
            {"graph_path": "api", "dates": "slash_only", "cursor_filters": "error"},
            {},
            {"query_path": API_PATH, "date_format": "slash"},
        ),
    ],
    ids=str,
)
def test_a_run_with_the_recommended_settings_is_complete(
    team_of: Callable[..., Team],
    variants: dict[str, str],
    given: dict[str, Any],
    change: dict[str, Any],
) -> None:
    team = team_of(scale=0.05, **variants)
    settings = {**DEFAULTS, **given}
    report = team.doctor(**settings)
    assert report["change"] == change
    assert report["exit_code"] == (1 if change else 0)
    assert all(stream["works"] for stream in report["streams"])
    streams = ("completed_jobs", "job_steps", "jobs", "groups")
    output = team.run(*streams, **{**settings, **change})
    assert not output.failures
    assert_complete(team, output, *streams)


@pytest.mark.parametrize(
    ("variants", "stream", "words"),
    [
        ({"graph_path": "api"}, "completed_jobs", "query_path"),
        ({"dates": "slash_only"}, "completed_jobs", "date_format"),
        (
            {"rest_max_limit": "100", "rest_beyond_limit": "refused"},
            "jobs",
            "jobs_page_size",
        ),
        ({"rest_paging": "ignored"}, "jobs", "no notice of skip"),
    ],
    ids=str,
)
def test_a_run_with_the_other_setting_names_the_doctor(
    team_of: Callable[..., Team], variants: dict[str, str], stream: str, words: str
) -> None:
    output = team_of(scale=0.2, **variants).run(stream, **DEFAULTS)
    assert words in output.failures[stream]
    assert "tap-flow --config … --doctor" in output.failures[stream]


@pytest.mark.parametrize(
    ("variants", "name", "text"),
    [
        ({"bounds": "half_open"}, "bounds", "includes its own moment, updatedBefore excludes"),
        ({"bounds": "inclusive"}, "bounds", "includes its own moment, updatedBefore includes"),
        ({"bounds": "exclusive"}, "bounds", "excludes its own moment, updatedBefore excludes"),
        ({"cursor_filters": "allowed"}, "cursor-filters", "is taken, and heeded"),
        ({"cursor_filters": "error"}, "cursor-filters", "is refused"),
        ({"introspection": "on"}, "schema", "Introspection is on"),
        ({"introspection": "off"}, "schema", "Introspection is off"),
        ({}, "skip-and-limit", "limit is heeded, skip is heeded"),
        ({"excluded": "shown"}, "excluded-jobs", "is in the Query API"),
        ({"excluded": "omitted"}, "excluded-jobs", "is not in the Query API"),
        ({"snapshots": "object"}, "snapshots", "an object"),
        ({"snapshots": "list"}, "snapshots", "a list"),
        ({"snapshots": "404"}, "snapshots", "none for a job"),
        ({"rest_paging": "ignored"}, "skip-and-limit", "limit is not heeded (20 rows came for 1)"),
        ({"rest_paging": "ignored"}, "skip-and-limit", "skip is not heeded"),
        ({"group_host": "accounts"}, "group-host", "on the accounts host"),
        ({"group_host": "gateway"}, "group-host", "on the gateway host"),
        (
            {"scope_prefix": "flow"},
            "scopes",
            f"query.read, reports.create, {SOME}; prefix: {OPENED}",
        ),
        ({"scope_prefix": "workfloplus"}, "scopes", "prefix: https://www.workfloplus.com/auth/"),
    ],
    ids=str,
)
def test_what_needs_no_setting_is_found_too(
    team_of: Callable[..., Team], variants: dict[str, str], name: str, text: str
) -> None:
    report = team_of(scale=0.3, **variants).doctor()
    assert text in finding(report, name)
    assert report["change"] == {}


@pytest.mark.parametrize("paging", ["heeded", "ignored"])
def test_a_list_that_does_not_move_is_none_that_works(
    team_of: Callable[..., Team], paging: str
) -> None:
    report = team_of(scale=0.05, rest_paging=paging).doctor()
    verdicts = {one["stream"]: one["works"] for one in report["streams"]}
    assert verdicts["jobs"] is (paging == "heeded")
    assert verdicts["workflows"]


def test_a_page_that_is_cut_is_told(team_of: Callable[..., Team]) -> None:
    report = team_of(scale=0.6, rest_max_limit="100").doctor()
    text = "For a limit of 500 came 100 rows, and there are more."
    assert text in finding(report, "largest-page")
    assert report["change"] == {}


@pytest.mark.parametrize(
    ("prefix", "right"), [("flow", OPENED), ("workfloplus", "https://www.workfloplus.com/auth/")]
)
def test_a_scope_that_is_not_registered_is_found(
    team_of: Callable[..., Team], prefix: str, right: str
) -> None:
    team = team_of(scale=0.05, scope_prefix=prefix)
    wanted = f"{OPENED}query.read {OPENED}job.read"
    report = team.doctor(scope=wanted)
    assert report["change"] == {"scope": f"{right}query.read"}
    assert report["exit_code"] == 1
    with pytest.raises(CredentialsError, match=r"scope\. Run tap-flow --config … --doctor"):
        team.run("completed_jobs", scope=wanted)
    output = team.run("completed_jobs", scope=report["change"]["scope"])
    assert_complete(team, output, "completed_jobs")


def test_a_missing_permission_is_told_of_its_streams(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=0.05, denied_policy="Query_Read")
    report = team.doctor()
    verdicts = {one["stream"]: one["missing"] for one in report["streams"]}
    for stream in JOB_STREAMS:
        assert "query.read" in verdicts[stream]
    assert verdicts["users"] is None
    assert report["exit_code"] == 0


def test_a_query_key_alone_is_enough(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=0.05)
    for name in ("client_id", "client_secret"):
        del team.config[name]
    report = team.doctor(query_key=Flow.QUERY_KEY)
    assert report["exit_code"] == 0
    assert all(stream["works"] for stream in report["streams"])
    assert "query key" in finding(report, "group-host")


def test_a_query_key_that_is_wrong_ends_it(team_of: Callable[..., Team]) -> None:
    team = team_of(scale=0.05)
    report = team.doctor(query_key="not-the-right-one")
    assert report["exit_code"] == 2
    assert "credentials" in report["failure"]
    assert "query_key" in report["failure"]


def test_what_could_not_be_found_out_is_told(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_kit.http.retry.LONGEST_BACKOFF", 0.01)
    team.sandbox.fault("status", route="graphql", contains="__schema", status=500, times=None)
    report = team.doctor()
    (question,) = (one for one in report["questions"] if one["state"] == "failed")
    assert question["name"] == "schema"
    assert "HTTP 500" in question["finding"]
    assert report["exit_code"] == 2
    assert report["failure"] is None
    assert all(stream["works"] for stream in report["streams"])


@pytest.mark.parametrize("at", ["question", "stream"])
def test_a_response_of_an_unknown_shape_is_no_advice(
    team: Team, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def odd(*_: object) -> None:
        raise KeyError(at)

    place = (
        "tap_kit.doctor.checkup.Checkup.once"
        if at == "question"
        else "tap_flow.readers.listed_jobs.JobListReader.probe"
    )
    monkeypatch.setattr(place, odd)
    report = team.doctor()
    found = report["questions" if at == "question" else "streams"]
    assert "has a shape that this version does not know" in str(found)
    assert report["exit_code"] == 2
    assert not report["change"]
