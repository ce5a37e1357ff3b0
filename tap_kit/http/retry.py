"""The retry policy: which failures are tried again, and how long to wait.

| what happened | what follows |
|---|---|
| 429, 5xx | again, after ``Retry-After`` (429 and 503) or a back-off |
| no response: refused, reset, timed out, host name unknown | again |
| a response that breaks off, or is not what it should be | again |
| 401, or a status with which the vendor refuses tokens | again once, with a new token |
| ``Retry-After`` beyond ``max_wait`` | the stream fails at once |
| a certificate or a proxy that can't be used | the run ends at once |
| other 3xx and 4xx, a request that can't be sent | the stream fails at once |

Back-off is exponential with full jitter: the n-th wait is random, at most ``base * 2 ** (n - 1)``
and never more than :data:`LONGEST_BACKOFF` seconds.
"""

from __future__ import annotations

import math
import socket
import ssl
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING

import backoff
import requests
import urllib3

from tap_kit.errors import WaitTooLongError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_BACKOFF = 60.0
"""Seconds."""

_THROTTLED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Statuses whose ``Retry-After`` is honoured."""


def is_transient(status: int) -> bool:
    """Whether a request is sent again after this status."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def pauses(base: float) -> Iterator[float]:
    """Yield the seconds to wait before the second, third, ... try.

    Args:
        base: The first wait takes at most so many seconds.
    """
    longest = backoff.expo(factor=base, max_value=LONGEST_BACKOFF)
    next(longest)  # the generator's first value is none
    while True:
        yield backoff.full_jitter(next(longest))


def requested_wait(
    label: str, status: int, headers: Mapping[str, str], *, max_wait: float
) -> float | None:
    """Return the seconds that a response asks all clients to wait; None if it doesn't.

    Args:
        label: The request's name in messages.
        status: The response's.
        headers: The response's; looking one up ignores case.
        max_wait: The longest wait that is accepted, in seconds.

    Raises:
        WaitTooLongError: The vendor asks for a longer one.
    """
    seconds = retry_after(headers) if status in _THROTTLED else None
    if seconds is not None and seconds > max_wait:
        msg = (
            f"{label}: HTTP {status}, and the vendor asks to wait {_until(seconds)}: longer than "
            f"the setting max_wait ({max_wait:g} s). Run again after that, or raise max_wait"
        )
        raise WaitTooLongError(msg)
    return seconds


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait; None if it is missing or malformed.

    A date counts from the response's own ``Date``, so that a wrong local clock does no harm.
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        until = _http_date(value)
        if until is None:
            return None
        now = _http_date(headers.get("date", "")) or datetime.now(timezone.utc)
        seconds = (until - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _until(seconds: float) -> str:
    try:
        until = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    except OverflowError:
        return f"{seconds:g} s, which no calendar holds"
    return f"until {until:%Y-%m-%d %H:%M:%S} UTC"


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


# Why there was no response


def network_reason(error: BaseException, *, timeout: float) -> str:
    """Say why there was no complete response, without URLs and class names.

    Args:
        error: What requests, urllib3 or the standard library raised.
        timeout: The setting ``request_timeout``, in seconds.
    """
    words = (_words(cause, timeout) for cause in causes(error))
    return next(filter(None, words), None) or _last_words(error)


def _words(cause: BaseException, timeout: float) -> str | None:
    words = None
    if isinstance(cause, socket.gaierror):
        words = f"the host name can't be resolved: {cause.strerror or cause.args[-1]}"
    elif isinstance(cause, urllib3.exceptions.NewConnectionError):
        return None  # a time-out to urllib3; its cause says more
    elif isinstance(cause, _TIMEOUTS):
        words = f"nothing came within {timeout:g} s (setting request_timeout)"
    elif isinstance(cause, RemoteDisconnected):
        words = "the connection was closed without a response"
    elif isinstance(cause, IncompleteRead):
        words = "the connection was closed before the end of the response"
    elif isinstance(cause, ssl.SSLError):
        words = f"TLS: {cause.reason or 'the connection broke'}"
    elif isinstance(cause, ConnectionError):
        words = cause.strerror
    return words


_TIMEOUTS = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)


_NOT_CONNECTED = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
    ssl.SSLError,
)


def is_not_connected(error: BaseException) -> bool:
    """Whether no connection could be made, so that the request was never sent."""
    return any(isinstance(cause, _NOT_CONNECTED) for cause in causes(error))


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors that it wraps, in whatever way libraries do so."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [getattr(one, "reason", None), *one.args, one.__cause__, one.__context__]


def _last_words(error: BaseException) -> str:
    """Return the innermost text that is neither a class name nor an object's representation."""
    texts = [text for one in causes(error) for text in one.args if isinstance(text, str)]
    plain = [text for text in texts if "object at 0x" not in text and "(host=" not in text]
    plain = [text for text in plain if text.strip() and text.isprintable()]
    return plain[-1] if plain else "the connection failed"
