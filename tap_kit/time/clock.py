"""Time: the clock, and dates and times from and to text."""

from __future__ import annotations

import re
from datetime import datetime, timezone

_FRACTION = re.compile(r"\.(\d+)")

DATES = "a date or date-time in ISO 8601, such as 2024-01-31 or 2024-01-31T08:00:00Z"
"""What messages call a time that :func:`parse_time` reads."""


def utc_now() -> datetime:
    """Return the present time, in UTC."""
    return datetime.now(timezone.utc)


def parse_time(text: str) -> datetime:
    """Parse an ISO 8601 date or date-time; without a zone it is in UTC.

    A space may stand for ``T``. Fractions of a second may have any number of digits; microseconds
    are kept.

    Returns:
        The time, in UTC.

    Raises:
        ValueError: The text is no date or date-time, or outside of the years that Python knows.
    """
    if text[10:11] == "T" and text[-1] == "Z":
        try:
            return datetime.fromisoformat(text)
        except ValueError:  # before Python 3.11 always
            pass
    text = text.strip()
    if text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    text = _FRACTION.sub(lambda match: "." + match[1][:6].ljust(6, "0"), text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError as error:  # in the first or last year of the calendar
        raise ValueError(text) from error


def format_time(moment: datetime) -> str:
    """Format a time as RFC 3339, in UTC with ``Z``; a fraction of zero is left out."""
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
