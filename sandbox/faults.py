"""Faults that the sandbox plays on request, as the network and the vendors produce them."""

from __future__ import annotations

import abc
import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from sandbox.web import Response, as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.web import Request, Route, Vendor

HTML = b"""<!DOCTYPE html>
<html><head><title>We'll be right back</title></head>
<body><h1>Scheduled maintenance</h1><p>Please try again later.</p></body></html>
"""


@dataclass
class Exchange:
    """A request with what happens to its answer; every fault that plays may change it."""

    request: Request
    vendor: Vendor
    route: Route
    answer: Callable[[], Response]
    """Makes the answer; by default the vendor's handler does."""
    wait: float = 0.0
    """Seconds before the request is handled."""
    spread: float = 0.0
    """Seconds over which the body is sent."""
    cut: float | None = None
    """The share of the body after which the connection ends; the headers announce all of it."""
    reset: bool = False
    """The connection ends with a TCP reset (RST)."""
    silent: bool = False
    """The connection ends without any answer, the request unhandled."""


@dataclass(frozen=True, kw_only=True)
class Fault(abc.ABC):
    """Which requests a fault meets, and how often; its subclasses say what happens to them."""

    vendor: str = "*"
    route: str = "*"
    method: str | None = None
    contains: str | None = None
    """Text that the path, query or body holds, encoded as sent or decoded."""
    skip: int = 0
    """How many matching requests pass unharmed first."""
    times: int | None = 1
    """How many requests are hit after these; None: all."""

    def meets(self, exchange: Exchange) -> bool:
        """Whether the request is one of those meant, the counts aside."""
        return (
            self.vendor in {"*", exchange.vendor.name}
            and self.route in {"*", exchange.route.name}
            and self.method in {None, exchange.request.method}
            and (self.contains is None or self.contains in _text(exchange.request))
        )

    @abc.abstractmethod
    def play(self, exchange: Exchange) -> None:
        """Change what happens."""


def _text(request: Request) -> str:
    target = f"{request.path}?{request.query_string}"
    return "\n".join((target, unquote_plus(target), request.body.decode(errors="replace")))


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """An answer with an error status, the request unhandled."""

    status: int = 503
    body: str | None = None
    """By default a JSON object with a ``message``."""
    content_type: str = "application/json"
    retry_after: float | None = None
    """Seconds, sent as the header ``Retry-After``."""
    retry_after_date: bool = False
    """Send ``Retry-After`` as an HTTP-date; it has whole seconds and is rounded up."""

    def play(self, exchange: Exchange) -> None:
        """Answer at once."""
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = (
                _http_date(self.retry_after) if self.retry_after_date else f"{self.retry_after:g}"
            )
        body = self.body
        if body is None:
            body = json.dumps({"message": HTTPStatus(self.status).phrase})
        response = Response(body.encode(), self.status, self.content_type, headers)
        exchange.answer = lambda: response


def _http_date(seconds: float) -> str:
    moment = math.ceil(datetime.now(timezone.utc).timestamp() + seconds)
    return format_datetime(datetime.fromtimestamp(moment, timezone.utc), usegmt=True)


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """A TCP reset: before the request is handled, or in the middle of the body."""

    midway: bool = False

    def play(self, exchange: Exchange) -> None:
        """Reset the connection."""
        exchange.reset = True
        exchange.silent = not self.midway
        exchange.cut = 0.5


@dataclass(frozen=True, kw_only=True)
class Truncate(Fault):
    """The connection closes half-way through the body, whose whole length was announced.

    A chunked body lacks its last chunk.
    """

    def play(self, exchange: Exchange) -> None:
        """Close half-way."""
        exchange.cut = 0.5


@dataclass(frozen=True, kw_only=True)
class Html(Fault):
    """A maintenance page with status 200."""

    def play(self, exchange: Exchange) -> None:
        """Answer with the page."""
        exchange.answer = lambda: Response(HTML, content_type="text/html; charset=utf-8")


