"""The period that a run covers, from the settings, and the windows in which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from tap_kit.errors import SettingsError
from tap_kit.time.clock import DATES, parse_time
from tap_kit.time.windows import Length, Window, floor, resume_from, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLOCKS_DIFFER = timedelta(minutes=5)
"""Between two machines; beyond that a clock is wrong."""
_EARLIEST = datetime(1900, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Period:
    """The period that a run covers.

    Attributes:
        start_date: Where a first run begins, in UTC; None: with the oldest data.
        end_date: Where a one-off run ends, in UTC; None: at ``now``.
        window: The length of the interval of one request.
        lookback: How much of the time before its bookmark a run reads again.
        now: When the run started.
    """

    start_date: datetime | None
    end_date: datetime | None
    window: Length
    lookback: timedelta
    now: datetime

    @classmethod
    def from_config(cls, config: Mapping[str, Any], now: datetime) -> Period:
        """Take the period from a tap's checked settings."""
        start, end = config.get("start_date"), config.get("end_date")
        return cls(
            start_date=parse_time(start) if start else None,
            end_date=parse_time(end) if end else None,
            window=config["window"],
            lookback=timedelta(days=float(config["lookback_days"])),
            now=now,
        )

    def until(self, now: datetime) -> datetime:
        """Return where this run's last window ends."""
        return now if self.end_date is None else min(now, self.end_date)

    def settled(self, length: Length | None = None) -> datetime:
        """Return where a backfill ends that is planned now, and the runs after it go on.

        That is ``end_date``, or else now: with a length, where the present window of that length
        begins. So rows of a window that is not over come once, with all of it. It is some minutes
        earlier, since the machine that runs a shard may have another clock.
        """
        now = self.now - CLOCKS_DIFFER
        if self.end_date is not None and self.end_date <= now:
            return self.end_date
        return now if length is None else floor(now, length)

    def windows(self, bookmark: str | None, until: datetime, *, of: str) -> Iterator[Window]:
        """Return the windows of a run, oldest first, with the look-back before its bookmark.

        Args:
            bookmark: Everything before this time has been written; None in a first run.
            until: Where the last window ends.
            of: Whose bookmark it is, for messages.

        Raises:
            SettingsError: The bookmark in the state is no time.
        """
        start = resume_from(
            None if bookmark is None else self.reached(bookmark, of=of),
            start_date=self.start_date,
            length=self.window,
            lookback=self.lookback,
        )
        return windows(start, until, self.window)

    def since(self, bookmark: str | None, *, of: str) -> datetime | None:
        """Return the time from which on a run reads where there are no windows; None: from ever.

        Args:
            bookmark: As in :meth:`windows`.
            of: As in :meth:`windows`.

        Raises:
            SettingsError: The bookmark in the state is no time.
        """
        reached = None if bookmark is None else self.reached(bookmark, of=of)
        if reached is None:
            return self.start_date
        since = self.behind(reached)
        if self.start_date is not None and since < self.start_date <= reached:
            return self.start_date
        return since

    def reads_again(self, start: datetime, bookmark: datetime) -> datetime | None:
        """Return where the run after a bookmark begins to read, if a window is no earlier.

        Args:
            start: Where the window begins.
            bookmark: Where this run's bookmark will stand.

        Returns:
            None if the next run doesn't read the window again.
        """
        since = resume_from(
            bookmark, start_date=self.start_date, length=self.window, lookback=self.lookback
        )
        return since if since is not None and start >= since else None

    def reached(self, bookmark: str, *, of: str) -> datetime | None:
        """Return the time of a bookmark, but never later than now; None if it means "not set".

        A bookmark that lies in the future comes from a wrong clock. It stays in the state, since
        bookmarks never move back, but reading begins at the present time.

        Raises:
            SettingsError: The bookmark in the state is no time.
        """
        try:
            moment = parse_time(bookmark)
        except ValueError:
            msg = f"state: the bookmark of {of} must be {DATES}, not {bookmark!r}"
            raise SettingsError(msg) from None
        return None if moment < _EARLIEST else min(moment, self.now)

    def behind(self, moment: datetime) -> datetime:
        """Return the time one look-back before another one, which counts as now if it is later."""
        return max(min(moment, self.now), _EARLIEST + self.lookback) - self.lookback
