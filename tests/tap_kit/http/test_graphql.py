from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.errors import (
    BadBodyError,
    CredentialsError,
    GoneError,
    PermissionDeniedError,
    TapError,
    TransientError,
    VendorError,
)
from tap_kit.http.auth import Token, TokenAuth
from tap_kit.http.graphql import decode_graphql
from tap_kit.http.response import Response
from tap_kit.http.status_errors import RefusedError
from tests.tap_kit.http.scripted import ok, respond

if TYPE_CHECKING:
    from tap_kit.http.auth import TokenClient
    from tap_kit.http.client import Client
    from tests.tap_kit.http.conftest import MakeClient, MakeRequest
    from tests.tap_kit.http.scripted import Vendor


def response(content: object, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(content).encode())


@pytest.mark.parametrize("errors", [{}, {"errors": None}, {"errors": []}])
def test_data_without_errors(errors: dict[str, Any]) -> None:
    assert decode_graphql(response({"data": {"jobs": None}, **errors})) == {"jobs": None}


@pytest.mark.parametrize("content", [{}, {"data": None}, {"data": []}, [], None, {"message": "x"}])
def test_no_data_is_no_empty_page(content: object) -> None:
    with pytest.raises(BadBodyError):
        decode_graphql(response(content))


def test_an_accepted_error_without_graphql_is_final() -> None:
    with pytest.raises(VendorError, match="HTTP 400, no GraphQL data: odd") as caught:
        decode_graphql(response({"message": "odd"}, 400))
    assert caught.value.status == 400


def error(message: str | None = None, kind: str | None = None, code: str | None = None) -> object:
    error: dict[str, object] = {"message": message, "path": ["jobs"]}
    if kind:
        error["errorType"] = kind
    if code:
        error["extensions"] = {"code": code}
    return error


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([error("Rate exceeded", "ThrottlingException")], TransientError),
        ([error("x", code="THROTTLED")], TransientError),
        ([error("Rate limit reached")], TransientError),
        ([error("Too many requests")], TransientError),
        ([error("429", "TooManyRequestsException")], TransientError),
        ([error("Task timed out after 29.00 seconds", "Lambda:Unhandled")], TransientError),
        ([error("Execution timeout")], TransientError),
        ([error("x", code="INTERNAL_SERVER_ERROR")], TransientError),
        ([error("x", "InternalFailure")], TransientError),
        ([error("Internal error")], TransientError),
        ([error("Service Unavailable")], TransientError),
        ([error(None, "Lambda:Unhandled")], TransientError),
        ([error("Cannot return null"), error("x", "InternalFailure")], TransientError),
        (["Internal server error"], TransientError),
        ("Internal server error", TransientError),
        ([error("no", code="UNAUTHENTICATED")], RefusedError),
        ([error("Token has expired.", "UnauthorizedException")], RefusedError),
        ([error("Not Authorized to access listJobs on type Query", "Unauthorized")], RefusedError),
        ([error("no", code="FORBIDDEN")], RefusedError),
        ([error("You do not have permission")], RefusedError),
        ([error("Job not found", "Lambda:Unhandled")], GoneError),
        ([error("Cannot query field 'internal' on type 'Job'")], VendorError),
        ([error("Field 'timeout' is undefined", "ValidationError")], VendorError),
        ([error("x", code="GRAPHQL_VALIDATION_FAILED")], VendorError),
        ([error('Syntax Error: Unexpected Name "unauthorized".')], VendorError),
        ([error("The cursor is too old")], VendorError),
        ([error("Invalid pagination token given.")], VendorError),
        ([error("unknown internalId")], VendorError),
        ([error("Cannot return null for non-nullable type")], VendorError),
        ([None], VendorError),
        ([{}], VendorError),
        ({"a": 1}, VendorError),
        (True, VendorError),
    ],
)
@pytest.mark.parametrize("data", [None, {"jobs": {"items": []}}])
def test_errors_are_errors(errors: object, kind: type[TapError], data: object) -> None:
    for status in (200, 400):
        with pytest.raises(TapError) as caught:
            decode_graphql(response({"data": data, "errors": errors}, status))
        assert type(caught.value) is kind


def test_all_messages_are_told() -> None:
    with pytest.raises(VendorError, match=r"GraphQL errors: a; b$"):
        decode_graphql(response({"errors": [error("a"), error("b"), error("a")]}))


def tokens() -> TokenAuth:
    values = iter(["token-1", "token-2", "token-3"])

    def request(_: TokenClient) -> Token:
        return Token(next(values))

    return TokenAuth(request)


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        (error("no", code="UNAUTHENTICATED"), CredentialsError),
        (error("Not Authorized to access x", "Unauthorized"), PermissionDeniedError),
    ],
)
def test_a_refusal_renews_the_token_once(
    vendor: Vendor,
    make_client: MakeClient,
    make_request: MakeRequest,
    refused: object,
    kind: type[TapError],
) -> None:
    refusal = ok({"data": None, "errors": [refused]})
    client = make_client(auth=tokens(), max_attempts=1)
    vendor.script(refusal, ok({"data": {"a": 1}}), refusal)
    assert client.fetch(make_request(), decode_graphql) == {"a": 1}
    with pytest.raises(kind, match="GET /items: GraphQL errors: "):
        client.fetch(make_request(), decode_graphql)
    assert [seen.headers["authorization"] for seen in vendor.seen] == [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-2",
        "Bearer token-3",
    ]


def test_transient_errors_are_tried_again(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(
        respond(400, json.dumps({"errors": [error("throttled")]})), ok({"data": {"a": 1}})
    )
    assert client.fetch(make_request(accept=frozenset({400})), decode_graphql) == {"a": 1}


def test_a_hint_goes_with_final_errors(
    vendor: Vendor, client: Client, make_request: MakeRequest
) -> None:
    vendor.script(ok({"errors": [error("The cursor is too old")]}))
    hinted = make_request(explain=lambda _, detail: "Start afresh" if "cursor" in detail else None)
    with pytest.raises(VendorError, match=r"GET /items: .* is too old\. Start afresh$"):
        client.fetch(hinted, decode_graphql)
    assert len(vendor.seen) == 1
