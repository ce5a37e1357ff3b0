"""The company that all vendors of a sandbox speak of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from sandbox.company import Company
from sandbox.world import World


def test_the_same_seed_gives_the_same_company() -> None:
    one, same, other = (Company(World(seed=seed)) for seed in (1, 1, 2))
    assert vars(one) == vars(same)
    assert one.people != other.people


@given(st.integers(), st.floats(min_value=0.001, max_value=10))
def test_people_and_machines_are_told_apart(seed: int, scale: float) -> None:
    company = Company(World(seed=seed, scale=scale))
    for values in (
        [person.email for person in company.people],
        [person.employee_code for person in company.people],
        [site.name for site in company.sites],
        [machine.serial for machine in company.machines],
    ):
        assert len(values) == len(set(values)) > 0
    assert all(person.email.isascii() and "@" in person.email for person in company.people)
    assert all(person.email[0].isalpha() for person in company.people)


def test_names_come_from_many_cultures() -> None:
    names = "".join(person.name for person in Company(World(scale=10)).people)
    for letters in ("ä", "ø", "'", "結", "ف", "Жк", "🌻"):
        assert letters[-1] in names


def test_sentences_try_whoever_writes_csv() -> None:
    world = World()
    company, rng = Company(world), world.random("test")
    sentences = [company.sentence(rng) for _ in range(500)]
    for text in ('"', "\n", "\r\n", ",", ";", "'", "ä", "フ", "ت", "👍"):
        assert any(text in sentence for sentence in sentences), text
    odd = sum('"' in sentence or "\n" in sentence for sentence in sentences)
    assert odd < 150


def test_durations_are_skewed_to_the_right() -> None:
    world = World()
    company, rng = Company(world), world.random("test")
    durations = [company.duration(rng, 600) for _ in range(2000)]
    assert 540 < median(durations) < 660
    assert sum(durations) / len(durations) > 700
    assert company.duration(rng, 0.001) == 1


@given(st.integers(), st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(90)))
def test_moments_lie_in_their_interval(seed: int, length: timedelta) -> None:
    start = datetime(2025, 1, 1, tzinfo=timezone.utc)
    world = World(seed=seed)
    moment = COMPANY.moment(world.random("test"), start, start + length)
    assert start <= moment < start + length
    assert moment.microsecond % 1000 == 0


COMPANY = Company(World())
