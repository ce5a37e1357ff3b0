"""One request over the wire: a pool of connections, and bodies that are whole or an error."""

from __future__ import annotations

import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter

from tap_kit.errors import StreamError, TransientError
from tap_kit.http.call import Body
from tap_kit.http.connection import LEAN
from tap_kit.http.inflate import ENCODINGS, inflated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.http.call import Call
    from tap_kit.http.settings import HttpSettings

_CHUNK = 256 * 1024
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[\w./~-]*", re.ASCII)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Answer:
    """An answer whose body is still on the wire."""

    def __init__(self, response: urllib3.BaseHTTPResponse, label: str) -> None:
        """Wrap a response of which only the headers were read."""
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self._raw = response
        self._label = label

    def chunks(self) -> Iterator[bytes]:
        """The decoded body; it is complete when the iterator ends.

        Raises:
            TransientError: The body was cut off or does not decode.
        """
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"identity", *ENCODINGS}:
            msg = f"{self._label}: content encoding {encoding}, which was not asked for"
            raise TransientError(msg, status=self.status)
        try:
            wire = self._raw.stream(_CHUNK, decode_content=False)
            yield from inflated(wire) if encoding in ENCODINGS else wire
        except (urllib3.exceptions.HTTPError, OSError, EOFError, zlib.error) as error:
            msg = f"{self._label}: the answer broke off ({error})"
            raise TransientError(msg, status=self.status) from error

    def body(self) -> Body:
        """Read all of it."""
        return Body(self.status, self.headers, b"".join(self.chunks()))


@dataclass(slots=True)
class Request:
    """A call, encoded once for all its tries."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


class Transport:
    """Sends requests over one pool for each host; knows nothing of retries, limits and tokens.

    URLs, proxies, certificates and pools are those of ``requests``. Its ``send`` is passed by, and
    the pools' connections are :data:`LEAN`: for small answers both take longer than all the rest.
    """

    def __init__(self, settings: HttpSettings) -> None:
        """Make the pools' manager; nothing is connected yet."""
        self._timeout = urllib3.Timeout(
            connect=settings.request_timeout, read=settings.request_timeout
        )
        self._adapter = HTTPAdapter(pool_maxsize=settings.concurrency, max_retries=0)
        self._environment = requests.Session()
        self._routes: dict[str, _Route] = {}
        self._headers = {
            "User-Agent": settings.user_agent,
            "Accept-Encoding": "gzip, deflate",
            "Accept": "*/*",
        }

    def prepare(self, call: Call) -> Request:
        """Encode a call; the ``Authorization`` comes later.

        Raises:
            StreamError: It can't be sent at all.
        """
        headers = {**self._headers, **call.headers}
        body: bytes | None = None
        if call.json is not None:
            body = _encoder.encode(call.json)
            headers.setdefault("Content-Type", "application/json")
        elif call.form is not None:
            body = urlencode(call.form).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return Request(call.method, _url(call), headers, body)

    @contextmanager
    def send(self, request: Request, call: Call) -> Iterator[Answer]:
        """Send, and give the answer when its headers are there.

        Raises:
            TransientError: No answer: refused, reset, timed out.
            StreamError: The request can't be sent at all.
        """
        try:
            route = self._route(request)
            response = route.pool.urlopen(
                request.method,
                request.url[route.skipped :],
                body=request.body,
                headers={"Host": route.host, **request.headers},
                timeout=self._timeout,
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            )
        except ValueError as error:
            raise _unsendable(call, error) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            msg = f"{call.label}: no answer ({_reason(error)})"
            raise TransientError(msg) from error
        try:
            yield Answer(response, call.label)
        finally:
            # Drops the connection unless the body was read to its end.
            response.close()
            response.release_conn()

    def close(self) -> None:
        """Close all idle connections."""
        self._adapter.close()

    def _route(self, request: Request) -> _Route:
        """Proxies and certificates for a host, from the environment."""
        origin = "/".join(request.url.split("/", 3)[:3])
        route = self._routes.get(origin)
        if route is None:
            adapter = self._adapter
            merged = self._environment.merge_environment_settings(origin, {}, None, None, None)
            tls: dict[str, Any] = {name: merged[name] for name in ("verify", "cert")}
            example = requests.Request(request.method, request.url).prepare()
            pool: Any = adapter.get_connection_with_tls_context(
                example, proxies=merged["proxies"], **tls
            )
            adapter.cert_verify(pool, example.url, **tls)  # type: ignore[no-untyped-call]  # public
            pool.ConnectionCls = LEAN.get(pool.ConnectionCls, pool.ConnectionCls)
            # A proxy that does not tunnel wants whole URLs.
            whole = adapter.request_url(example, merged["proxies"]) == request.url
            host = urlsplit(origin).netloc.rpartition("@")[2]
            route = self._routes[origin] = _Route(pool, host, 0 if whole else len(origin))
        return route


@dataclass(frozen=True, slots=True)
class _Route:
    """How a host is reached; ``skipped`` is how much of a URL is not said to it."""

    pool: Any
    host: str
    skipped: int


def _url(call: Call) -> str:
    query = urlencode(call.params or {})
    if _PLAIN.fullmatch(call.url) and "/." not in call.url:
        # Nothing to encode, to bring into its usual form, or to take apart.
        return f"{call.url}?{query}" if query else call.url
    request = requests.PreparedRequest()
    try:
        request.prepare_url(call.url, query)
    except ValueError as error:
        raise _unsendable(call, error) from None
    return (request.url or "").partition("#")[0]


def _reason(error: Exception) -> object:
    """Why, without the URL that urllib3 puts before it."""
    inner = error.args[0] if error.args else error
    reason = getattr(inner, "reason", None)
    return reason if isinstance(reason, Exception) else error


def _unsendable(call: Call, error: ValueError) -> StreamError:
    # Not with the error's text: it holds the header or URL.
    msg = f"{call.label}: the request can't be sent, its URL or a header is malformed"
    return StreamError(f"{msg} ({type(error).__name__})")
