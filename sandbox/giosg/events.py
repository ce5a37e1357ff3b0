"""Event rows by index: any day of any series is made on demand, a million rows in no memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

DAY = 86_400_000
"""Milliseconds of a day; all times here are whole milliseconds since 1970."""
HOUR = DAY // 24
LATEST = 48 * HOUR
"""No row becomes visible later than this after its event."""

POOL = 499
"""How many different :mod:`details <sandbox.giosg.texts>` the rows share."""

Event = tuple[str, str, str, str, int, int]
"""time, event_id, label, action, number of its details, day (proleptic ordinal)."""

_UNIX_DAY = date(1970, 1, 1).toordinal()
_UNIX = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MINUTES = [f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02}." for second in range(60)]
_MILLIS = [f"{milli:03}Z" for milli in range(1000)]


def milliseconds(moment: datetime, *, up: bool = False) -> int:
    """Whole milliseconds since 1970 at or before ``moment``, or at or after it with ``up``."""
    microseconds = (moment - _UNIX) // timedelta(microseconds=1)
    return -(-microseconds // 1000) if up else microseconds // 1000


def day_of(time: int) -> int:
    """The proleptic ordinal of a time's UTC day."""
    return time // DAY + _UNIX_DAY


def moment_of(event: Event) -> datetime:
    """An event's time, in UTC."""
    return datetime.fromisoformat(event[0].replace("Z", "+00:00"))


@dataclass(frozen=True)
class Window:
    """The closed interval of milliseconds that a request's ``interval`` stands for."""

    first: int
    last: int


@dataclass(frozen=True)
class Series:
    """The rows of one workflow, step and target."""

    number: int
    pairs: tuple[tuple[str, str], ...]
    """``(label, action)``, which the rows take in turn."""
    days: range
    """Ordinals of the days that may have events."""
    rate: float
    """Rows a day."""
    epoch: int
    """The world's epoch: half of the rows of the day before it are late."""
    even: bool = False
    rests: bool = False
    """True: every fourth week is without rows."""

    def count(self, day: int) -> int:
        """How many events the day will have had when all of them are visible."""
        chance = crc32(b"%d:%d" % (self.number, day))
        rate = self.rate
        if not self.even:
            week, weekday = divmod(day - 1, 7)
            if self.rests and (week + self.number) % 4 == 0:
                return 0
            rate *= (0.3 if weekday > 4 else 1) * (0.5 + chance / 2**32)  # noqa: PLR2004  # weekend
        return int(rate + chance % 1000 / 1000)

    def events(
        self,
        window: Window,
        now: int,
        *,
        pairs: Container[int] | None = None,
        descending: bool = False,
    ) -> Iterator[Event]:
        """The rows of the window that are visible, by their times.

        Args:
            window: Which event times.
            now: The present.
            pairs: Only rows with these numbers of :attr:`pairs`.
            descending: Newest first.
        """
        first = max(self.days.start, day_of(window.first))
        stop = min(self.days.stop, day_of(min(window.last, now)) + 1)
        days = range(first, stop)
        for day in reversed(days) if descending else days:
            if count := self.count(day):
                yield from self._day(day, count, window, now, pairs=pairs, descending=descending)

    def _day(  # noqa: PLR0913  # one loop, kept flat because it makes a million rows
        self,
        day: int,
        count: int,
        window: Window,
        now: int,
        *,
        pairs: Container[int] | None,
        descending: bool,
    ) -> Iterator[Event]:
        midnight = (day - _UNIX_DAY) * DAY
        date_ = date.fromordinal(day)
        chance = crc32(b"%d:%d:phase" % (self.number, day))
        # Mondays and first days of a month begin with a row exactly on the edge of windows.
        phase = 0 if date_.weekday() == 0 or date_.day == 1 else chance % DAY

        def index(time: int) -> int:
            """The first row at or after ``time``."""
            return min(max(-((phase - (time - midnight) * count) // DAY), 0), count)

        indexes = range(index(window.first), index(window.last + 1))
        # A twin lies where its original lies, one row before.
        if indexes.start > 0 and self._is_twin(day, indexes.start):
            indexes = range(indexes.start + 1, indexes.stop)
        if 0 < indexes.stop < count and self._is_twin(day, indexes.stop):
            indexes = range(indexes.start, indexes.stop + 1)

        date_text = date_.isoformat()
        id_prefix = (
            f"{self.number:08x}-{day & 0xFFFF:04x}-4{chance & 0xFFF:03x}-8{chance >> 20:03x}-"
        )
        recent = midnight + DAY + LATEST > now
        shift = day + self.number
        choices, labels = len(self.pairs), self.pairs
        for number in reversed(indexes) if descending else indexes:
            original = number - 1 if number and not (number + shift) % _TWINS else number
            time = (phase + original * DAY) // count
            if recent and self._visible(day, number, midnight + time) > now:
                continue
            pair = (original + day) % choices
            if pairs is not None and pair not in pairs:
                continue
            label, action = labels[pair]
            seconds, milli = divmod(time, 1000)
            minute, second = divmod(seconds, 60)
            yield (
                f"{date_text}{_MINUTES[minute]}{_SECONDS[second]}{_MILLIS[milli]}",
                f"{id_prefix}{original:012x}",
                label,
                action,
                (original + shift * 17) % POOL,
                day,
            )

    def _is_twin(self, day: int, number: int) -> bool:
        """Whether the row repeats the one before it in every cell."""
        return number > 0 and not (number + day + self.number) % _TWINS

    def _visible(self, day: int, number: int, time: int) -> int:
        """When a row becomes visible: seconds after its event, but one in eight hours late."""
        if self.epoch - DAY < time < self.epoch and number % 2 == 0:
            late_from, late_until = self.epoch + HOUR, self.epoch + DAY - HOUR
        elif (number + day + self.number) % 8 == 3:  # noqa: PLR2004  # any of the eight
            late_from, late_until = time + HOUR, time + LATEST
        else:
            return time + 20_000
        chance = crc32(b"%d:%d:%d" % (self.number, day, number))
        return late_from + chance % (late_until - late_from)


_TWINS = 53


@dataclass(frozen=True)
class FixedSeries:
    """Rows that are written down, such as the examples."""

    rows: tuple[Event, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """``(label, action)`` of each row."""
        return tuple((row[2], row[3]) for row in self.rows)

    def events(
        self,
        window: Window,
        now: int,
        *,
        pairs: Container[int] | None = None,
        descending: bool = False,
    ) -> Iterator[Event]:
        """As :meth:`Series.events`."""
        for number, row in sorted(enumerate(self.rows), reverse=descending):
            time = milliseconds(moment_of(row))
            wanted = pairs is None or number in pairs
            if wanted and window.first <= time <= min(window.last, now):
                yield row
