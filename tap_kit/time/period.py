"""The settings about time, read: where a run begins and ends, and in which windows it reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from tap_kit.errors import SettingsError
from tap_kit.time.clock import DATES, parse_time
from tap_kit.time.windows import Length, Window, resume_from, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLOCKS_DIFFER = timedelta(minutes=5)
"""Between two machines; beyond that a clock is wrong."""
_EARLIEST = datetime(1900, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Period:
    """The settings about time, read.

    Attributes:
        start_date: Earliest data wanted in a first run, in UTC.
        end_date: The end of a one-off run, in UTC.
        window: Length of one request's interval.
        lookback: How far behind its bookmark a run reads again.
        now: The run's start.
    """

    start_date: datetime | None
    end_date: datetime | None
    window: Length
    lookback: timedelta
    now: datetime

    @classmethod
    def from_config(cls, config: Mapping[str, Any], now: datetime) -> Period:
        """From a tap's validated settings."""
        start, end = config.get("start_date"), config.get("end_date")
        return cls(
            start_date=parse_time(start) if start else None,
            end_date=parse_time(end) if end else None,
            window=config["window"],
            lookback=timedelta(days=float(config["lookback_days"])),
            now=now,
        )

    def until(self, now: datetime) -> datetime:
        """Where this run's last window ends."""
        return now if self.end_date is None else min(now, self.end_date)

    def windows(self, bookmark: str | None, until: datetime) -> Iterator[Window]:
        """What a run reads, from the look-back behind its bookmark on.

        Args:
            bookmark: The moment up to which everything has been written; None in a first run.
            until: Where the last window ends.

        Raises:
            SettingsError: The bookmark in the state is no time.
        """
        start = resume_from(
            None if bookmark is None else self.reached(bookmark),
            start_date=self.start_date,
            length=self.window,
            lookback=self.lookback,
        )
        return windows(start, until, self.window)

    def reached(self, bookmark: str) -> datetime | None:
        """The moment of a bookmark; never beyond now, None for a date that means "not set".

        A bookmark beyond now comes from a wrong clock. It stays in the state, so that it never
        moves back, but reading goes by the clock.

        Raises:
            SettingsError: The bookmark in the state is no time.
        """
        try:
            moment = parse_time(bookmark)
        except ValueError:
            msg = f"state: a bookmark must be {DATES}, not {bookmark!r}"
            raise SettingsError(msg) from None
        return None if moment < _EARLIEST else min(moment, self.now)

    def behind(self, moment: datetime) -> datetime:
        """A look-back behind a moment that is not beyond now."""
        return max(min(moment, self.now), _EARLIEST + self.lookback) - self.lookback
