"""The client: every request of a tap goes through it."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, TypeVar

from tap_kit.errors import (
    CredentialsError,
    RetriesExhaustedError,
    TapError,
    TransientError,
    VendorError,
)
from tap_kit.http.download import Download
from tap_kit.http.reach import Reach
from tap_kit.http.response import Response, StreamedResponse
from tap_kit.http.retry import is_transient, pauses, requested_wait
from tap_kit.http.status_errors import RefusedError, advice_for, error_for, followed_by, refusal_for
from tap_kit.http.throttle import Throttle
from tap_kit.http.transport import Transport, check_headers, origin_of
from tap_kit.stats import StreamStats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import PreparedRequest

    from tap_kit.http.auth import Auth
    from tap_kit.http.request import Request
    from tap_kit.http.settings import HttpSettings
    from tap_kit.text.redact_logs import Redactor

T = TypeVar("T")
R = TypeVar("R")

_SUCCESS = range(200, 300)
_UNAUTHORIZED = frozenset({401})
_SAID_FROM = 1.0
"""A wait of so many seconds, or a longer one, is written to the log."""

logger = logging.getLogger(__name__)


class Client:
    """Sends requests from any thread, within the limits, with a token, and again if they fail.

    :mod:`tap_kit.http.retry` is the retry policy, :mod:`tap_kit.http.throttle` keeps the limits.
    """

    def __init__(
        self,
        *,
        settings: HttpSettings,
        redactor: Redactor,
        auth: Auth | None = None,
        backoff_base: float = 1.0,
        most: int | None = None,
    ) -> None:
        """Make the pools of connections; nothing is connected yet.

        Args:
            settings: Limits, time-outs and numbers of tries.
            redactor: Takes secrets out of error messages; learns each token.
            auth: Adds ``Authorization`` to the requests that want it.
            backoff_base: The first back-off takes at most so many seconds; tests make it short.
            most: How many requests may be sent at all; None: any number.
        """
        self.redactor = redactor
        self.auth = auth
        self._max_attempts = settings.max_attempts
        self._max_wait = settings.max_wait
        self._reach = Reach()
        self._backoff_base = backoff_base
        self._rejected: CredentialsError | None = None
        self._throttle = Throttle(
            slots=settings.concurrency, per_second=settings.requests_per_second, most=most
        )
        self._transport = Transport(settings)

    def fetch(
        self, request: Request, decode: Callable[[Response], T], stats: StreamStats | None = None
    ) -> T:
        """Send a request and decode its response.

        Args:
            request: The request.
            decode: Takes a response with a status of 2xx, or an accepted one. If it raises a
                :class:`TransientError`, the request is sent again; other errors pass through.
            stats: Counts requests, retries and waits.

        Returns:
            What ``decode`` returned.

        Raises:
            RetriesExhaustedError: The request failed ``max_attempts`` times.
            UnreachableError: So did every request to the vendor.
            WaitTooLongError: The vendor asks to wait longer than ``max_wait``.
            SettingsError: A certificate or a proxy is not usable.
            CredentialsError: The vendor refuses the credentials.
            VendorError: The vendor refuses the request.
            RequestsSpentError: All requests that may be sent have been.
            StoppedError: The client was closed.
        """
        return self._patiently(request, StreamedResponse.read, decode, stats)

    def download(
        self,
        request: Request,
        stats: StreamStats | None = None,
        check: Callable[[Download], None] = lambda _: None,
    ) -> Download:
        """Send a request and keep the body in a temporary file; raises as :meth:`fetch` does.

        Args:
            request: The request.
            stats: Counts requests, retries and waits.
            check: Looks at the complete download. If it raises a :class:`TransientError`, the
                request is sent again.
        """

        def checked(download: Download) -> Download:
            try:
                check(download)
            except BaseException:
                download.close()
                raise
            download.file.seek(0)
            return download

        return self._patiently(request, Download.of, checked, stats)

    def receive(
        self,
        request: Request,
        receive: Callable[[StreamedResponse], T],
        stats: StreamStats | None = None,
    ) -> T:
        """Send a request and read its response from the wire; raises as :meth:`fetch` does.

        Args:
            request: The request.
            receive: Takes a response with a status of 2xx, or an accepted one, whose body is still
                on the wire. If it raises a :class:`TransientError`, the request is sent again.
            stats: Counts requests, retries and waits.
        """
        return self._patiently(request, receive, lambda received: received, stats)

    def sleep(self, seconds: float) -> None:
        """Wait between two requests, without occupying a slot.

        Raises:
            StoppedError: The client was closed, before or meanwhile.
        """
        self._throttle.sleep(seconds)

    def now(self) -> str:
        """Say how many requests are in flight, and why none is sent where the vendor asks so."""
        seconds, why = self._throttle.pausing
        waiting = (
            f", none is sent for {seconds:.0f} s more ({why})" if seconds >= _SAID_FROM else ""
        )
        return f"{self._throttle.in_flight} in flight{waiting}"

    @property
    def sent(self) -> int:
        """How many requests have been sent, those for tokens and further tries included."""
        return self._throttle.begun

    def authorized_by(self, auth: Auth | None) -> Client:
        """Return a client with other credentials that shares limits and connections with this.

        Another address for tokens may work where this one's does not.
        """
        other = copy.copy(self)
        other.auth = auth
        other._reach = Reach()  # noqa: SLF001  # one of ours
        other._rejected = None  # noqa: SLF001  # one of ours
        return other

    def close(self) -> None:
        """Stop: threads that wait get a :class:`StoppedError`; idle connections are closed."""
        self._throttle.close()
        self._transport.close()

    def _patiently(
        self,
        request: Request,
        receive: Callable[[StreamedResponse], R],
        decode: Callable[[R], T],
        stats: StreamStats | None,
    ) -> T:
        stats = stats or StreamStats(request.label)
        try:
            return self._attempts(request, receive, decode, stats)
        except TapError as error:
            self._redact(error)
            raise

    def _attempts(
        self,
        request: Request,
        receive: Callable[[StreamedResponse], R],
        decode: Callable[[R], T],
        stats: StreamStats,
    ) -> T:
        prepared = self._transport.prepare(request)
        origin = origin_of(prepared)
        auth = self.auth if request.authorized else None
        waits = pauses(self._backoff_base)
        tries, renewed, said = 1, False, ""
        while True:
            if auth and self._rejected:
                raise self._rejected
            self._reach.check(origin)
            headers = auth.headers(self) if auth else {}
            check_headers(request.label, headers, ", ".join(auth.settings) if auth else "")
            try:
                received = self._once(request, prepared, headers, receive, stats)
                return self._decoded(request, decode, received)
            except RefusedError as refused:
                error = refusal_for(request, refused, auth.settings if auth else ())
                if auth is None or renewed:
                    raise error from None
                if not auth.renew(self, headers):
                    if isinstance(error, CredentialsError):
                        # There are no other credentials, so every other request would fail, too.
                        self._rejected = error
                    raise error from None
                renewed = True
            except TransientError as error:
                self._throttle.check()
                self._redact(error)
                if tries >= self._max_attempts:
                    raise self._gave_up(request, origin, error, tries) from error
                tries += 1
                pause = next(waits)
                # A warning only where the reason is a new one; DEBUG has them all.
                level = logging.DEBUG if str(error) == said else logging.WARNING
                logger.log(level, "%s (trying again, %d of %d)", error, tries, self._max_attempts)
                said = str(error)
                self._throttle.sleep(pause)
                stats.count(waited=pause)
            stats.count(retries=1)

    def _gave_up(self, request: Request, origin: str, last: TransientError, tries: int) -> TapError:
        if not request.to_vendor:
            return RetriesExhaustedError(
                f"{request.label} failed {tries} times, the last time: {last}"
            )
        return self._reach.gave_up(origin, request.label, last, tries)

    def _once(
        self,
        request: Request,
        prepared: PreparedRequest,
        headers: Mapping[str, str],
        receive: Callable[[StreamedResponse], R],
        stats: StreamStats,
    ) -> R:
        prepared.headers.update(headers)
        with self._throttle.slot() as waited:
            stats.count(requests=1, waited=waited)
            with self._transport.send(prepared, request) as response:
                if not is_transient(response.status):
                    self._reach.responded(origin_of(prepared))
                if response.status in _SUCCESS or response.status in request.accept:
                    return receive(response)
                wait = requested_wait(
                    request.label, response.status, response.headers, max_wait=self._max_wait
                )
                if wait is not None:
                    # At once, before the body is read: other threads are about to send.
                    self._throttle.pause(wait, f"{request.label}: HTTP {response.status}")
                    if wait >= _SAID_FROM:
                        logger.warning(
                            "%s: HTTP %d; nothing is sent for %.0f s, as the vendor asks",
                            request.label,
                            response.status,
                            wait,
                        )
                raise self._fault(request, response)

    def _fault(self, request: Request, response: StreamedResponse) -> TapError:
        try:
            whole = response.read()
        except TransientError:  # the status says enough
            whole = Response(response.status, response.headers, b"")
        refusals = frozenset[int]()
        if request.authorized:
            refusals = _UNAUTHORIZED | (self.auth.renew_on if self.auth else refusals)
        return error_for(request, whole, refusals=refusals)

    def _decoded(self, request: Request, decode: Callable[[R], T], received: R) -> T:
        try:
            return decode(received)
        except TapError as error:
            message = f"{request.label}: {error}"
            if isinstance(error, VendorError):
                error.advice = error.advice or advice_for(request, error.status, error.detail)
                message = followed_by(message, error.advice)
            error.args = (message,)
            raise

    def _redact(self, error: TapError) -> None:
        error.args = (self.redactor.redact(str(error)),)
        if isinstance(error, VendorError):
            error.detail = self.redactor.redact(error.detail)
