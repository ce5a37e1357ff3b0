"""A client that asks nothing twice: questions and probes share what they need."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from tap_kit.errors import (
    PermissionDeniedError,
    RetriesExhaustedError,
    StreamError,
    TokenRefusedError,
    VendorError,
    WaitTooLongError,
)
from tap_kit.http.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_kit.http.auth import Auth
    from tap_kit.http.request import Request
    from tap_kit.http.response import Response, StreamedResponse
    from tap_kit.http.settings import HttpSettings
    from tap_kit.stats import StreamStats
    from tap_kit.text.redact_logs import Redactor

R = TypeVar("R")
T = TypeVar("T")

_FINAL = (VendorError, RetriesExhaustedError, WaitTooLongError)


class RememberingClient(Client):
    """Decodes a response again where the same GET has succeeded before; fails at once what failed.

    A vendor that leaves one endpoint without a response costs the time and the requests of one
    failure, and not of all questions that would need it. And one that refuses a token which others
    accept is an error of its own, and not the end.

    Args:
        settings: Limits, time-outs and numbers of tries.
        redactor: Takes secrets out of error messages.
        auth: Adds ``Authorization``.
        most: How many requests may be sent at all.
    """

    def __init__(
        self, settings: HttpSettings, redactor: Redactor, auth: Auth | None, *, most: int
    ) -> None:
        super().__init__(settings=settings, redactor=redactor, auth=auth, most=most)
        self._known: dict[object, Response] = {}
        self._failed: dict[object, StreamError] = {}
        self._accepted = False
        """The vendor has answered a request that had the token."""

    def fetch(
        self, request: Request, decode: Callable[[Response], T], stats: StreamStats | None = None
    ) -> T:
        """As :meth:`Client.fetch`, but a GET that has succeeded is not sent again."""
        if request.method != "GET":
            return super().fetch(request, decode, stats)
        key = _key(request)
        if key in self._known:
            return decode(self._known[key])

        def kept(response: Response) -> T:
            decoded = decode(response)
            self._known[key] = response
            return decoded

        return super().fetch(request, kept, stats)

    def authorized_by(self, auth: Auth | None) -> Client:
        """As :meth:`Client.authorized_by`; what failed may succeed with other credentials."""
        other = super().authorized_by(auth)
        assert isinstance(other, RememberingClient)  # noqa: S101  # a copy of this one
        other._failed, other._accepted = {}, False  # noqa: SLF001  # ours
        return other

    def _patiently(
        self,
        request: Request,
        receive: Callable[[StreamedResponse], R],
        decode: Callable[[R], T],
        stats: StreamStats | None,
    ) -> T:
        key = _key(request)
        if key in self._failed:
            raise self._failed[key]
        try:
            found = super()._patiently(request, receive, decode, stats)
        except TokenRefusedError as error:
            if not self._accepted:
                raise
            self._rejected = None
            self._failed[key] = _refused_here(error)
            raise self._failed[key] from error
        except _FINAL as error:
            self._failed[key] = error
            raise
        self._accepted |= request.authorized
        return found


def _refused_here(error: TokenRefusedError) -> PermissionDeniedError:
    """Of one endpoint, where another has accepted the token."""
    return PermissionDeniedError(
        str(error), status=HTTPStatus.UNAUTHORIZED, advice="The token is accepted elsewhere"
    )


def _key(request: Request) -> object:
    return (
        request.method,
        request.url,
        tuple((request.params or {}).items()),
        json.dumps(request.json),
    )
