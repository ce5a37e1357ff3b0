from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tap_kit.errors import (
    CredentialsError,
    PermissionDeniedError,
    TokenRefusedError,
    UnreachableError,
)
from tap_kit.http.auth import StaticHeader, Token, TokenAuth, oauth2_token
from tap_kit.http.response import Response
from tap_kit.stats import StreamStats
from tests.tap_kit.http.scripted import hang_up, held, ok, respond

if TYPE_CHECKING:
    from tap_kit.http.auth import TokenClient
    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeClient, MakeRequest
    from tests.tap_kit.http.scripted import Exchange, Step, Vendor


class Counter:
    """Gives out token-1, token-2, ..."""

    def __init__(self, expires_in: float | None = None) -> None:
        self.count = 0
        self._expires_in = expires_in

    def __call__(self, _: TokenClient) -> Token:
        self.count += 1
        return Token(f"token-{self.count}", self._expires_in)


def sent(vendor: Vendor) -> list[str | None]:
    return [seen.headers.get("authorization") for seen in vendor.seen]


def only(token: str) -> Step:
    """A vendor that takes this token alone."""

    def step(exchange: Exchange) -> None:
        valid = exchange.headers["authorization"] == f"Bearer {token}"
        (ok([1]) if valid else respond(401, '{"message": "expired"}'))(exchange)

    return step


# Headers


def test_a_static_header_is_sent_and_redacted(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(ok())
    client = make_client(auth=StaticHeader("Authorization", "Token abcdef"))
    client.fetch(make_request(), Response.json)
    client.fetch(make_request(authorized=False), Response.json)
    assert sent(vendor) == ["Token abcdef", None]
    assert client.redactor.redact("abcdef") == "***"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, (CredentialsError, r"HTTP 401 .*: who\? hint\. Check the settings api_token$")),
        (403, (PermissionDeniedError, r"HTTP 403 .*: who\? hint$")),
    ],
)
def test_a_static_header_can_not_be_renewed(
    vendor: Vendor,
    make_client: MakeClient,
    make_request: MakeRequest,
    status: int,
    told: tuple[type[Exception], str],
) -> None:
    kind, message = told
    vendor.script(respond(status, '{"detail": "who?"}'))
    auth = StaticHeader("Authorization", "Token abcdef", settings=["api_token"])
    client = make_client(auth=auth)
    with pytest.raises(kind, match=message):
        client.fetch(make_request(explain=lambda *_: "hint"), Response.json)
    assert len(vendor.seen) == 1


def test_a_refused_static_header_is_not_sent_again(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(401, '{"detail": "who?"}'), ok())
    client = make_client(auth=StaticHeader("Authorization", "Token abcdef"))
    for _ in range(2):
        with pytest.raises(TokenRefusedError, match=r"who\?"):
            client.fetch(make_request(), Response.json)
    client.fetch(make_request(authorized=False), Response.json)
    assert sent(vendor) == ["Token abcdef", None]


