"""Every stream brings what Flow has, whatever form Flow chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.flow.vendor import Flow
from tap_flow.tap import TapFlow
from tests.tap_flow.conftest import JOB_STREAMS, KEYS, Team, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

STREAMS = list(KEYS)
REST = [name for name in STREAMS if name not in JOB_STREAMS]
QUERY_VARIANTS = (
    *("graph_path", "graphql_status", "introspection", "datetime_arguments", "dates", "bounds"),
    *("exclusive_filters", "cursor_filters", "edits", "late_files", "excluded"),
)
REST_VARIANTS = (
    *("rest_order", "rest_max_limit", "job_by_id", "job_by_client_id", "trigger_by_id"),
    *("collection_by_id", "snapshots", "approvals", "user_permissions_policy"),
)


def choices(*variants: str) -> list[tuple[str, str]]:
    return [(name, choice) for name in variants for choice in Flow.variants[name][1:]]


def test_everything_at_once(team: Team) -> None:
    output = team.run(*STREAMS)

    assert output.failures == {}
    assert_complete(team, output, *STREAMS)
    assert not team.sandbox.journal.writes()


@pytest.mark.parametrize(("variant", "choice"), choices(*QUERY_VARIANTS))
def test_completed_jobs_in_each_variant(
    team_of: Callable[..., Team], variant: str, choice: str
) -> None:
    team = team_of(scale=0.1, **{variant: choice})
    # Pages of a few jobs, and edges of windows on which jobs lie.
    output = team.run(*JOB_STREAMS, page_size=7, window="month", start_date="2020-01-01")

    assert output.failures == {}
    assert_complete(team, output, *JOB_STREAMS)


@pytest.mark.parametrize(("variant", "choice"), choices(*REST_VARIANTS))
def test_rest_streams_in_each_variant(
    team_of: Callable[..., Team], variant: str, choice: str
) -> None:
    team = team_of(scale=0.1, **{variant: choice})
    output = team.run(*REST)

    if (variant, choice) == ("snapshots", "404"):
        # No job has any: the address might be wrong, so this is said.
        assert "GET /jobs/v1/snapshots/" in output.failures.pop("job_snapshots")
    assert output.failures == {}
    assert_complete(team, output, *REST)


def test_what_is_off_by_default(team: Team) -> None:
    catalog = TapFlow(config=team.config).catalog
    off = {
        name for name, entry in catalog.items() if entry.metadata.root.selected_by_default is False
    }

    assert off == {"job_details", "job_snapshots", "job_report_urls", "user_permissions"}


def test_a_query_key_alone_offers_the_query_api_only(team: Team) -> None:
    config = {name: value for name, value in team.config.items() if not name.startswith("client_")}
    team.config = {**config, "query_key": Flow.QUERY_KEY}

    output = team.run()

    assert output.failures == {}
    assert set(output.schemas) == {*JOB_STREAMS, "query_users"}
    assert_complete(team, output, *JOB_STREAMS, "query_users")
    assert not team.asked("token")
    assert Flow.QUERY_KEY not in str(output.lines)


def test_a_query_key_beside_a_client_is_for_the_query_api(team: Team) -> None:
    team.run("query_users", "users", query_key=Flow.QUERY_KEY)

    (query,) = team.sandbox.journal.for_route("flow", "graphql")
    assert query.query == f"key={Flow.QUERY_KEY}"
    assert "authorization" not in query.headers
    (users,) = team.sandbox.journal.for_route("flow", "users")
    assert users.headers["authorization"].startswith("Bearer ")


def test_an_access_token_instead_of_a_client(team: Team) -> None:
    tap = TapFlow(config=team.config)
    token = tap.client.auth.headers(tap.client)["Authorization"].removeprefix("Bearer ")  # type: ignore[union-attr]
    for name in ("client_id", "client_secret"):
        del team.config[name]

    output = team.run("users", access_token=token)

    assert_complete(team, output, "users")


def test_scopes_are_asked_for_when_given(team: Team) -> None:
    team.run("users", scope="https://www.flow.librestream.com/auth/query.read")

    (token,) = team.asked("token")
    assert token.endswith("&scope=https%3A%2F%2Fwww.flow.librestream.com%2Fauth%2Fquery.read")


@pytest.mark.parametrize("shape", ["list", "object"])
def test_my_jobs_and_scheduled_jobs(team_of: Callable[..., Team], shape: str) -> None:
    team = team_of(scale=1.0, my_scheduled_jobs=shape)
    output = team.run("jobs", "scheduled_jobs", "scheduled_job_tasks", job_scope="my")

    assert output.failures == {}
    mine = {job["metadata"]["userId"] for job in output.records["jobs"]}
    assert len(mine) == 1
    every = team.by_key("scheduled_jobs").values()
    expected = [job["scheduledJobId"] for job in every if mine <= {*job["assignedUserIds"]}]
    found = [job["scheduledJobId"] for job in output.records["scheduled_jobs"]]
    assert found == (expected if shape == "list" else expected[:1])


def test_secrets_stay_with_the_vendor_unless_wanted(team: Team) -> None:
    streams = ("job_attachments", "workflow_versions", "triggers", "report_templates")
    without = team.run(*streams)
    wanted = team.run(*streams, include_secrets=True)

    assert "sig=" not in str(without.lines)
    assert all("sig=" in record["downloadUrl"] for record in wanted.records["job_attachments"])
    signatures = [
        [record.get("downloadSignature") for record in output.records["workflow_versions"]]
        for output in (without, wanted)
    ]
    assert not any(signatures[0])
    assert any(signatures[1])
    options = [
        {value for r in output.records["triggers"] for value in r["triggerOptions"].values()}
        for output in (without, wanted)
    ]
    assert options[0] == {None}
    assert len(options[1]) > 1
