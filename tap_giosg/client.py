"""The client of giosg's APIs, and what to change where giosg refuses a request.

URLs have exactly the slashes that giosg documents (docs: taps/giosg/facts#requests). A 404 becomes
None where it may mean "no data" (docs: taps/giosg/facts#statuses).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from tap_kit.doctor.hint import ask_the_account
from tap_kit.errors import BadBodyError, GoneError, StreamError
from tap_kit.http.request import Request
from tap_kit.http.response import excerpt
from tap_kit.streams.paging import Paging
from tap_kit.text.content import error_in, is_markup
from tap_kit.text.json import json_type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from tap_kit.http.client import Client
    from tap_kit.http.response import Response
    from tap_kit.stats import StreamStats
    from tap_kit.time.windows import Window

T = TypeVar("T")
Object = dict[str, Any]

_JSON = {"Accept": "application/json"}
_NOT_FOUND = 404
_INFO = ("id", "org_id", "type", "start_date", "is_published")
"""``info/`` has at least one of these fields."""

_SUBSCRIPTION = "the organization needs an active giosg subscription that includes reporting"
_ORGANIZATION = (
    "the setting organization_id must be the organization of the token's user (leave it out to "
    "take that one)"
)
_PERMISSION = "the user who made the token needs the permission 'reporting'"
_ANY_OF_THREE = (
    f"giosg says so for three reasons: {_SUBSCRIPTION}; or {_ORGANIZATION}; or {_PERMISSION}"
)
_CAUSES = (
    (re.compile("subscri", re.IGNORECASE), _SUBSCRIPTION),
    (re.compile("report", re.IGNORECASE), _PERMISSION),
    (re.compile("organi[sz]ation", re.IGNORECASE), _ORGANIZATION),
)
_SCHEME = (
    "the setting auth_scheme must be Token for an API token, Bearer for an OAuth2 access token; a "
    f"token dies with the user who made it. {ask_the_account('tap-giosg')}"
)
_FILTER = "giosg has not implemented a filter of the setting filters; use another property"
_ADDRESS = "this is no response of giosg's APIs; check the setting api_url"
_FORMAT = f"check the setting step_data_format. {ask_the_account('tap-giosg')}"

ABOUT_LENGTH = re.compile(
    r"\b(interval|range|period|span|duration|start|end|hours?|days?|weeks?|months?)\b",
    re.IGNORECASE,
)
"""A 400 with these words is about the interval, which may be too long."""


def interval(window: Window) -> dict[str, str]:
    """Return a window as the ``interval`` of a payload; its times have an offset."""
    assert window.start is not None  # noqa: S101  # giosg has no open interval
    return {"start": window.start.isoformat(), "end": window.end.isoformat()}


@dataclass(frozen=True, slots=True)
class GiosgClient:
    """The endpoints that the tap requests.

    Attributes:
        http: Sends the requests.
        api_url: Base of the reporting and objectives APIs, without a slash at the end.
        service_url: Base of the v5 API, without a slash at the end.
    """

    http: Client
    api_url: str
    service_url: str

    def owner(self, stats: StreamStats) -> Object:
        """Return the token's owner, with ``organization_id``."""
        return self._get(f"{self.service_url}/api/v5/users/me", "GET /api/v5/users/me", stats)

    def workflow_pages(self, organization_id: str, stats: StreamStats) -> Iterator[list[Object]]:
        """Yield the organization's workflows: a bare list, or pages linked by ``next``.

        Raises:
            StreamError: ``next`` leads to another host, to which the token must not be sent, or
                in a circle.
        """
        url = self.workflows_url(organization_id)
        paging = Paging(
            "GET /workflows",
            link="next link",
            advice="Run again later, or set workflow_ids",
            identified_by=("id",),
        )
        came = False
        while url:
            paging.follow(url)
            try:
                listed, following = self.http.fetch(
                    Request("GET", url, "GET /workflows", headers=_JSON, explain=hint_for),
                    _listed,
                    stats,
                )
            except GoneError:
                if not came:
                    raise
                return
            if following:
                paging.took(listed)
            came = came or bool(listed)
            yield listed
            url = _next_page(url, following) if following else ""

    def workflow(self, organization_id: str, workflow_id: str, stats: StreamStats) -> Object | None:
        """Return one workflow as the list has it; None if it doesn't exist."""
        url = f"{self.workflows_url(organization_id)}/{quote(workflow_id, safe='')}"
        return or_none(lambda: self._get(url, f"GET /workflows/{workflow_id}", stats, "id"))

    def info(self, organization_id: str, workflow_id: str, stats: StreamStats) -> Object | None:
        """Return a workflow's type and the dates of its events; None if it doesn't exist."""
        url = f"{self._reporting(organization_id, workflow_id)}/info/"
        return or_none(lambda: self._get(url, f"GET /workflows/{workflow_id}/info/", stats, *_INFO))

    def sidedata(
        self, organization_id: str, workflow_id: str, window: Window, stats: StreamStats
    ) -> Object | None:
        """Return the figures of an interval, which may be none; None for a 404."""
        payload = {"interval": interval(window)}
        request = Request(
            "POST",
            f"{self._reporting(organization_id, workflow_id)}/sidedata/",
            f"POST /workflows/{workflow_id}/sidedata/ ({_named(payload)})",
            json=payload,
            headers=_JSON,
            explain=hint_for,
        )
        return or_none(lambda: self.http.fetch(request, _object_with(), stats))

    def event_request(
        self, organization_id: str, workflow_id: str, path: str, payload: Mapping[str, Any]
    ) -> Request:
        """Return the request for event rows.

        Args:
            organization_id: The workflow's organization.
            workflow_id: The workflow.
            path: ``source_data``, ``step/<n>`` or ``step/<n>/download/``.
            payload: The body, with its interval.
        """
        return Request(
            "POST",
            f"{self._reporting(organization_id, workflow_id)}/{path}",
            f"POST /workflows/{workflow_id}/{path} ({_named(payload)})",
            json=payload,
            headers={} if path.endswith("/download/") else _JSON,
            explain=hint_for,
        )

    def _get(self, url: str, label: str, stats: StreamStats, *fields: str) -> Object:
        request = Request("GET", url, label, headers=_JSON, explain=hint_for)
        return self.http.fetch(request, _object_with(*fields), stats)

    def workflows_url(self, organization_id: str) -> str:
        """Return the address of the list of workflows."""
        return f"{self.api_url}/api/objectives/v1/orgs/{quote(organization_id, safe='')}/workflows"

    def _reporting(self, organization_id: str, workflow_id: str) -> str:
        return (
            f"{self.api_url}/api/reporting/workflow/v1/orgs/{quote(organization_id, safe='')}"
            f"/workflows/{quote(workflow_id, safe='')}"
        )


