"""Which error to raise for a response with an error status."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tap_kit.errors import (
    BadBodyError,
    GoneError,
    PermissionDeniedError,
    TapError,
    TokenRefusedError,
    TransientError,
    VendorError,
)
from tap_kit.http.response import excerpt
from tap_kit.http.retry import is_transient

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.http.request import Request
    from tap_kit.http.response import Response

_MESSAGE_KEYS = (
    "message",
    "Message",
    "error_description",
    "error",
    "detail",
    "errorMessage",
    "title",
    "errors",
)


class RefusedError(TapError):
    """The vendor refuses the token: the client renews it once and sends the request again.

    A ``decode`` function raises it where the refusal is in the body. If the vendor refuses the
    new token as well, the client raises :class:`TokenRefusedError` (401) or
    :class:`PermissionDeniedError` (403).
    """

    def __init__(self, message: str, *, status: int, detail: str) -> None:
        """Keep what the client needs for the final error.

        Args:
            message: What happened.
            status: 401 or 403, by what it means, whatever the response's own status.
            detail: The vendor's own message.
        """
        super().__init__(message)
        self.status = status
        self.detail = detail


def error_for(request: Request, response: Response, *, refusals: frozenset[int]) -> TapError:
    """Return the error for a response whose status is not 2xx.

    Args:
        request: The request.
        response: The response.
        refusals: Statuses with which the vendor refuses a token.
    """
    status, detail = response.status, vendor_message(response)
    message = f"{request.label}: HTTP {status}{_phrase(status)}"
    if status < HTTPStatus.BAD_REQUEST and "location" in response.headers:
        host = _host(response.headers["location"])
        message += f", a redirection to {host}, which is not followed; check the *_url setting"
        return VendorError(message, status=status)
    if detail:
        message += f": {detail}"
    if status in refusals:
        return RefusedError(message, status=status, detail=detail)
    advice = advice_for(request, status, detail)
    message = followed_by(message, advice)
    if is_transient(status):
        return TransientError(message, status=status)
    kind = VendorError
    if status == HTTPStatus.FORBIDDEN:
        kind = PermissionDeniedError
    elif status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        kind = GoneError
    return kind(message, status=status, detail=detail, advice=advice)


def refusal_for(request: Request, refused: RefusedError, settings: Sequence[str]) -> TapError:
    """Return the error for a token that the vendor refuses for good."""
    status, detail = refused.status, refused.detail
    advice = advice_for(request, status, detail)
    message = followed_by(str(refused), advice)
    if status == HTTPStatus.FORBIDDEN:
        return PermissionDeniedError(message, status=status, detail=detail, advice=advice)
    if not request.authorized:
        return VendorError(message, status=status, detail=detail, advice=advice)
    if settings:
        message = followed_by(message, f"Check the settings {', '.join(settings)}")
    return TokenRefusedError(message)


def advice_for(request: Request, status: int, detail: str) -> str:
    """Return what the user should do by the request; "" where it has no advice for the status."""
    return (request.explain(status, detail) if request.explain else None) or ""


def followed_by(message: str, advice: str) -> str:
    """Join a message and advice, if there is any, as two sentences."""
    if not advice:
        return message
    return f"{message}{' ' if message.endswith(('.', '?', '!')) else '. '}{advice}"


def vendor_message(response: Response) -> str:
    """Return the vendor's own message, found in any member of the body; "" for an empty body."""
    try:
        words = worded(response.json())
    except BadBodyError:
        words = ""
    return words or excerpt(response.text())


def worded(decoded: object) -> str:
    """Return the messages in a JSON error; "" if there are none."""
    return excerpt("; ".join(dict.fromkeys(_messages(decoded))))


def _messages(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _messages(item)
    elif isinstance(value, dict):
        named = [value[key] for key in _MESSAGE_KEYS if value.get(key)]
        if named:
            yield from _messages(named)
            return
        for field, problem in value.items():  # {"<field>": ["<what is wrong with it>"]}
            if isinstance(problem, list):
                yield from (f"{field}: {text}" for text in _messages(problem))


def _host(location: str) -> str:
    try:
        return urlsplit(location).hostname or "another path"
    except ValueError:
        return "a malformed URL"


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
