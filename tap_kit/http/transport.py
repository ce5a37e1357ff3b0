"""One request over the wire: a pool of connections, and bodies that are whole or an error."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter

from tap_kit.errors import StreamError, TransientError
from tap_kit.http.call import Body
from tap_kit.http.inflate import ENCODINGS, inflated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.http.call import Call
    from tap_kit.http.settings import HttpSettings

_CHUNK = 256 * 1024
_encoder = msgspec.json.Encoder(decimal_format="number")


class Answer:
    """An answer whose body is still on the wire."""

    def __init__(self, response: requests.Response, label: str) -> None:
        """Wrap a response that was sent with ``stream=True``."""
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._raw = response.raw
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


class Transport:
    """Sends prepared requests over one pool; knows nothing of retries, limits and tokens."""

    def __init__(self, settings: HttpSettings) -> None:
        """Make the pool; nothing is connected yet."""
        self._timeout = (settings.request_timeout, settings.request_timeout)
        self._adapter = HTTPAdapter(pool_maxsize=settings.concurrency, max_retries=0)
        self._environment = requests.Session()
        self._routes: dict[str, dict[str, Any]] = {}
        self._headers = {
            "User-Agent": settings.user_agent,
            "Accept-Encoding": "gzip, deflate",
            "Accept": "*/*",
        }

    def prepare(self, call: Call) -> requests.PreparedRequest:
        """Encode a call, once for all its tries; the ``Authorization`` comes later."""
        headers = {**self._headers, **call.headers}
        body: bytes | Mapping[str, str] | None = call.form
        if call.json is not None:
            body = _encoder.encode(call.json)
            headers.setdefault("Content-Type", "application/json")
        request = requests.PreparedRequest()
        try:
            request.prepare(
                method=call.method, url=call.url, headers=headers, params=call.params, data=body
            )
        except ValueError as error:
            raise _unsendable(call, error) from None
        return request

    @contextmanager
    def send(self, request: requests.PreparedRequest, call: Call) -> Iterator[Answer]:
        """Send, and give the answer when its headers are there.

        Raises:
            TransientError: No answer: refused, reset, timed out.
            StreamError: The request can't be sent at all.
        """
        url = request.url or ""
        try:
            response = self._adapter.send(
                request, stream=True, timeout=self._timeout, **self._route(url)
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

    def close(self) -> None:
        """Close all idle connections."""
        self._adapter.close()

    def _route(self, url: str) -> dict[str, Any]:
        """Proxies and certificates for a host, from the environment."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        route = self._routes.get(origin)
        if route is None:
            merged = self._environment.merge_environment_settings(origin, {}, None, None, None)
            route = {name: merged[name] for name in ("proxies", "verify", "cert")}
            self._routes[origin] = route
        return route


def _reason(error: Exception) -> object:
    """Why, without the URL that urllib3 puts before it."""
    inner = error.args[0] if error.args else error
    return getattr(inner, "reason", None) or error


def _unsendable(call: Call, error: ValueError) -> StreamError:
    # Not with the error's text: it holds the header or URL.
    msg = f"{call.label}: the request can't be sent, its URL or a header is malformed"
    return StreamError(f"{msg} ({type(error).__name__})")
