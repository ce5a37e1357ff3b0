"""A 403 says which policy, scopes and permissions are missing; the other streams go on."""

from __future__ import annotations

from inspect import ismodule
from typing import TYPE_CHECKING

import pytest

from sandbox.flow.access import POLICIES
from tap_flow import policies, streams
from tap_flow.endpoints import Endpoint
from tap_flow.policies import Policy
from tap_flow.tap import TapFlow
from tests.singer import select
from tests.tap_flow.conftest import JOB_STREAMS, KEYS, Team, full_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

STREAMS_OF = {
    "Query_Read": {*JOB_STREAMS, "query_users"},
    "Job_ReadAll": {"jobs", "job_details", "job_snapshots", "job_report_urls"},
    "Job_Read": {"job_details"},
    "Reports_Read": {"job_report_urls"},
    "Reports_Create": {"report_templates", "report_template_contents"},
    "Schedule_ReadAll": {"scheduled_jobs", "scheduled_job_tasks"},
    "TeamSettings_Read": {"team_settings"},
    "Trigger_Read": {"triggers"},
    "Team_Admin": {"user_permissions"},
    "Workflow_Read": {"workflows", "workflow_versions"},
}


@pytest.mark.parametrize("policy", STREAMS_OF)
def test_a_missing_permission_is_explained(team_of: Callable[..., Team], policy: str) -> None:
    team = team_of(scale=0.05, denied_policy=policy)
    denied = STREAMS_OF[policy]
    other = "users" if policy != "users" else "groups"
    output = team.run(*sorted(denied), other, start_date="2024-01-01")

    assert output.failures.keys() == denied
    for message in output.failures.values():
        assert policy in message
        for scope in POLICIES[policy].scopes:
            assert scope in message
        for permission in POLICIES[policy].permissions:
            assert permission.upper() in message
    assert output.records[other]


def test_policies_are_those_of_the_guide() -> None:
    ours = [policy for policy in vars(policies).values() if isinstance(policy, Policy)]
    known = {policy.name.split(" ")[0]: policy for policy in ours}
    for name, policy in POLICIES.items():
        if name in ("Team_Admin", "Trigger_Admin"):
            assert name in policies.USER_PERMISSIONS_READ.name
            continue
        scopes = {policies.SCOPE_PREFIX + scope for scope in known[name].scopes}
        assert scopes == policy.scopes
        assert {p.lower() for p in known[name].permissions} == policy.permissions


def test_every_stream_can_be_tested_with_a_cheap_call(
    team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = select(full_catalog(), *KEYS)
    assert TapFlow(config=team.config, catalog=catalog).test_streams()

    lines = capsys.readouterr().err.splitlines()
    assert sorted(lines) == sorted(f"{name}: works" for name in KEYS)
    requests = [entry for entry in team.sandbox.journal if entry.route != "token"]
    # A list and one of its items for six streams, and once a page far behind the list of jobs.
    assert len(requests) <= len(KEYS) + 6 + 1
    assert set(team.queries()) == {
        "{ jobs(limit: 1) { jobId } }",
        "{ users { emailAddress name userGroups { name } } }",
    }
    assert {entry.query for entry in requests if entry.route == "jobs"} == {
        "skip=0&limit=1",
        "skip=1000000&limit=1",
    }


def test_the_test_names_what_is_missing(
    team_of: Callable[..., Team], capsys: pytest.CaptureFixture[str]
) -> None:
    team = team_of(denied_policy="Trigger_Read")
    tap = TapFlow(config=team.config)

    assert not tap.test_streams()

    lines = dict(line.split(": ", 1) for line in capsys.readouterr().err.splitlines())
    assert "Trigger_Read (guide 2.4.20)" in lines.pop("triggers")
    assert set(lines.values()) == {"works"}


def test_each_endpoint_is_called_by_its_documented_path(team: Team) -> None:
    team.run(*KEYS, start_date="2024-01-01")

    asked = {(entry.route, entry.status) for entry in team.sandbox.journal}
    assert None not in {route for route, _ in asked}
    assert {status for _, status in asked} == {200}
    gets = {
        point
        for area in vars(streams).values()
        if ismodule(area)
        for point in vars(area).values()
        if isinstance(point, Endpoint)
    }
    # All but the single collection, and with GraphQL, token and files.
    assert len({route for route, _ in asked}) == len(gets) - 1 + 3