def or_none(fetch: Callable[[], T]) -> T | None:
    """Call a function that fetches something; None if giosg responds with 404.

    Raises:
        GoneError: Any other refusal; also a 404 with HTML, which no API of giosg sends: something
            else responds at that address.
    """
    try:
        return fetch()
    except GoneError as error:
        if error.status != _NOT_FOUND or is_markup(error.detail):
            raise
        return None


def _object_with(*fields: str) -> Callable[[Response], Object]:
    """Return a decoder for an object with at least one of these fields; without any, for all."""

    def decode(response: Response) -> Object:
        if response.is_no_content:
            msg = "nothing was found"
            raise GoneError(msg, status=_NOT_FOUND)
        decoded = response.json()
        if not isinstance(decoded, dict):
            msg = f"expected a JSON object, got {json_type(decoded)}"
            raise BadBodyError(msg, status=response.status)
        _check(decoded, response, fields)
        if fields and not any(field in decoded for field in fields):
            msg = f"expected an object with {' or '.join(fields)}, got one without"
            raise BadBodyError(msg, status=response.status)
        return decoded

    return decode


def _listed(response: Response) -> tuple[list[Object], str | None]:
    if response.is_no_content:
        return [], None
    decoded = response.json()
    following = None
    if isinstance(decoded, dict):
        listed = decoded.get("results")
        beside = {name: member for name, member in decoded.items() if name != "results"}
        _check(beside, response, rows=len(listed) if isinstance(listed, list) else None)
        following = decoded.get("next") or None
        decoded = listed
    if not isinstance(decoded, list) or not all(
        isinstance(item, dict) and item.get("id") for item in decoded
    ):
        msg = "expected a list of workflows, each with an id"
        raise BadBodyError(msg, status=response.status)
    if following is not None and not isinstance(following, str):
        msg = "expected a link in next"
        raise BadBodyError(msg, status=response.status)
    return decoded, following


def _next_page(url: str, following: str) -> str:
    """Return the URL of a ``next`` link, with the scheme and port of the page that has it.

    Raises:
        StreamError: To another host, to which the token must not go.
    """
    here = urlsplit(url)
    try:
        there = urlsplit(urljoin(url, following))
        host = (there.hostname or "").rstrip(".")
    except ValueError:
        host = "a malformed URL"
    if host != here.hostname:
        msg = (
            f"GET /workflows: the list goes on at another host ({host or 'none'}), which is not "
            f"followed; check the setting api_url, or set workflow_ids"
        )
        raise StreamError(msg)
    return urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))


def _check(
    decoded: Object, response: Response, fields: Collection[str] = (), *, rows: int | None = None
) -> None:
    error = error_in(decoded, fields, rows=rows)
    if error is not None:
        msg = f"the response reports an error: {excerpt(error)}"
        raise BadBodyError(msg, status=response.status)


def _named(payload: Mapping[str, Any]) -> str:
    return "{start} to {end}".format(**payload["interval"])


def hint_for(status: int, detail: str) -> str | None:
    """Return what the user has to change, by the status and giosg's own message."""
    if status == 400 and ABOUT_LENGTH.search(detail):  # noqa: PLR2004  # an HTTP status
        text = "where the interval is too long, choose a shorter one with the setting window"
    else:
        text = {
            400: _FORMAT if "format" in detail.lower() else "",
            401: _SCHEME,
            403: next((cause for word, cause in _CAUSES if word.search(detail)), _ANY_OF_THREE),
            404: _ADDRESS if is_markup(detail) else "",
            406: _FILTER,
        }.get(status, "")
    return f"{text[0].upper()}{text[1:]}" if text else None
