"""What the company's people enter in Crewmojo, day by day; some of it late, some changed later."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random

    from sandbox.company import Company
    from sandbox.world import World

HISTORY = timedelta(days=90)
FUTURE = timedelta(days=30)
NEVER = datetime.max.replace(tzinfo=timezone.utc)

_HOUR = timedelta(hours=1)
_LATE = 1 / 12
_EDITED = 1 / 10


class Period(NamedTuple):
    """The dates of a request, both inclusive."""

    start: date
    end: date


class Entry(NamedTuple):
    """Something that a person entered."""

    number: int
    person: int
    """Its place among the company's people."""
    day: date
    """When it happened."""
    visible: datetime
    """When Crewmojo had it: at most six days later."""
    edited: datetime = NEVER
    """When it was changed: at most six days after it happened."""


class Diary:
    """The entries of one kind, past and future, by day."""

    def __init__(self, world: World, company: Company, kind: str, size: int) -> None:
        """Draw ``size`` entries (at scale 1) before the epoch, and a third as many after it."""
        rng = world.random(f"crewmojo.{kind}")
        past = max(12, round(size * world.scale))
        total = past + round(past * (FUTURE / HISTORY))
        start, end = world.epoch - HISTORY, world.epoch + FUTURE
        moments = sorted(company.moment(rng, start, end) for _ in range(total))
        entries = [
            _entry(rng, number, rng.randrange(len(company.people)), moment)
            for number, moment in enumerate(moments)
        ]
        # Sure to come within a day after the epoch: something late, and a change.
        yesterday = (world.epoch - 20 * _HOUR).date()
        late = Entry(total, 0, yesterday, world.epoch + 3 * _HOUR)
        happened = world.epoch - 52 * _HOUR
        changed = Entry(total + 1, 1, happened.date(), happened, world.epoch + 5 * _HOUR)
        self._entries = sorted((*entries, late, changed), key=attrgetter("day", "number"))

    def entries(self, period: Period, now: datetime) -> list[Entry]:
        """What is visible of the period."""
        by_day = attrgetter("day")
        start = bisect_left(self._entries, period.start, key=by_day)
        stop = bisect_right(self._entries, period.end, key=by_day)
        return [entry for entry in self._entries[start:stop] if entry.visible <= now]


def _entry(rng: random.Random, number: int, person: int, moment: datetime) -> Entry:
    late = timedelta(hours=rng.uniform(3, 140)) if rng.random() < _LATE else timedelta(0)
    edit = timedelta(hours=rng.uniform(1, 140))
    edited = max(moment + edit, moment + late) if rng.random() < _EDITED else NEVER
    return Entry(number, person, moment.date(), moment + late, edited)
