"""The reports that the sandbox's Crewmojo prepares.

Only ``oneonone.summary`` is an identifier that Crewmojo's pages name, and no columns are public.
All other identifiers and every column are inventions of the sandbox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.crewmojo.activity import Diary, Entry, Period
from sandbox.crewmojo.bench import BenchTable
from sandbox.crewmojo.table import Row, Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.company import Company
    from sandbox.world import World

BENCH = re.compile(r"bench\.rows(?:\.(\d+))?")
BENCH_ROWS = 1_000_000


@dataclass(frozen=True)
class Report:
    """One report and how it comes."""

    identifier: str
    table: Callable[[Period], Table | BenchTable]
    dated: bool = True
    """Its rows depend on the dates that are asked for."""
    summary: bool = False
    """The same rows come for every period, with that period's figures."""
    slow: bool = False
    """It takes longer than an answer may."""
    permitted: bool = True
    bodiless: bool = False
    """Its answer is entirely empty."""

    @property
    def stream(self) -> str:
        """Its default name as a stream of the tap."""
        return re.sub(r"[^0-9A-Za-z]+", "_", self.identifier)


class Catalogue:
    """The reports of one tenant, as of the clock's present."""

    def __init__(self, world: World, company: Company) -> None:
        """Draw the tenant's data."""
        self._world = world
        self._company = company
        self._one_on_ones = Diary(world, company, "one_on_ones", 600)
        self._check_ins = Diary(world, company, "check_ins", 300)
        self._goals = Diary(world, company, "goals", 120)
        reports = (
            Report("oneonone.summary", self._summary, summary=True),
            Report("objectives.detail", self._objectives),
            Report("goals.slow", self._goals_of, slow=True),
            Report("people.custom", self._people, dated=False),
            Report("custom.headings", self._teams, dated=False),
            Report("reviews.growing", self._reviews),
            Report("bad.empty", self._nothing, bodiless=True),
            Report("bad.headings", self._nothing),
            Report("bad.forbidden", self._nothing, permitted=False),
            Report("bad.ragged", self._ragged),
        )
        self._reports = {report.identifier: report for report in reports}
        self._streams = {report.stream: report for report in reports}

    def find(self, identifier: str) -> Report | None:
        """A report by its identifier; ``bench.rows.<n>`` has as many rows as it says."""
        match = BENCH.fullmatch(identifier)
        if match is None:
            return self._reports.get(identifier)
        size = int(match[1] or BENCH_ROWS)
        table = BenchTable(self._company, self._world.random("crewmojo.bench"), size)
        return Report(identifier, lambda _: table, dated=False)

    def of_stream(self, stream: str) -> Report | None:
        """A report by its default name as a stream."""
        return self._streams.get(stream) or self.find(stream.replace("_", "."))

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def _table(self, stream: str, columns: str, rows: list[Row], **options: Any) -> Table:  # noqa: ANN401  # the table's own
        rows = [self._world.drifted(f"crewmojo.{stream}", row) for row in rows]
        return Table(tuple(columns.split(";")), rows, **options)

    def _code(self, entry: Entry) -> str:
        return self._company.people[entry.person].employee_code

    def _summary(self, period: Period) -> Table:
        """One row for every person, whatever the period; Ada is an example of ours."""
        last: dict[int, date] = {}
        counts: dict[int, int] = {}
        for entry in self._one_on_ones.entries(period, self._now):
            last[entry.person] = entry.day
            counts[entry.person] = counts.get(entry.person, 0) + 1
        rows: list[Row] = [
            {
                "employeeCode": person.employee_code,
                "emailAddress": person.email,
                "managerEmailAddress": self._company.people[number // 8].email if number else None,
                "completedDate": last[number].isoformat() if number in last else None,
                "oneOnOneCount": counts.get(number, 0),
            }
            for number, person in enumerate(self._company.people)
        ]
        ada = [day for day in _ADAS_ONE_ON_ONES if period.start <= day <= period.end]
        rows.append(
            {
                "employeeCode": "E001",
                "emailAddress": "ada@example.com",
                "managerEmailAddress": "grace@example.com",
                "completedDate": max(ada).isoformat() if ada else None,
                "oneOnOneCount": len(ada),
            }
        )
        columns = "employeeCode;emailAddress;managerEmailAddress;completedDate;oneOnOneCount"
        return self._table("oneonone_summary", columns, rows)

    def _objectives(self, period: Period) -> Table:
        """One row for every check-in, with custom columns; some are edited later."""
        rows = []
        for entry in self._check_ins.entries(period, self._now):
            rng = self._world.random(f"crewmojo.check_in.{entry.number}")
            progress = round(rng.random(), 2)
            edited = entry.edited <= self._now
            rows.append(
                {
                    "checkInId": f"CI-{entry.number:07}",
                    "employeeCode": self._code(entry),
                    "checkInDate": entry.day.isoformat(),
                    "objective": rng.choice(("Zero accidents", "Réduire les délais", "安全第一")),
                    "progress": 1 if edited else progress,
                    "onTrack": edited or rng.random() < 0.7,  # noqa: PLR2004  # most are
                    "comment": self._company.sentence(rng),
                    "部署 🌱": rng.choice(("北", "南", None)),
                }
            )
        columns = "checkInId;employeeCode;checkInDate;objective;progress;onTrack;comment;部署 🌱"
        return self._table("objectives_detail", columns, rows)

    def _goals_of(self, period: Period) -> Table:
        """A report with a column ``jobId``, in which some rows stand twice."""
        rows = []
        for entry in self._goals.entries(period, self._now):
            rng = self._world.random(f"crewmojo.goal.{entry.number}")
            row = {
                "jobId": f"JOB-{rng.randrange(40):03}",
                "employeeCode": self._code(entry),
                "createdDate": entry.day.isoformat(),
                "goal": self._company.sentence(rng),
                "weight": rng.randint(1, 5),
            }
            rows += [row] * (2 if entry.number % 15 == 0 else 1)
        return self._table("goals_slow", "jobId;employeeCode;createdDate;goal;weight", rows)

    def _people(self, _: Period) -> Table:
        """The staff, with the columns that the customer added."""
        rows: list[Row] = []
        for number, person in enumerate(self._company.people):
            rng = self._world.random(f"crewmojo.person.{number}")
            start = date(2015, 1, 1) + timedelta(days=rng.randrange(3000))
            manager = self._company.people[number // 8].employee_code if number else None
            rows.append(
                {
                    "employeeCode": person.employee_code,
                    "emailAddress": person.email,
                    "firstName": person.given_name,
                    "lastName": person.family_name,
                    "managerEmployeeCode": manager,
                    "employmentStartDate": start.isoformat(),
                    "leaveStartDate": None,
                    "Työpiste": person.site.name,
                    'Roll, "övrigt"': person.title if number % 3 else None,
                }
            )
        columns = "employeeCode;emailAddress;firstName;lastName;managerEmployeeCode"
        columns += ';employmentStartDate;leaveStartDate;Työpiste;Roll, "övrigt"'
        return self._table("people_custom", columns, rows)

    def _teams(self, _: Period) -> Table:
        """Custom columns with repeated and blank headings; in JSON they have names of their own."""
        rows: list[Row] = [
            {
                "employeeCode": person.employee_code,
                "Team": person.site.city,
                "Team_2": f"{number}",
                "column_4": person.title if number % 2 else None,
                "Team_3": person.site.country,
            }
            for number, person in enumerate(self._company.people)
        ]
        headings = {"Team_2": "Team", "column_4": "", "Team_3": "Team"}
        columns = "employeeCode;Team;Team_2;column_4;Team_3"
        return self._table("custom_headings", columns, rows, headings=headings)

    def _reviews(self, period: Period) -> Table:
        """A report that has one more column from half a day after the epoch on."""
        grown = self._now >= self._world.epoch + timedelta(hours=12)
        rows: list[Row] = [
            {
                "employeeCode": self._code(entry),
                "reviewDate": entry.day.isoformat(),
                "rating": entry.number % 5 + 1,
                **({"calibratedRating": entry.number % 4 + 1} if grown else {}),
            }
            for entry in self._goals.entries(period, self._now)
        ]
        return self._table("reviews_growing", "employeeCode;reviewDate;rating", rows)

    def _nothing(self, _: Period) -> Table:
        return Table(("employeeCode", "reviewDate", "rating"), [])

    def _ragged(self, period: Period) -> Table:
        rows = self._reviews(period).rows
        return Table(("employeeCode", "reviewDate", "rating"), rows, ragged=True)


_ADAS_ONE_ON_ONES = (date(2024, 3, 1), date(2024, 3, 4), date(2024, 3, 4))
