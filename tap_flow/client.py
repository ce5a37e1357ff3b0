"""Flow's API: GET requests to the REST services, and GraphQL queries to the Query API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tap_flow.policies import QUERY_READ
from tap_kit.doctor.hint import ask_the_account
from tap_kit.errors import (
    BadBodyError,
    CredentialsError,
    GoneError,
    PermissionDeniedError,
    VendorError,
)
from tap_kit.http.auth import Auth, StaticHeader, TokenAuth, oauth2_token
from tap_kit.http.graphql import decode_graphql
from tap_kit.http.request import Request
from tap_kit.http.response import excerpt
from tap_kit.streams.codec import PLAIN, Codec
from tap_kit.text.content import error_in
from tap_kit.text.json import json_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_flow.endpoints import Endpoint
    from tap_kit.http.client import Client
    from tap_kit.http.response import Response
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Record

T = TypeVar("T")

QUERY_PATHS: Final = ("/query/v2/graph", "/api/query/v2/graph")
"""Those of the Query API that the guide names (docs: taps/flow/facts#query-path)."""
_ABOUT_DATES = re.compile(r"date|time|(?:updated|created)(?:since|before)", re.IGNORECASE)

_TOO_MANY = frozenset({400, 413, 422})
"""Statuses for a limit that is too large."""
_BAD_REQUEST = frozenset({int(HTTPStatus.BAD_REQUEST)})


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one response and its length in bytes."""

    rows: Sequence[Any]
    size: int


def authorization(config: Mapping[str, Any]) -> Auth | None:
    """Return how requests are authorised; None with a query key alone (guide 2.1, 3.3)."""
    if "access_token" in config:
        return StaticHeader(
            "Authorization", f"Bearer {config['access_token']}", settings=("access_token",)
        )
    if "client_id" not in config:
        return None
    form = {
        "grant_type": "client_credentials",
        "client_id": config["client_id"],
        "client_secret": config["client_secret"],
        **({"scope": config["scope"]} if "scope" in config else {}),
    }
    path = "/connect/token"
    url = _base(config["accounts_url"]) + path
    settings, advice = ["client_id", "client_secret"], ""
    if "scope" in config:
        settings.append("scope")
        advice = ask_the_account("tap-flow")
    request = Request("POST", url, label=f"POST {path}", form=form)
    return TokenAuth(oauth2_token(request, settings=settings, advice=advice))


class FlowClient:
    """Requests the endpoints through the tap's client; threads may share it."""

    def __init__(self, client: Client, config: Mapping[str, Any]) -> None:
        """Take the base URLs and the query key from the settings."""
        self.client = client
        self._hosts = {
            "accounts": _base(config["accounts_url"]),
            "gateway": _base(config["gateway_url"]),
        }
        self._only_mine = config["job_scope"] == "my"
        self._query_path = config["query_path"]
        self._query_key = config.get("query_key")
        self._places: dict[Endpoint, Endpoint] = {}
        """Endpoints whose items have been found elsewhere."""

    def in_scope(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint that the setting ``job_scope`` chooses."""
        return endpoint.mine if self._only_mine and endpoint.mine else endpoint

    def rows(
        self,
        endpoint: Endpoint,
        stats: StreamStats,
        *,
        params: Mapping[str, str | int] | None = None,
        codec: Codec = PLAIN,
        item: str | None = None,
    ) -> Rows:
        """Return the rows of a list; a single object in its place is a list of one."""

        def decode(response: Response) -> Rows:
            rows = codec.decode(response.content) if not response.is_no_content else None
            return Rows(_rows(response, endpoint) if rows is None else rows, len(response.content))

        return self.get(endpoint, decode, stats, params=params, item=item)

    def one(self, endpoint: Endpoint, stats: StreamStats, item: str) -> Rows:
        """One object, also where the vendor puts it into a list (guide 6.5).

        Raises:
            GoneError: There is no such object.
        """
        place = self._places.get(endpoint, endpoint)
        try:
            return self._one(place, stats, item)
        except GoneError:
            if endpoint.elsewhere is None or place is endpoint.elsewhere:
                raise
            try:
                found = self._one(endpoint.elsewhere, stats, item)
            except GoneError:
                pass  # gone here and there: the first error counts
            else:
                self._places[endpoint] = endpoint.elsewhere
                return found
            raise

    def _one(self, endpoint: Endpoint, stats: StreamStats, item: str) -> Rows:
        found = self.rows(endpoint, stats, item=item)
        if not found.rows:
            msg = f"GET {endpoint.path}: nothing was found"
            raise GoneError(msg, status=HTTPStatus.OK)
        return Rows(found.rows[:1], found.size)

    def get(
        self,
        endpoint: Endpoint,
        decode: Callable[[Response], T],
        stats: StreamStats,
        *,
        params: Mapping[str, str | int] | None = None,
        item: str | None = None,
    ) -> T:
        """GET an endpoint, of a list or of one item, and decode the response."""
        request = Request(
            "GET",
            self._hosts[endpoint.host] + endpoint.path_of(item),
            label=f"GET {endpoint.path}",
            params=params,
            explain=partial(_explain_rest, endpoint, paged="limit" in (params or {})),
        )
        return self.client.fetch(request, decode, stats)

    def query(self, document: str, root: str, stats: StreamStats, *, codec: Codec = PLAIN) -> Rows:
        """Query the Query API and return the rows of a root field (guide 3.1.2.3).

        Args:
            document: The query.
            root: Its root field.
            stats: The stream's.
            codec: Decodes the responses.

        Raises:
            VendorError: GraphQL errors that trying again does not mend.
            CredentialsError: The query key is not accepted.
        """

        def decode(response: Response) -> Rows:
            if response.is_no_content:
                return Rows([], 0)
            rows = codec.decode(response.content)
            if rows is None:
                rows = _rows_of(decode_graphql(response).get(root), response)
            return Rows(rows, len(response.content))

        return self._send_query(document, root, decode, stats)

    def introspect(self, fields: str, stats: StreamStats) -> Record:
        """Return what the Query API says of its own schema.

        Args:
            fields: The selection set of ``__schema``, without braces.
            stats: Counts the request.

        Raises:
            VendorError: Introspection is off.
        """

        def decode(response: Response) -> Record:
            schema = decode_graphql(response).get("__schema")
            if not isinstance(schema, dict):
                msg = f"expected an object, got {json_type(schema)}"
                raise BadBodyError(msg, status=response.status)
            return schema

        return self._send_query(f"{{ __schema {{ {fields} }} }}", "__schema", decode, stats)

    def _send_query(
        self, document: str, root: str, decode: Callable[[Response], T], stats: StreamStats
    ) -> T:
        request = Request(
            "POST",
            self._hosts["gateway"] + self._query_path,
            label=f"POST {self._query_path} ({root})",
            params={"key": self._query_key} if self._query_key else None,
            json={"query": document},
            authorized=self._query_key is None,
            accept=_BAD_REQUEST,
            explain=self._explain_query,
        )
        try:
            return self.client.fetch(request, decode, stats)
        except VendorError as error:
            if self._query_key and error.status == HTTPStatus.UNAUTHORIZED:
                raise CredentialsError(str(error)) from None
            raise

    def _explain_query(self, status: int, detail: str) -> str | None:
        if status == HTTPStatus.NOT_FOUND:
            return (
                f"Check the setting query_path: the guide names both {' and '.join(QUERY_PATHS)}. "
                f"{ask_the_account('tap-flow')}"
            )
        if status in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST} and _ABOUT_DATES.search(detail):
            return f"Check the setting date_format. {ask_the_account('tap-flow')}"
        if self._query_key and status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return (
                "Check the setting query_key: a key ends as soon as the keys are regenerated in "
                "the Query Designer, a temporary one after an hour (guide 3.3)"
            )
        return QUERY_READ.explain(status, detail)


def is_refusal(error: VendorError) -> bool:
    """Whether the vendor refuses the query's text, rather than the credentials or a missing job."""
    return not isinstance(error, PermissionDeniedError) and (
        error.status in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}
    )


def _explain_rest(endpoint: Endpoint, status: int, detail: str, *, paged: bool) -> str | None:
    if paged and status in _TOO_MANY:
        return f"Check the setting jobs_page_size. {ask_the_account('tap-flow')}"
    return endpoint.policy.explain(status, detail) if endpoint.policy else None


def _base(url: str) -> str:
    return url.rstrip("/")


def _rows(response: Response, endpoint: Endpoint) -> list[Record]:
    """Return the rows of a response: those of a list, wrapped or not, or a single object."""
    if response.is_no_content:
        return []
    decoded = response.json()
    if isinstance(decoded, dict):
        beside = dict(decoded)
        rows = beside.pop(endpoint.wrapper, None) if endpoint.wrapper else None
        if isinstance(rows, list):
            error = error_in(beside, rows=len(rows))
            if error is not None:
                msg = f"the response reports an error: {excerpt(error)}"
                raise BadBodyError(msg, status=response.status)
        else:
            rows = [decoded]
        decoded = rows
    found = _rows_of(decoded, response)
    if endpoint.is_one and not found:
        msg = "expected an object, got an empty list"
        raise BadBodyError(msg, status=response.status)
    if len(found) == 1:
        _check_fields(found[0], endpoint, response)
    return found


def _check_fields(row: Record, endpoint: Endpoint, response: Response) -> None:
    """Check that an object is one of the endpoint's, and not an error in its place."""
    error = error_in(row, endpoint.fields)
    if error is not None:
        msg = f"the response reports an error: {excerpt(error)}"
        raise BadBodyError(msg, status=response.status)
    if endpoint.fields.isdisjoint(row) and (row or not endpoint.may_be_empty):
        msg = f"expected {' or '.join(sorted(endpoint.fields))}, got an object without"
        raise BadBodyError(msg, status=response.status)


def _rows_of(decoded: object, response: Response) -> list[Record]:
    if not isinstance(decoded, list):
        msg = f"expected a list, got {json_type(decoded)} ({len(response.content)} bytes)"
        raise BadBodyError(msg, status=response.status)
    for place, row in enumerate(decoded, start=1):
        if not isinstance(row, dict):
            msg = f"expected a list of objects, but item {place} is of type {json_type(row)}"
            raise BadBodyError(msg, status=response.status)
    return decoded
