"""What stands in the cells: texts that break careless readers, numbers, dates, signed links."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from sandbox.giosg import examples
from sandbox.giosg.events import POOL, Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from sandbox.world import World

Cell = str | Decimal | bool | date | None
"""One value as it is served; in JSON a date is a string."""

ACTIONS = (
    "User dialed",
    "Visitor dialed",
    'Päätös, "kyllä"',
    "Call answered",
    "予約する",
    "Offer sent",
)
CAMPAIGNS = ("syyskampanja", "black friday", "été 2026")

_CITIES = ("Helsinki", "Jyväskylä", "São Paulo", "Łódź", "東京", "Київ", None, None)
_COMMENTS = (
    None,
    None,
    None,
    "Asked for a call back",
    "Kysyi hintaa, ei tilannut",
    'Said "maybe next week"',
    "First line\nsecond line",
    'A list:\n- price, "net"\n- delivery\n',
    "Ça va très bien; tout est réglé",
    "👍 kiitos!",
    "お客様は満足しています",
    "007",
    "N/A",
    " kept blanks ",
    "=SUM(A1:A2)",
    "tab\there",
)
_VALUES = ("3", "3.0", "29.00", "0", "-12.5", "1250", "14.15", "0.1", None, None)


class Details(NamedTuple):
    """The columns that do not come from the event itself."""

    visitor_id: str
    session_id: str | None
    geo_city: str | None
    value: Decimal | None
    is_new_visitor: bool | None
    booked_on: date | None
    comment: str | None
    recording_url: str | None
    """Without its signature."""


class Texts:
    """All details of one character set, signed anew every hour of the sandbox's clock."""

    def __init__(self, world: World, *, latin_only: bool) -> None:
        """Make them.

        Args:
            world: Where seed and epoch come from.
            latin_only: Nothing that latin-1 can not say.
        """
        rng = world.random("giosg:details")

        def sayable(texts: Sequence[str | None]) -> list[str | None]:
            return [text for text in texts if not latin_only or text is None or _is_latin(text)]

        self.actions = tuple(text for text in sayable(ACTIONS) if text)
        cities, comments = sayable(_CITIES), sayable(_COMMENTS)
        visitors = [f"{rng.getrandbits(128):032x}" for _ in range(POOL // 4)]
        day = world.epoch.date()
        self.details = [
            Details(
                visitor_id=rng.choice(visitors),
                session_id=f"s-{rng.randrange(1000):03}",
                geo_city=rng.choice(cities),
                value=_value(rng),
                is_new_visitor=rng.choice((True, False, None)),
                booked_on=day + timedelta(days=rng.randrange(-60, 60)) if number % 3 else None,
                comment=rng.choice(comments),
                recording_url=f"https://media.giosg.example/recordings/{rng.getrandbits(64):016x}.mp4"
                if number % 4 == 0
                else None,
            )
            for number in range(POOL)
        ]
        self.details += [_example(row) for row in examples.STEP_EVENTS + examples.GOAL_EVENTS]
        self._hour = ""
        self._signed: list[tuple[Cell, ...]] = []

    def signed(self, now: datetime) -> list[tuple[Cell, ...]]:
        """The details as served at that moment: links with this hour's signature."""
        hour = now.strftime("%Y-%m-%dT%H:00:00Z")
        if hour != self._hour:
            self._signed = [(*row[:-1], _sign(row.recording_url, hour)) for row in self.details]
            self._hour = hour
        return self._signed


def example_events(rows: Sequence[tuple[object, ...]], first_details: int) -> tuple[Event, ...]:
    """Example rows as events; their details stand behind the pool, from that number on."""
    return tuple(
        (str(time), str(id_), str(label), str(action), POOL + first_details + number, 0)
        for number, (time, id_, label, action, *_) in enumerate(rows)
    )


def _example(row: tuple[str, str, str, str, str, str | None, Decimal | None]) -> Details:
    _, _, _, _, visitor_id, session_id, value = row
    return Details(visitor_id, session_id, None, value, None, None, None, None)


def _value(rng: Random) -> Decimal | None:
    if rng.random() < 0.5:  # noqa: PLR2004  # half of them telling ones
        text = rng.choice(_VALUES)
        return None if text is None else Decimal(text)
    return Decimal(round(rng.lognormvariate(3, 1) * 100)) / 100


def _sign(address: str | None, hour: str) -> str | None:
    if address is None:
        return None
    signature = base64.b64encode(hashlib.sha256(f"{address} {hour}".encode()).digest()).decode()
    return f"{address}?sv=2023-11-03&st={quote(hour, safe='')}&sp=r&sig={quote(signature, safe='')}"


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
