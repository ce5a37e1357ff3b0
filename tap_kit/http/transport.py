"""One request over the wire: a pool of connections, and bodies that are whole or an error."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec
import requests
import urllib3
from requests import PreparedRequest

from tap_kit.errors import NoConnectionError, SettingsError, StreamError, TransientError
from tap_kit.http.interim import FinalAdapter
from tap_kit.http.response import StreamedResponse
from tap_kit.http.retry import is_not_connected, network_reason
from tap_kit.http.tls import Route, by_way_of, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.http.request import Request
    from tap_kit.http.settings import HttpSettings

_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[\w./~-]*", re.ASCII)
_HEADER = re.compile(r"[^\s\r\n\0][^\r\n\0]*|", re.ASCII)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Transport:
    """Sends requests over one pool of connections for each host.

    It takes the adapter of ``requests``, with its URLs, proxies, certificates and pools, but no
    session, which would look for redirections, cookies and netrc at every request. Retries, limits
    and tokens are the client's.
    """

    def __init__(self, settings: HttpSettings) -> None:
        """Make the pools of connections; nothing is connected yet."""
        logging.getLogger("urllib3.connection").addFilter(_is_no_header_fault)
        self._timeout = settings.request_timeout
        self._adapter = FinalAdapter(pool_maxsize=settings.concurrency, max_retries=0)
        self._routes: dict[str, Route] = {}
        self._headers = {
            "User-Agent": settings.user_agent,
            "Accept-Encoding": "gzip, deflate",
            "Accept": "*/*",
        }

    def prepare(self, request: Request) -> PreparedRequest:
        """Encode a request, once for all its tries; ``Authorization`` is added to each.

        Raises:
            StreamError: It can't be sent: its URL or a header is malformed.
        """
        headers = {**self._headers, **request.headers}
        body: bytes | None = None
        if request.json is not None:
            body = _encoder.encode(request.json)
            headers.setdefault("Content-Type", "application/json")
        elif request.form is not None:
            body = urlencode(request.form).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        check_headers(request.label, headers)
        prepared = PreparedRequest()
        prepared.method = request.method
        prepared.url = _url(request)
        prepared.prepare_headers(headers)
        prepared.body = body
        prepared.prepare_content_length(body)
        return prepared

    @contextmanager
    def send(self, prepared: PreparedRequest, request: Request) -> Iterator[StreamedResponse]:
        """Send a request; yields the response as soon as its headers are there.

        Raises:
            TransientError: There is no response: refused, reset, timed out.
            StreamError: The request can't be sent: its URL is malformed.
            SettingsError: No request can be sent: a certificate or a proxy is not usable.
        """
        origin = origin_of(prepared)
        route = self._route(origin)
        try:
            response = self._adapter.send(
                prepared,
                stream=True,
                timeout=self._timeout,
                verify=route.verify,
                proxies=dict(route.proxies),
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            what = unusable(error, origin, route)
            if what is not None:
                msg = f"{request.label}: {what}"
                raise (SettingsError(msg) if request.to_vendor else StreamError(msg)) from None
            if isinstance(error, requests.exceptions.InvalidURL):
                raise _unsendable(request) from None
            reason = network_reason(error, timeout=self._timeout)
            msg = f"{request.label}: no response ({reason}{by_way_of(error, origin, route)})"
            kind = NoConnectionError if is_not_connected(error) else TransientError
            raise kind(msg) from error
        try:
            if response.status_code < HTTPStatus.OK:
                # Whatever comes behind it must not become the response to the next request.
                msg = f"{request.label}: HTTP {response.status_code}, without the final response"
                raise TransientError(msg, status=response.status_code)
            yield StreamedResponse(response, request.label, self._timeout)
        finally:
            # Drops the connection unless the body was read to its end.
            response.close()

    def close(self) -> None:
        """Close all idle connections."""
        self._adapter.close()

    def _route(self, origin: str) -> Route:
        """Proxies and certificates for a host, from the environment."""
        route = self._routes.get(origin)
        if route is None:
            route = self._routes[origin] = Route.from_environment(origin)
        return route


def origin_of(prepared: PreparedRequest) -> str:
    """Return scheme, host and port of a request's URL."""
    return "/".join((prepared.url or "").split("/", 3)[:3])


def check_headers(label: str, headers: Mapping[str, str], settings: str = "") -> None:
    """Check that each header can be sent as one line.

    Args:
        label: The request's name in messages.
        headers: By name.
        settings: The settings that the values come from, for the message.

    Raises:
        StreamError: A header can't be. The message has its name, but not its value.
    """
    for name, value in headers.items():
        if not _HEADER.fullmatch(value) or not _fits(value):
            source = f"; check {settings}" if settings else ""
            msg = (
                f"{label}: the request can't be sent: the header {name} holds a line break, a "
                f"blank at its beginning, or a character outside Latin-1{source}"
            )
            raise StreamError(msg)


def _is_no_header_fault(record: logging.LogRecord) -> bool:
    """Whether a line of urllib3's log is not its traceback about a header that it can't parse.

    It quotes the rest of the headers, cookies too; whether the response is whole is checked anyway.
    """
    # By its words: where logs are redacted, the error is part of the text by now.
    return not record.getMessage().startswith("Failed to parse headers")


def _fits(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _url(request: Request) -> str:
    query = urlencode(request.params or {})
    if _PLAIN.fullmatch(request.url) and "/." not in request.url:
        # Nothing to encode, to bring into its usual form, or to take apart.
        return f"{request.url}?{query}" if query else request.url
    prepared = PreparedRequest()
    try:
        prepared.prepare_url(request.url, query)
    except ValueError:
        raise _unsendable(request) from None
    return (prepared.url or "").partition("#")[0]


def _unsendable(request: Request) -> StreamError:
    # Without the error's text: it holds the URL.
    return StreamError(f"{request.label}: the request can't be sent: its URL is malformed")