def test_401_without_auth_is_about_credentials_too(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(respond(401))
    with pytest.raises(TokenRefusedError, match="GET /items: HTTP 401"):
        client.fetch(make_request(), Response.json)


@pytest.mark.parametrize(("scheme", "header"), [("Bearer", "Bearer token-1"), ("", "token-1")])
def test_a_token_is_sent_by_its_scheme(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, scheme: str, header: str
) -> None:
    vendor.script(ok())
    client = make_client(auth=TokenAuth(Counter(), scheme=scheme))
    client.fetch(make_request(), Response.json)
    client.fetch(make_request(), Response.json)
    assert sent(vendor) == [header, header]
    assert client.redactor.redact("token-1") == "***"


# Lifetime


@pytest.mark.parametrize(
    ("expires_in", "default", "leeway", "fresh_until"),
    [
        (3600, None, 60, 3540),
        (3600, 1800, 60, 3540),
        (None, 1800, 60, 1740),
        (100, None, 60, 50),
        (30, None, 60, 15),
        (100, None, 0, 100),
    ],
)
def test_a_token_is_replaced_before_its_end(  # the cases
    make_client: MakeClient,
    expires_in: float | None,
    default: float | None,
    leeway: float,
    fresh_until: float,
) -> None:
    now = 1000.0
    request = Counter(expires_in)
    auth = TokenAuth(request, leeway=leeway, default_lifetime=default, clock=lambda: now)
    client = make_client()
    for at, count in ((0, 1), (fresh_until - 1, 1), (fresh_until, 2), (fresh_until + 1, 2)):
        now = 1000.0 + at
        auth.headers(client)
        assert request.count == count


def test_a_token_of_unknown_life_stays_until_it_is_refused(make_client: MakeClient) -> None:
    now = 0.0
    request = Counter()
    auth = TokenAuth(request, clock=lambda: now)
    client = make_client()
    first = auth.headers(client)
    now = 1e9
    assert auth.headers(client) is first
    assert auth.renew(client, first)
    assert auth.headers(client) == {"Authorization": "Bearer token-2"}
    assert auth.renew(client, first)
    assert request.count == 2


# Renewal


def test_401_renews_once_beside_the_attempts(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(401), ok([1]))
    stats = StreamStats("items")
    client = make_client(auth=TokenAuth(Counter()), max_attempts=1)
    assert client.fetch(make_request(), Response.json, stats) == [1]
    assert sent(vendor) == ["Bearer token-1", "Bearer token-2"]
    assert (stats.requests, stats.retries) == (2, 1)


def test_401_again_is_about_credentials(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(401, '{"error": "nope"}'))
    client = make_client(auth=TokenAuth(Counter(), settings=["api_key", "api_secret"]))
    with pytest.raises(CredentialsError, match=r"nope\. Check the settings api_key, api_secret"):
        client.fetch(make_request(), Response.json)
    assert len(vendor.seen) == 2


def test_a_fault_between_does_not_renew_again(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(401), respond(500), respond(401), ok())
    client = make_client(auth=TokenAuth(Counter()))
    with pytest.raises(CredentialsError):
        client.fetch(make_request(), Response.json)
    assert len(vendor.seen) == 3


def test_403_renews_where_it_may_mean_the_token(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    client = make_client(auth=TokenAuth(Counter(), renew_on=frozenset({401, 403})))
    vendor.script(respond(403), ok([1]), respond(403))
    assert client.fetch(make_request(), Response.json) == [1]
    with pytest.raises(PermissionDeniedError) as caught:
        client.fetch(make_request(), Response.json)
    assert caught.value.status == 403
    assert len(vendor.seen) == 4


def test_403_ends_the_stream_otherwise(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(respond(403))
    client = make_client(auth=TokenAuth(Counter()))
    with pytest.raises(PermissionDeniedError):
        client.fetch(make_request(), Response.json)
    assert len(vendor.seen) == 1


# Threads


def test_one_token_serves_all_threads(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    waiting = threading.Event()
    vendor.script(held(waiting, ok({"access_token": "token-1"})), path="/token")
    vendor.script(ok([1]))
    client = make_client(
        concurrency=8, auth=TokenAuth(oauth2_token(make_request("/token", "POST")))
    )
    with ThreadPoolExecutor(8) as threads:
        responses = [threads.submit(client.fetch, make_request(), Response.json) for _ in range(8)]
        waiting.set()
        assert [response.result(10) for response in responses] == [[1]] * 8
    assert len(vendor.targets("/token")) == 1


def test_threads_refused_together_share_the_new_token(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    together = threading.Barrier(6)
    valid = only("token-2")

    def step(exchange: Exchange) -> None:
        if exchange.headers["authorization"] == "Bearer token-1":
            together.wait(10)
        valid(exchange)

    vendor.script(step)
    request = Counter()
    client = make_client(concurrency=6, auth=TokenAuth(request))
    with ThreadPoolExecutor(6) as threads:
        responses = [threads.submit(client.fetch, make_request(), Response.json) for _ in range(6)]
        assert [response.result(10) for response in responses] == [[1]] * 6
    assert request.count == 2


# Token requests


def oauth2(make_request: MakeRequest) -> TokenAuth:
    form = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "hidden-1"}
    return TokenAuth(oauth2_token(make_request("/token", "POST", form=form)))


@pytest.mark.parametrize(
    "granted",
    [
        {"access_token": "token-1", "expires_in": 3600, "token_type": "Bearer"},
        {"access_token": "token-1", "expires_in": "3600"},
        {"access_token": "token-1", "expires_in": None},
        {"access_token": "token-1", "expires_in": -1},
        {"access_token": "token-1", "expires_in": "soon", "message": "welcome"},
    ],
)
def test_a_token_is_asked_for(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, granted: dict[str, object]
) -> None:
    vendor.script(respond(503), ok(granted), path="/token")
    vendor.script(ok())
    client = make_client(auth=oauth2(make_request))
    client.fetch(make_request(), Response.json)
    client.fetch(make_request(), Response.json)
    assert [seen.target for seen in vendor.seen] == ["/token", "/token", "/items", "/items"]
    assert vendor.seen[1].form["client_secret"] == "hidden-1"
    assert "authorization" not in vendor.seen[1].headers
    assert sent(vendor)[2:] == ["Bearer token-1"] * 2


def test_a_token_may_stand_in_another_member(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest
) -> None:
    vendor.script(ok({"token": "token-1"}), path="/token")
    vendor.script(ok())
    request = oauth2_token(make_request("/token", "POST"), member="token")
    make_client(auth=TokenAuth(request, scheme="")).fetch(make_request(), Response.json)
    assert sent(vendor)[1] == "token-1"


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (respond(400, '{"error": "invalid_client"}'), "HTTP 400: invalid_client"),
        (respond(401, '{"message": "no hidden-1"}'), r"HTTP 401: no \*\*\*"),
        (respond(403, '{"message": "Forbidden"}'), "HTTP 403: Forbidden"),
        (respond(403, ""), "HTTP 403"),
        (respond(401, "Unauthorized", content_type="text/plain"), "HTTP 401: Unauthorized"),
        (respond(200, '{"message": "unknown api key"}'), "unknown api key"),
    ],
)
def test_wrong_credentials_are_told_once(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, refusal: Step, words: str
) -> None:
    vendor.script(refusal, path="/token")
    client = make_client(auth=oauth2(make_request))
    client.redactor.add("hidden-1")
    told = rf"POST /token: no token: {words}\. Check the settings client_id, client_secret$"
    for _ in range(2):  # a vendor may lock an account that keeps on asking
        with pytest.raises(CredentialsError, match=told):
            client.fetch(make_request(), Response.json)
    assert [seen.target for seen in vendor.seen] == ["/token"]


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        '{"access_token": ""}',
        r'{"access_token": "ab\r\nX-Other: 1"}',
        '{"access_token": "\u20ac"}',
        "<html>",
    ],
)
def test_a_response_that_is_neither_is_asked_for_again(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, body: str
) -> None:
    vendor.script(
        respond(200, body), ok({"access_token": "token-1"}), respond(200, body), path="/token"
    )
    vendor.script(ok([1]), respond(401))
    client = make_client(auth=oauth2(make_request), max_attempts=2)
    assert client.fetch(make_request(), Response.json) == [1]
    for _ in range(2):
        with pytest.raises(UnreachableError, match="no token: POST /token failed 2 times"):
            client.fetch(make_request(), Response.json)
    assert len(vendor.targets("/token")) == 4  # told once: nobody tries again


