"""GraphQL responses: ``data``, or ``errors``, which may come with any HTTP status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tap_kit.errors import BadBodyError, GoneError, TapError, TransientError, VendorError
from tap_kit.http.response import excerpt
from tap_kit.http.status_errors import RefusedError, vendor_message
from tap_kit.text.content import error_in

if TYPE_CHECKING:
    from tap_kit.http.response import Response

_ERRORS = range(400, 600)

# What the words of an error mean, most certain first: messages, error types and codes of GraphQL
# servers, AWS AppSync and API gateways. What no line knows is final, with the vendor's message.
_WORDS = {
    "malformed": (
        r"validation.?error|graphql_validation|syntax.?error|parse.?failed|bad.?user.?input",
        r"bad.?request|malformed|cannot query|unknown (?:argument|type|field)",
    ),
    "gone": (r"not.?found|does not exist|no such",),
    "transient": (
        r"throttl|rate.?limit|rate exceeded|too.?many.?requests|throughput.?exceeded",
        r"time.?out|timed.?out|unavailable|bad.?gateway|try again|temporar|lambda:unhandled",
        r"\binternal(?:\b|[ _]?(?:server|service|failure|error|exception))",
        r"connection (?:was )?(?:reset|closed|refused)",
    ),
    "unauthenticated": (
        r"unauthenticated|not authenticated|unauthori[sz]edexception|jwt expired",
        r"(?:access|auth\w*|bearer|id).?token (?:has |is )?(?:expired|invalid)",
        r"(?:expired|invalid) (?:access|auth\w*|bearer|id).?token",
    ),
    "forbidden": (
        r"unauthori[sz]ed|not authori[sz]ed|forbidden|access.?denied|permission denied",
        r"(?:not have|lacks?|insufficient|missing) (?:the )?permission",
    ),
}
_MEANINGS = {
    meaning: re.compile("|".join(words), re.IGNORECASE) for meaning, words in _WORDS.items()
}


def decode_graphql(response: Response) -> dict[str, Any]:
    """Return the ``data`` of a GraphQL response; data beside errors is partial, and an error.

    Raises:
        TransientError: Another try may help: throttling, time-outs, faults at the vendor.
        RefusedError: The vendor refuses the token (401), or lacks a permission for it (403).
        GoneError: What was requested does not exist.
        VendorError: Any other error.
        BadBodyError: The body is not JSON, or has neither ``errors`` nor an object ``data``.
    """
    decoded = response.json()
    errors = decoded.get("errors") if isinstance(decoded, dict) else None
    if errors:
        raise _fault(errors if isinstance(errors, list) else [errors], response.status)
    data = decoded.get("data") if isinstance(decoded, dict) else None
    if isinstance(data, dict):
        return data
    if response.status in _ERRORS:
        detail = vendor_message(response)
        message = f"HTTP {response.status}, no GraphQL data: {detail}"
        raise VendorError(message, status=response.status, detail=detail)
    reason = excerpt(error_in(decoded) or f"{len(response.content)} bytes of JSON")
    message = f"HTTP {response.status}, no GraphQL data: {reason}"
    raise BadBodyError(message, status=response.status)


def _fault(errors: list[Any], status: int) -> TapError:
    detail = excerpt("; ".join(dict.fromkeys(_message(error) for error in errors)))
    message = f"GraphQL errors: {detail}"
    meanings = {_meaning(error) for error in errors}
    # A fault of one field makes others fail with "cannot return null", which means nothing alone.
    if "transient" in meanings:
        return TransientError(message, status=status)
    if "unauthenticated" in meanings:
        return RefusedError(message, status=401, detail=detail)
    if "forbidden" in meanings:
        return RefusedError(message, status=403, detail=detail)
    kind = GoneError if "gone" in meanings else VendorError
    return kind(message, status=status, detail=detail)


def _meaning(error: object) -> str | None:
    words = f"{_message(error)} {_code(error)}"
    return next((meaning for meaning, pattern in _MEANINGS.items() if pattern.search(words)), None)


def _message(error: object) -> str:
    if isinstance(error, dict):
        return str(error.get("message") or _code(error) or error)
    return str(error)


def _code(error: object) -> str:
    """AppSync's ``errorType`` and the ``extensions.code`` of most other servers."""
    if not isinstance(error, dict):
        return ""
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return " ".join(str(part) for part in (error.get("errorType"), code) if part)
