"""A believable company, the same for the same seed: who works there, where, on what and for whom.

All vendors of one sandbox draw from it, so their data speak of the same people and machines.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox import names

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from sandbox.world import World

WORKING_HOURS = range(5, 18)
SATURDAY = 5


@dataclass(frozen=True)
class Site:
    """A place of the company's own."""

    name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    """ISO 3166 code of two letters."""
    time_zone: str
    """IANA name."""
    latitude: float
    longitude: float

    @property
    def address(self) -> str:
        """The address in one line."""
        return f"{self.street}, {self.postal_code} {self.city}, {self.country}"


@dataclass(frozen=True)
class Person:
    """Someone who works for the company."""

    given_name: str
    family_name: str
    email: str
    """Unique, lower case, ASCII."""
    employee_code: str
    """Unique; with leading zeros, as such codes tend to have."""
    title: str
    site: Site

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True)
class Customer:
    """Someone whom the company works for."""

    name: str
    email: str
    contact: str
    """Name of the person who answers there."""
    site: Site
    """Where the work is done."""


@dataclass(frozen=True)
class Machine:
    """A thing that is serviced."""

    name: str
    kind: str
    make: str
    model: str
    serial: str
    year: int
    site: Site


class Company:
    """People, sites, customers and machines of one world, and dice for what happens there.

    Sizes grow with the square root of the scale: a hundred times the work is done by ten times
    the people.
    """

    def __init__(self, world: World) -> None:
        """Draw the company; the same seed and scale give the same one."""
        rng = world.random("company")
        size = max(0.05, world.scale) ** 0.5
        self.sites = [_site(rng, number) for number in range(1, max(2, round(12 * size)) + 1)]
        self.people = [
            _person(rng, number, rng.choice(self.sites))
            for number in range(1, max(4, round(120 * size)) + 1)
        ]
        self.customers = [
            _customer(rng, number) for number in range(1, max(3, round(60 * size)) + 1)
        ]
        self.machines = [
            _machine(rng, number, rng.choice(self.sites))
            for number in range(1, max(4, round(150 * size)) + 1)
        ]

    def sentence(self, rng: random.Random) -> str:
        """A note as people type it; one in eight has quotes, newlines, semicolons or worse."""
        texts = names.ODD_SENTENCES if rng.random() < 1 / 8 else names.SENTENCES
        return rng.choice(texts).format(
            part=rng.choice(names.PARTS), number=rng.randint(2, 98), limit=rng.randint(100, 160)
        )

    def duration(self, rng: random.Random, median_seconds: float) -> int:
        """Whole seconds, at least 1, log-normal: most are near the median, a few very long."""
        return max(1, round(rng.lognormvariate(math.log(median_seconds), 0.8)))

    def moment(self, rng: random.Random, start: datetime, end: datetime) -> datetime:
        """A time in ``[start, end)`` in whole milliseconds, mostly in (European) working hours."""
        milliseconds = max(1, (end - start) // timedelta(milliseconds=1))
        for _ in range(4):
            moment = start + timedelta(milliseconds=rng.randrange(milliseconds))
            if moment.hour in WORKING_HOURS and moment.weekday() < SATURDAY:
                break
        return moment


def _site(rng: random.Random, number: int) -> Site:
    city, region, country, time_zone, latitude, longitude = rng.choice(names.CITIES)
    kind = rng.choice(names.SITE_KINDS)
    return Site(
        name=f"{city} {kind} {number}",
        street=f"{rng.choice(names.STREETS)} {rng.randint(1, 240)}",
        city=city,
        region=region,
        postal_code=f"{rng.randint(100, 99999):05}",
        country=country,
        time_zone=time_zone,
        latitude=round(latitude + rng.uniform(-0.05, 0.05), 6),
        longitude=round(longitude + rng.uniform(-0.05, 0.05), 6),
    )


_CULTURES = [
    tuple([pair.partition("=")[::2] for pair in text.split()] for text in texts)
    for texts in names.PEOPLE.values()
]
_CULTURE_WEIGHTS = [names.WEIGHTS.get(culture, 1) for culture in names.PEOPLE]


def _named(rng: random.Random) -> tuple[tuple[str, str], tuple[str, str]]:
    """A given and a family name of one culture, each as (native, Latin or empty)."""
    given, family = rng.choices(_CULTURES, _CULTURE_WEIGHTS)[0]
    return rng.choice(given), rng.choice(family)


def _ascii(name: tuple[str, str]) -> str:
    native, latin = name
    decomposed = unicodedata.normalize("NFKD", latin or native.translate(names.NOT_DECOMPOSED))
    return re.sub(r"[^a-z0-9-]", "", decomposed.lower())


def _person(rng: random.Random, number: int, site: Site) -> Person:
    given, family = _named(rng)
    flourish = rng.choice((" 🌻", " 🇫🇮", " 👷‍♀️")) if rng.random() < 1 / 60 else ""
    return Person(
        given_name=given[0] + flourish,
        family_name=family[0],
        email=f"{_ascii(given)}.{_ascii(family)}{number}@frontline.example",
        employee_code=f"{number * 7 % 100_000:06}",
        title=rng.choice(names.TITLES),
        site=site,
    )


def _customer(rng: random.Random, number: int) -> Customer:
    given, family = _named(rng)
    return Customer(
        name=f"{rng.choice(names.CUSTOMER_STEMS)} {rng.choice(names.CUSTOMER_KINDS)}",
        email=f"{_ascii(given)}.{_ascii(family)}@customer{number}.example",
        contact=f"{given[0]} {family[0]}",
        site=_site(rng, number),
    )


def _machine(rng: random.Random, number: int, site: Site) -> Machine:
    kind, makes, models = rng.choice(names.MACHINES)
    return Machine(
        name=f"{kind} {number}",
        kind=kind,
        make=rng.choice(makes),
        model=rng.choice(models),
        serial=f"{rng.choice('ABKXZ')}{rng.randrange(10**7):07}-{number}",
        year=rng.randint(1994, 2025),
        site=site,
    )
