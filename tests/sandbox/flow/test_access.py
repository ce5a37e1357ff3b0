"""Tokens, keys, policies, verbs and slashes."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from sandbox.flow.access import POLICIES, SCOPES
from tests.sandbox.flow.client import (
    GRAPH,
    Client,
    decoded,
)


class TestAccess:
    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({"client_secret": "wrong"}, "invalid_client"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"scope": "everything"}, "invalid_scope"),
        ],
    )
    def test_a_wrong_token_request_is_refused(
        self, client: Client, form: dict[str, str], error: str
    ) -> None:
        answer = client.ask_for_token(**form)
        assert (answer.status, decoded(answer)) == (400, {"error": error})

    def test_a_token_is_good_for_an_hour_under_its_scheme(self) -> None:
        client = Client()
        users = "/accounts/api/team/user"
        assert client.send("GET", users).status == 200
        for header in ("", client.token, f"Token {client.token}", "Bearer x"):
            assert client.send("GET", users, headers={"authorization": header}).status == 401
        client.clock.advance(seconds=3599)
        assert client.send("GET", users).status == 200
        client.clock.advance(seconds=1)
        assert client.send("GET", users).status == 401
        client.log_in()
        client.vendor.revoke_tokens()
        assert client.send("GET", users).status == 401

    def test_keys_open_the_query_api_and_nothing_else(self) -> None:
        client = Client()
        client.token = ""
        query = f"query={quote('{ jobs { jobId } }')}"
        key = f"key={client.vendor.QUERY_KEY}"
        assert client.send("GET", f"{GRAPH}?{query}&{key}").status == 200
        assert client.send("GET", f"{GRAPH}?{query}&key=other").status == 401
        assert client.send("GET", f"{GRAPH}?{query}").status == 401
        assert client.send("GET", f"/gateway/jobs/v1/?{key}").status == 401

    @pytest.mark.parametrize(
        ("target", "policy"),
        [
            ("/gateway/jobs/v1/", "Job_ReadAll"),
            ("/gateway/jobs/v1/snapshots/x", "Job_ReadAll"),
            ("/gateway/jobs/v1/bson/x", "Job_Read"),
            ("/gateway/jobs/v1/my/", "Job_Read"),
            ("/gateway/reports/v1/generate/x", "Reports_Read"),
            ("/gateway/reporttemplates/v1", "Reports_Create"),
            ("/gateway/scheduledjobs/v1", "Schedule_ReadAll"),
            ("/gateway/scheduledjobs/v1/my", "Schedule_Read"),
            ("/gateway/teamsettings/v1/", "TeamSettings_Read"),
            ("/gateway/trigger/v2", "Trigger_Read"),
            ("/gateway/workflows/v2", "Workflow_Read"),
            ("/accounts/api/team/user/x/permissions", "Team_Admin"),
            (f"{GRAPH}?query=x", "Query_Read"),
        ],
    )
    def test_each_endpoint_has_its_policy(self, target: str, policy: str) -> None:
        client = Client()
        assert client.send("GET", target).status != 403
        client.vendor.denied_policies.add(policy)
        assert client.send("GET", target).status == 403
        client.vendor.denied_policies.clear()
        other = next(
            name for name in POLICIES if not POLICIES[name].scopes & POLICIES[policy].scopes
        )
        client.vendor.client_scopes |= POLICIES[policy].scopes | POLICIES[other].scopes
        client.log_in(scope=" ".join(POLICIES[other].scopes))
        assert client.send("GET", target).status == 403
        client.log_in(scope=min(POLICIES[policy].scopes))
        assert client.send("GET", target).status != 403

    def test_the_policy_of_user_permissions_is_unsure(self) -> None:
        client = Client(user_permissions_policy="trigger_admin")
        user = client.get("/accounts/api/team/user")[0]["userId"]
        target = f"/accounts/api/team/user/{user}/permissions"
        assert client.send("GET", target).status == 200
        client.log_in(scope=f"{SCOPES}team.admin")
        assert client.send("GET", target).status == 403

    def test_slashes_and_verbs_are_exact(self, client: Client) -> None:
        assert client.send("GET", "/gateway/jobs/v1").status == 405
        assert client.send("GET", "/gateway/teamsettings/v1").status == 404
        assert client.send("GET", "/gateway/workflows/v2/").status == 404
        assert client.send("GET", "/gateway/group/5e4a95c36abe6e0001f80592").status == 404
        writes = [route for route in client.vendor.routes() if route.writes]
        assert {route.method for route in writes} == {"POST", "PUT", "DELETE"}
        assert all(client.send(route.method, route.pattern).status == 405 for route in writes)
