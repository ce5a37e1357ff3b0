"""GraphQL answers: data, or errors whatever the HTTP status says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tap_kit.errors import BadBodyError, TransientError, VendorError
from tap_kit.http.call import excerpt
from tap_kit.http.faults import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_kit.http.call import Body

# Words of throttling, time-outs and faults within the vendor, in messages, error types and codes
# of GraphQL servers and AWS AppSync (https://docs.aws.amazon.com/appsync/latest/devguide/).
_TRANSIENT = re.compile(
    r"throttl|rate.?limit|too.?many.?requests|limit.?exceeded|time.?out|timed.?out|internal|"
    r"unavailable|try again|temporar|lambda:unhandled|bad.?gateway|connection (?:reset|closed)",
    re.IGNORECASE,
)
_UNAUTHENTICATED = re.compile(
    r"unauthenticated|unauthori[sz]edexception|not authenticated|"
    r"token (?:has |is )?(?:expired|invalid)|(?:expired|invalid) token",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"unauthori[sz]ed|not authori[sz]ed|forbidden|access.?denied|permission", re.IGNORECASE
)


def decode_graphql(body: Body) -> dict[str, Any]:
    """The ``data`` of a GraphQL answer; partial data beside errors is an error.

    Raises:
        TransientError: Errors that may pass: throttling, time-outs, faults within the vendor.
        RefusedError: The token is not accepted (401) or not for this (403).
        VendorError: Other errors, with their messages.
        BadBodyError: Not JSON, or neither ``errors`` nor an object ``data``.
    """
    answer = body.json()
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        raise _fault(errors if isinstance(errors, list) else [errors], body.status)
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        msg = f"HTTP {body.status}: no GraphQL data: {excerpt(body.text())}"
        raise BadBodyError(msg, status=body.status)
    return data


def _fault(errors: list[Any], status: int) -> TransientError | RefusedError | VendorError:
    detail = excerpt("; ".join(dict.fromkeys(_message(error) for error in errors)))
    words = " ".join(_words(error) for error in errors)
    message = f"GraphQL errors: {detail}"
    if _TRANSIENT.search(words):
        return TransientError(message, status=status)
    if _UNAUTHENTICATED.search(words):
        return RefusedError(message, status=401, detail=detail)
    if _FORBIDDEN.search(words):
        return RefusedError(message, status=403, detail=detail)
    return VendorError(message, status=status, detail=detail)


def _message(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    return str(error.get("message") or _code(error) or error)


def _words(error: object) -> str:
    return f"{_message(error)} {_code(error)}" if isinstance(error, dict) else str(error)


def _code(error: Mapping[str, Any]) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return " ".join(str(part) for part in (error.get("errorType"), code) if part)
