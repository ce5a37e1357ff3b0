"""Tokens of the sandbox's XOi, as the vendor's pages say."""

from __future__ import annotations

import base64

import pytest

from sandbox.xoi.access import API_KEY, API_SECRET
from tests.sandbox.xoi.client import EXAMPLE, TOKEN, Client, decoded


class TestAccess:
    def test_both_forms_give_tokens_that_stay_valid_for_an_hour(self) -> None:
        client = Client()
        client.log_in()
        pair = base64.b64encode(f"{API_KEY}:{API_SECRET}".encode()).decode()
        other = decoded(client.send("GET", TOKEN, auth=f"Basic {pair}"))
        assert list(other) == ["token"]
        assert client.report(*EXAMPLE).status == 200
        assert client.report(*EXAMPLE, auth=other["token"]).status == 200
        assert client.report(*EXAMPLE, auth=f"Bearer {client.token}").status == 401
        client.clock.advance(minutes=61)
        assert client.report(*EXAMPLE).status == 401
        client.log_in()
        assert client.report(*EXAMPLE).status == 200
        client.vendor.revoke_tokens()
        assert client.report(*EXAMPLE).status == 401

    @pytest.mark.parametrize(
        ("choice", "status"), [("401", 401), ("200_without_token", 200), ("403", 403)]
    )
    def test_wrong_credentials(self, choice: str, status: int) -> None:
        answer = Client(variants={"token_refusal": choice}).log_in("wrong")
        assert (answer.status, list(decoded(answer))) == (status, ["message"])

    def test_no_token_at_a_graphql_endpoint(self) -> None:
        for choice, status in (("401", 401), ("200_unauthorized", 200)):
            client = Client(variants={"graphql_auth_error": choice})
            answer = client.send("POST", "/users/graphql", b"{}", "application/json", "nonsense")
            assert answer.status == status
            assert decoded(answer)["errors"][0]["errorType"] == "UnauthorizedException"