@pytest.mark.parametrize(
    "passing",
    [
        respond(403, "<!DOCTYPE html><title>Blocked</title>", content_type="text/html"),
        respond(400, "\n <html>", content_type="text/plain"),
        respond(403, "Request blocked. Incident 4711", content_type="text/plain"),
        respond(400, '{"error": "temporarily_unavailable"}'),
        respond(400, '{"error": "server_error", "error_description": "try later"}'),
        respond(401, '{"error": "slow_down"}'),
        respond(200, '{"error": "temporarily_unavailable"}'),
        respond(429, "{}"),
        respond(503, ""),
        hang_up,
    ],
)
def test_a_token_endpoint_that_can_not_tell_now_is_asked_again(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, passing: Step
) -> None:
    vendor.script(passing, ok({"access_token": "token-1"}), path="/token")
    vendor.script(ok([1]))
    client = make_client(auth=oauth2(make_request), max_attempts=2)
    assert client.fetch(make_request(), Response.json) == [1]


@pytest.mark.parametrize("gone", [respond(404, "{}"), respond(429, retry_after="7200")])
def test_without_a_token_no_stream_goes_on(
    vendor: Vendor, make_client: MakeClient, make_request: MakeRequest, gone: Step
) -> None:
    vendor.script(gone, path="/token")
    client = make_client(auth=oauth2(make_request))
    for _ in range(2):
        with pytest.raises(UnreachableError, match="no token: POST /token"):
            client.fetch(make_request(), Response.json)
    assert len(vendor.seen) == 1
