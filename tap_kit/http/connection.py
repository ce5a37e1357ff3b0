"""Connections of urllib3's pools that read answers with llhttp, by way of httptools.

The standard library's client parses headers with its parser for mail, which for small answers
takes as long as all the rest. Connecting, TLS, proxies, time-outs and pools are urllib3's.
"""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any

import httptools
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

_CHUNK = 64 * 1024
_LONGEST_HEAD = 256 * 1024
_FIRST_FINAL = 200
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class _Reply:
    """An answer as it comes from a socket; to urllib3 it is the file that holds the body.

    Raises, where it reads:
        http.client.HTTPException: This is no HTTP, or it ends too early.
        OSError: The connection broke, or nothing came in time.
    """

    def __init__(self, sock: socket.socket, hang_up: Callable[[], None]) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.closed = False
        self._sock = sock
        self._hang_up = hang_up
        self._kept_alive = False
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._complete = False
        self._received = 0
        while True:
            self._receive()
            if self.status:
                return
            if self._received > _LONGEST_HEAD:
                msg = f"headers of more than {_LONGEST_HEAD} bytes"
                raise http.client.HTTPException(msg)

    def read(self, amount: int | None = None) -> bytes:
        """Some bytes of the body, of about ``amount`` or to its end; none once it has ended."""
        while not self._complete and (amount is None or not self._body):
            self._receive()
        data = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body.clear()
        if self._complete:
            self.close()
            if not self._kept_alive:
                self._hang_up()
        return data

    def isclosed(self) -> bool:
        """Whether the body was read to its end, or given up."""
        return self.closed

    def close(self) -> None:
        """Give the body up; the parser and this refer to each other no more."""
        if not self.closed:
            self.closed = True
            del self._parser

    # What the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; not a trailer."""
        if not self.status:
            self.headers.append((name.decode("latin-1"), value.strip().decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Go on to the body, unless this says that an answer will follow (1xx)."""
        status = self._parser.get_status_code()
        if status < _FIRST_FINAL:
            self.headers.clear()
        elif not self.status:
            self.status = status

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self._body.append(data)

    def on_message_begin(self) -> None:
        """Nothing may follow an answer: what does isn't read from this connection."""
        if self._complete:
            msg = "an answer to nothing"
            raise http.client.HTTPException(msg)

    def on_message_complete(self) -> None:
        """The body has its end."""
        if self.status:
            self._complete = True
            self._kept_alive = self._parser.should_keep_alive()

    def _receive(self) -> None:
        data = self._sock.recv(_CHUNK)
        if not data:
            self._ended()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._kept_alive = False
            if not self._complete:
                raise http.client.HTTPException(str(error)) from error

    def _ended(self) -> None:
        if not self._received:
            msg = "the connection was closed without an answer"
            raise http.client.RemoteDisconnected(msg)
        framed = {name.lower() for name, _ in self.headers} & {
            "content-length",
            "transfer-encoding",
        }
        if not self.status or framed:
            msg = "the connection was closed in the middle of an answer"
            raise http.client.HTTPException(msg)
        self._complete = True


class _Lean(HTTPConnection):
    """Sends requests whole and reads :class:`_Reply`; ``Host`` is among the caller's headers."""

    def request(  # type: ignore[override]  # of what urllib3 allows, what we use
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_options: object,
    ) -> None:
        """Send a request.

        Raises:
            ValueError: The URL or a header holds what would end it.
        """
        fields = dict(headers or {})
        if body is not None or method in _WITH_BODY:
            fields["Content-Length"] = str(len(body or b""))
        lines = [f"{method} {url} HTTP/1.1", *map(": ".join, fields.items())]
        head = "\r\n".join(lines).encode("latin-1")
        if len(head.splitlines()) != len(lines) or b"\0" in head or " " in url:
            msg = "a line break, a space or a null where there may be none"
            raise ValueError(msg)
        if self.sock is None:
            self.connect()
        self._limit_wait()
        self.sock.sendall(head + b"\r\n\r\n" + (body or b""))
        self._asked = method, url

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3's
        """Read an answer up to its headers, and what came with them."""
        self._limit_wait()
        reply: Any = _Reply(self.sock, self.close)
        method, url = self._asked
        return urllib3.HTTPResponse(
            body=reply,
            headers=reply.headers,
            status=reply.status,
            preload_content=False,
            decode_content=False,
            original_response=reply,
            request_method=method,
            request_url=url,
        )

    def _limit_wait(self) -> None:
        """Have the socket wait as long as urllib3 says; asking it costs less than telling it."""
        if self.sock.gettimeout() != self.timeout:
            self.sock.settimeout(self.timeout)


class _LeanTls(_Lean, HTTPSConnection):
    """The same over TLS."""


LEAN: Mapping[Any, Any] = {HTTPConnection: _Lean, HTTPSConnection: _LeanTls}
"""What to put in place of a pool's ``ConnectionCls``."""
