"""How Flow writes ids and times, and where a file lies in blob storage."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
"""Times are whole milliseconds since 1970 in here: jobs are many, and integers sort fast."""

UNSET = "0001-01-01T00:00:00"
"""What .NET writes for a date that was never set."""

TEAM = "frontline"


def milliseconds(moment: datetime) -> int:
    """A moment as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def moment(at: int) -> datetime:
    """The other way round."""
    return datetime.fromtimestamp(at // SECOND, timezone.utc) + timedelta(milliseconds=at % SECOND)


_TIME = re.compile(
    r"(\d{4})([-/])(\d\d)\2(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?)?"
)


def parsed(text: str) -> int:
    """A time as the vendor reads it, with dashes or slashes, without a zone in UTC.

    Raises:
        ValueError: it is none.
    """
    match = _TIME.fullmatch(text)
    if not match:
        msg = f"'{text}' is not a valid date and time"
        raise ValueError(msg)
    year, _, month, day, hour, minute, second, fraction, zone = match.groups()
    begin = datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        tzinfo=timezone.utc,
    )
    ahead = 0
    if zone and zone != "Z":
        ahead = (int(zone[1:3]) * HOUR + int(zone[4:]) * MINUTE) * (-1 if zone[0] == "-" else 1)
    return milliseconds(begin) + int((fraction or "0").ljust(3, "0")[:3]) - ahead


class _Days(dict[int, str]):
    """``2020-06-10T`` by the number of days since 1970."""

    def __missing__(self, day: int) -> str:
        text = self[day] = moment(day * DAY).isoformat()[:11]
        return text


_DAYS = _Days()
_MINUTES = [f"{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]


def stamp(at: int) -> str:
    """``2020-06-10T09:58:51.44Z``: as .NET does, without zeros at the end of the fraction."""
    # By tables, since every step of a job has two: isoformat takes three times as long.
    days, rest = divmod(at, DAY)
    minutes, rest = divmod(rest, MINUTE)
    seconds, fraction = divmod(rest, SECOND)
    text = f"{_DAYS[days]}{_MINUTES[minutes]}{seconds:02}"
    return f"{text}.{fraction:03}".rstrip("0") + "Z" if fraction else f"{text}Z"


def server_stamp(at: int) -> str:
    """``2020-06-10T09:58:51Z``: the server's own times have whole seconds."""
    return stamp(at // SECOND * SECOND)


def uuid(bits: int) -> str:
    """A UUID of version 4 from 128 random bits."""
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def object_id(at: int, rest: int) -> str:
    """24 hex digits as MongoDB makes them: the second of ``at``, then 64 bits."""
    return f"{at // SECOND:08x}{rest:016x}"


class BlobPath(str):
    """Container, team and name of a file in blob storage; served as a signed link to it."""

    __slots__ = ()


def with_links(value: Any, link: Callable[[str], str]) -> Any:  # noqa: ANN401  # any JSON
    """A copy of a JSON value with ``link(path)`` for every :class:`BlobPath` in it."""
    if isinstance(value, BlobPath):
        return link(value)
    if isinstance(value, dict):
        return {name: with_links(item, link) for name, item in value.items()}
    if isinstance(value, list):
        return [with_links(item, link) for item in value]
    return value
