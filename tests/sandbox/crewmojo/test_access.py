"""Tokens and requests of the sandbox's Crewmojo, as the vendor's pages say."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.sandbox.crewmojo.client import FORM, GRANT, JSON, Client, Record, text


class TestAccess:
    def test_a_new_token_ends_the_older_one(self) -> None:
        client = Client()
        older, newer = client.token, client.log_in()
        assert client.ask("people.custom", token=older).status == 401
        assert client.ask("people.custom", token=newer).status == 200
        client.clock.advance(minutes=31)
        assert client.ask("people.custom", token=newer).status == 401
        client.log_in()
        client.vendor.revoke_tokens()
        assert client.ask("people.custom").status == 401

    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [
            (urlencode(GRANT), FORM, 200),
            (json.dumps(GRANT), JSON, 200),
            (json.dumps(GRANT), FORM, 400),
            (urlencode(GRANT), JSON, 400),
            (json.dumps(GRANT), "text/plain", 400),
            (json.dumps({**GRANT, "grant_type": "password"}), JSON, 400),
            (json.dumps({**GRANT, "client_secret": "wrong"}), JSON, 401),
        ],
    )
    def test_the_body_must_be_what_its_header_says(
        self, client: Client, body: str, content_type: str, status: int
    ) -> None:
        answer = client.send("POST", "/v1/oauth/token", body.encode(), content_type=content_type)
        assert answer.status == status
        if status == 200:
            client.token = json.loads(text(answer))["access_token"]

    def test_variants_of_the_answer(self) -> None:
        for choice, keys in (("expires_in", 3), ("expires_at", 3), ("absent", 2)):
            client = Client(variants={"token_expiry": choice})
            answer = client.send("POST", "/v1/oauth/token", json.dumps(GRANT).encode())
            assert len(json.loads(text(answer))) == keys

    def test_uploads_write(self, client: Client) -> None:
        for name in ("human", "humans"):
            found = client.routes.find("POST", f"/v1/integrations/upload/{name}")
            assert found.route
            assert found.route.writes


class TestQuestions:
    @pytest.mark.parametrize(
        "body",
        [
            {"startDate": 20250501},
            {"endDate": 20250531},
            {"startDate": "20250501", "endDate": "20250531"},
            {"startDate": "2025-05-01", "endDate": "2025-05-31"},
            {"startDate": 20250532, "endDate": 20250632},
            {"startDate": 10**400, "endDate": 10**400},
            {"startDate": 20250531, "endDate": 20250501},
            {"contentType": "xml"},
            {"jobId": "true"},
        ],
    )
    def test_mistakes_are_400(self, client: Client, body: Record) -> None:
        answer = client.ask("oneonone.summary", body)
        assert answer.status == 400
        assert list(json.loads(text(answer))) == ["message"]

    def test_reports_that_are_not_there_or_not_permitted(self) -> None:
        for choice in ("400", "404"):
            client = Client(variants={"unknown_report": choice, "error_body": "error"})
            answer = client.ask("no.such")
            assert (answer.status, list(json.loads(text(answer)))) == (int(choice), ["error"])
            assert client.ask("bad.forbidden").status == 403
