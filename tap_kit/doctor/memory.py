"""A client that sends no GET twice: questions and probes share what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tap_kit.http.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_kit.http.auth import Auth
    from tap_kit.http.request import Request
    from tap_kit.http.response import Response
    from tap_kit.http.settings import HttpSettings
    from tap_kit.stats import StreamStats
    from tap_kit.text.redact_logs import Redactor

T = TypeVar("T")


class RememberingClient(Client):
    """Decodes a response again where the same GET has succeeded before.

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

    def fetch(
        self, request: Request, decode: Callable[[Response], T], stats: StreamStats | None = None
    ) -> T:
        """As :meth:`Client.fetch`, but a GET that has succeeded is not sent again."""
        if request.method != "GET":
            return super().fetch(request, decode, stats)
        key = request.url, tuple((request.params or {}).items())
        if key in self._known:
            return decode(self._known[key])

        def kept(response: Response) -> T:
            decoded = decode(response)
            self._known[key] = response
            return decoded

        return super().fetch(request, kept, stats)