@dataclass(frozen=True, kw_only=True)
class Garbage(Fault):
    """The vendor's answer cut off at half, with the length that fits: JSON that doesn't parse."""

    def play(self, exchange: Exchange) -> None:
        """Spoil the answer."""
        whole = exchange.answer

        def spoilt() -> Response:
            response = whole()
            body = read(response)
            response.body = body[: len(body) // 2] + b'{"'
            return response

        exchange.answer = spoilt


@dataclass(frozen=True, kw_only=True)
class Empty(Fault):
    """Status 200 and no body at all."""

    def play(self, exchange: Exchange) -> None:
        """Answer with nothing."""
        exchange.answer = Response


@dataclass(frozen=True, kw_only=True)
class Hang(Fault):
    """No answer for some seconds, then the connection closes."""

    seconds: float = 60.0

    def play(self, exchange: Exchange) -> None:
        """Keep silent."""
        exchange.wait += self.seconds
        exchange.silent = True


@dataclass(frozen=True, kw_only=True)
class Slow(Fault):
    """The body trickles in over some seconds; all of it arrives."""

    seconds: float = 5.0

    def play(self, exchange: Exchange) -> None:
        """Spread the body."""
        exchange.spread = self.seconds


@dataclass(frozen=True, kw_only=True)
class Latency(Fault):
    """The answer comes later, and nothing else: the faults added after it play as well."""

    milliseconds: float = 50.0

    def play(self, exchange: Exchange) -> None:
        """Wait first."""
        exchange.wait += self.milliseconds / 1000


@dataclass(frozen=True, kw_only=True)
class RevokeToken(Fault):
    """All of the vendor's tokens become invalid just before the request is handled."""

    def play(self, exchange: Exchange) -> None:
        """Revoke, then let the vendor answer."""
        exchange.vendor.revoke_tokens()


@dataclass(frozen=True, kw_only=True)
class GraphqlError(Fault):
    """A GraphQL answer with ``errors``."""

    message: str = "Internal server error"
    error_type: str | None = None
    """``errorType`` of the error; left out when None."""
    status: int = 200
    partial: bool = False
    """Keep the vendor's ``data`` beside the errors; otherwise ``data`` is as given here."""
    data: dict[str, Any] | None = None

    def play(self, exchange: Exchange) -> None:
        """Answer with the error."""
        whole = exchange.answer
        error: dict[str, Any] = {"message": self.message}
        if self.error_type is not None:
            error["errorType"] = self.error_type

        def with_errors() -> Response:
            data = json.loads(read(whole()))["data"] if self.partial else self.data
            return as_json({"data": data, "errors": [error]}, self.status)

        exchange.answer = with_errors


KINDS: dict[str, type[Fault]] = {
    "status": Status,
    "reset": Reset,
    "truncate": Truncate,
    "html": Html,
    "garbage": Garbage,
    "empty": Empty,
    "hang": Hang,
    "slow": Slow,
    "latency": Latency,
    "revoke_token": RevokeToken,
    "graphql_error": GraphqlError,
}
"""The names that faults have in the control API and in the journal."""

_NAMES = {kind: name for name, kind in KINDS.items()}


def fault(kind: str, **options: Any) -> Fault:  # noqa: ANN401  # each kind has its own
    """Make a fault from its name and the fields of its class.

    Raises:
        ValueError: there is no such kind, or it has no such field.
    """
    try:
        return KINDS[kind](**options)
    except KeyError:
        msg = f"There is no fault {kind!r}, only {', '.join(KINDS)}"
        raise ValueError(msg) from None
    except TypeError as error:
        raise ValueError(str(error)) from None


def read(response: Response) -> bytes:
    """The whole body of an answer."""
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


@dataclass
class Plan:
    """The faults to come. For one request the first that is due plays, and every latency.

    A fault counts only the requests that come as far as itself: faults that were added one after
    another for the same route play one after another.
    """

    _faults: list[tuple[Fault, list[int]]] = field(default_factory=list)
    """Each with the number of its matches so far."""

    def add(self, fault: Fault) -> None:
        """Plan a fault behind the others."""
        self._faults = [*self._faults, (fault, [0])]

    def clear(self) -> None:
        """Plan nothing."""
        self._faults = []

    def play(self, exchange: Exchange) -> str | None:
        """Play what is due for a request; the kinds, joined by ``+``, or None."""
        played: list[str] = []
        for fault, matches in self._faults:
            if fault.meets(exchange) and _due(fault, matches):
                played.append(_NAMES[type(fault)])
                fault.play(exchange)
                if not isinstance(fault, Latency):
                    break
        return "+".join(played) or None


def _due(fault: Fault, matches: list[int]) -> bool:
    matches[0] += 1
    return matches[0] > fault.skip and (
        fault.times is None or matches[0] <= fault.skip + fault.times
    )
