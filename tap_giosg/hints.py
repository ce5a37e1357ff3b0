"""What to do about giosg's refusals, as a sentence behind its own message."""

from __future__ import annotations

import re

_SUBSCRIPTION = "the organization needs an active giosg subscription that includes reporting"
_ORGANIZATION = (
    "the setting organization_id must be the organization of the token's user (leave it out to "
    "take that one)"
)
_PERMISSION = "the user who made the token needs the permission 'reporting'"
_ANY_OF_THREE = (
    f"giosg says so for three reasons: {_SUBSCRIPTION}; or {_ORGANIZATION}; or {_PERMISSION}"
)
_CAUSES = (
    (re.compile("subscri", re.IGNORECASE), _SUBSCRIPTION),
    (re.compile("report", re.IGNORECASE), _PERMISSION),
    (re.compile("organi[sz]ation", re.IGNORECASE), _ORGANIZATION),
)
_SCHEME = (
    "auth_scheme must be Token for an API token, Bearer for an OAuth2 access token; a token dies "
    "with the user who made it"
)
_FILTER = "giosg has not implemented a filter of the setting filters; use another property"

ABOUT_LENGTH = re.compile(
    r"\b(interval|range|period|span|duration|start|end|hours?|days?|weeks?|months?)\b",
    re.IGNORECASE,
)
"""A 400 with these words is about the interval, which may be too long."""


def hint(status: int, detail: str) -> str | None:
    """What to change, for a status and the vendor's message."""
    if status == 400 and ABOUT_LENGTH.search(detail):  # noqa: PLR2004  # an HTTP status
        text = "where the interval is too long, choose a shorter one with the setting window"
    else:
        text = {
            401: _SCHEME,
            403: next((cause for word, cause in _CAUSES if word.search(detail)), _ANY_OF_THREE),
            406: _FILTER,
        }.get(status, "")
    return f"{text[0].upper()}{text[1:]}" if text else None
