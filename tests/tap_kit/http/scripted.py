"""A vendor that answers as it is told, byte by byte where needed, over a real socket."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[["Exchange"], None]


@dataclass
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    at: float = field(default_factory=time.monotonic)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


class Exchange(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Vendor

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, body, self.client_address[1])
        step = self.server.arrived(seen)
        try:
            step(self)
        finally:
            self.server.left()

    do_GET = do_POST = handle_any  # noqa: N815  # http.server's names

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send exactly this, with a ``Date`` unless there is one."""
        self.send_response_only(status)
        if "Date" not in headers:
            self.send_header("Date", self.date_time_string())
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Not to stderr."""


class Vendor(ThreadingHTTPServer):
    """Follows a script; the last step answers everything after it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.seen: list[Seen] = []
        self.in_flight = self.peak = 0
        self.end = threading.Event()
        self._paths: dict[str, list[Step]] = {}
        self._lock = threading.Lock()

    def script(self, *steps: Step, path: str = "") -> None:
        """What to respond, by the beginning of the path."""
        self._paths[path] = list(steps)

    def targets(self, path: str) -> list[Seen]:
        """The requests whose path begins so."""
        return [seen for seen in self.seen if seen.target.startswith(path)]

    def arrived(self, seen: Seen) -> Step:
        with self._lock:
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
            self.seen.append(seen)
            path = max((path for path in self._paths if seen.target.startswith(path)), key=len)
            steps = self._paths[path]
            return steps.pop(0) if len(steps) > 1 else steps[0]

    def left(self) -> None:
        with self._lock:
            self.in_flight -= 1

    def handle_error(self, *args: object) -> None:
        """Clients go away; that is the point."""


# Steps


def respond(status: int = 200, body: bytes | str = b"{}", **headers: str) -> Step:
    """A whole response; header names with ``_`` for ``-``."""
    raw = body.encode() if isinstance(body, str) else body
    fields = {
        "Content-Type": "application/json",
        "Content-Length": str(len(raw)),
        **{name.replace("_", "-").title(): value for name, value in headers.items()},
    }
    return lambda exchange: exchange.send(status, fields, raw)


def ok(value: object = None, **headers: str) -> Step:
    """A JSON response."""
    return respond(200, json.dumps(value), **headers)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", **headers: str) -> Step:
    """A chunked response, cut off where ``end`` is not its end."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end

    def step(exchange: Exchange) -> None:
        exchange.send(200, {"Transfer-Encoding": "chunked", **_titled(headers)}, body)
        if end != b"0\r\n\r\n":
            exchange.close_connection = True

    return step


def raw(*pieces: bytes, close: bool = False) -> Step:
    """Exactly these bytes."""

    def step(exchange: Exchange) -> None:
        for piece in pieces:
            exchange.wfile.write(piece)
            exchange.wfile.flush()
        exchange.close_connection = close

    return step


def cut(body: bytes = b'{"a": 1}', *, missing: int = 5, **headers: str) -> Step:
    """A response that ends before its length."""

    def step(exchange: Exchange) -> None:
        fields = {"Content-Length": str(len(body) + missing), **_titled(headers)}
        exchange.send(200, fields, body)
        exchange.close_connection = True

    return step


def reset(before: bytes = b"") -> Step:
    """A connection reset, after some bytes."""

    def step(exchange: Exchange) -> None:
        exchange.wfile.write(before)
        exchange.wfile.flush()
        if before:
            time.sleep(0.02)  # a reset overtakes what was not read yet
        exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        exchange.close_connection = True
        exchange.rfile.close()
        exchange.connection.close()

    return step


def hang_up(exchange: Exchange) -> None:
    """The connection closes without a response."""
    exchange.close_connection = True


def silence(exchange: Exchange) -> None:
    """Nothing, until the server ends."""
    exchange.server.end.wait(30)
    exchange.close_connection = True


def held(by: threading.Event, then: Step) -> Step:
    """A response that waits for an event."""

    def step(exchange: Exchange) -> None:
        by.wait(30)
        then(exchange)

    return step


def _titled(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").title(): value for name, value in headers.items()}
