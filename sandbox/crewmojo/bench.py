"""A report of any number of rows in one answer, for benchmarks: cheap to make, by row number."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.crewmojo.table import Row, Table

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from sandbox.company import Company

_KINDS = 997
"""So many rows differ in more than their number."""
_BLOCK = 2_000


class BenchTable:
    """Twelve columns; row ``number`` has the other cells of kind ``number % 997``."""

    def __init__(self, company: Company, rng: random.Random, size: int) -> None:
        """Prepare the kinds of rows."""
        self._kinds = [_kind(company, rng) for _ in range(_KINDS)]
        self._size = size

    @property
    def rows(self) -> Iterator[Row]:
        """The rows one by one."""
        for number in range(self._size):
            yield {"rowNumber": number, **self._kinds[number % _KINDS]}

    def csv_blocks(self, line_end: str) -> Iterator[str]:
        """The csv file in pieces of whole lines, its headings first."""
        yield ",".join(("rowNumber", *self._kinds[0])) + line_end
        tails = []
        for kind in self._kinds:
            (text,) = Table(tuple(kind), [kind]).csv_blocks(line_end)
            tails.append("," + text.split(line_end, 1)[1])
        for numbers in self._blocks():
            yield "".join([f"{number}{tails[number % _KINDS]}" for number in numbers])

    def json_blocks(self) -> Iterator[str]:
        """The rows as JSON objects, in pieces to be joined by commas."""
        tails = [json.dumps(kind, ensure_ascii=False)[1:] for kind in self._kinds]
        for numbers in self._blocks():
            objects = [f'{{"rowNumber": {number}, {tails[number % _KINDS]}' for number in numbers]
            yield ",".join(objects)

    def _blocks(self) -> Iterator[range]:
        for start in range(0, self._size, _BLOCK):
            yield range(start, min(start + _BLOCK, self._size))


def _kind(company: Company, rng: random.Random) -> dict[str, Any]:
    person = rng.choice(company.people)
    return {
        "employeeCode": person.employee_code,
        "emailAddress": person.email,
        "firstName": person.given_name,
        "lastName": person.family_name,
        "title": person.title,
        "site": person.site.name,
        "completedDate": (date(2025, 1, 1) + timedelta(days=rng.randrange(365))).isoformat(),
        "score": round(rng.uniform(1, 5), 2),
        "minutes": company.duration(rng, 1800),
        "onTrack": rng.random() < 0.8,  # noqa: PLR2004  # most are
        "comment": company.sentence(rng) if rng.random() < 0.5 else None,  # noqa: PLR2004
    }
