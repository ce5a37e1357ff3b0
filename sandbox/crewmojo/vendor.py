"""Crewmojo as the sandbox serves it: its endpoints, written from Crewmojo's documents."""

from __future__ import annotations

import codecs
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.company import Company
from sandbox.crewmojo.access import CLIENT_ID, CLIENT_SECRET, Access
from sandbox.crewmojo.activity import HISTORY
from sandbox.crewmojo.habits import VARIANTS, Habits
from sandbox.crewmojo.question import ALWAYS, Question, read_question
from sandbox.crewmojo.refusal import Refusal
from sandbox.crewmojo.reports import Catalogue
from sandbox.crewmojo.slow import Jobs
from sandbox.crewmojo.truth import report_rows
from sandbox.web import Request, Response, Route, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from sandbox.crewmojo.activity import Period
    from sandbox.crewmojo.bench import BenchTable
    from sandbox.crewmojo.reports import Report
    from sandbox.crewmojo.slow import Job
    from sandbox.crewmojo.table import Table
    from sandbox.world import World

    Handler = Callable[[Request], Response]

DOWNLOAD = "/v1/integrations/download/{report}"
UPLOAD = "/v1/integrations/upload/human"
AS_CSV = "custom.headings"
"""The report that the settings ask for as csv, for its repeated and blank headings."""


class Crewmojo:
    """The vendor of tap-crewmojo."""

    name = "crewmojo"
    variants = VARIANTS

    def __init__(self, world: World) -> None:
        """Draw the tenant."""
        self._world = world
        self._habits = Habits(lambda variant: world.variant(self, variant))
        self._access = Access(world.clock, self._habits)
        self._catalogue = Catalogue(world, Company(world))
        self._jobs = Jobs(world, self._habits)

    def routes(self) -> Sequence[Route]:
        """The token, the start and the polls of a report, and the upload."""
        answered = self._answered
        return (
            Route("token", "POST", "/v1/oauth/token", answered(self._access.grant)),
            Route("report", "POST", DOWNLOAD, answered(self._start)),
            Route("poll", "GET", DOWNLOAD + "/{job_id}", answered(self._poll_by_segment)),
            Route("poll", "GET", DOWNLOAD, answered(self._poll_by_query)),
            Route("upload", "POST", UPLOAD, _refuse_upload, writes=True),
            Route("upload", "POST", UPLOAD + "s", _refuse_upload, writes=True),
        )

    def settings(self, base_url: str) -> dict[str, Any]:
        """Settings of tap-crewmojo for this sandbox, with the reports that come well."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "api_url": f"{base_url}/v1",
            "start_date": self._start_date.isoformat(),
            "poll_interval": 0.05,
            "reports": [
                {"report": "oneonone.summary"},
                {"report": "objectives.detail", "primary_keys": ["checkInId"]},
                {"report": "goals.slow"},
                {"report": "people.custom", "date_range": False},
                {"report": AS_CSV, "date_range": False, "format": "csv"},
            ],
        }

    def truth(self, stream: str, *, as_csv: bool | None = None) -> Iterable[dict[str, Any]]:
        """What a complete run must bring of a report, by its default name as a stream.

        Values are those of JSON; of csv for the report that the settings ask for so, and with
        ``as_csv``.

        Raises:
            LookupError: there is no such report.
        """
        report = self._catalogue.of_stream(stream)
        if report is None:
            msg = f"There is no report whose stream is {stream}"
            raise LookupError(msg)
        if as_csv is None:
            as_csv = report.identifier == AS_CSV
        today = self._world.clock.now().date()
        return report_rows(report, self._start_date, today, as_csv=as_csv)

    def revoke_tokens(self) -> None:
        """Make the token invalid."""
        self._access.revoke()

    @property
    def _start_date(self) -> date:
        return (self._world.epoch - HISTORY).date()

    def _answered(self, handler: Handler) -> Handler:
        def handle(request: Request) -> Response:
            try:
                return handler(request)
            except Refusal as refusal:
                return as_json(self._habits.error(str(refusal)), refusal.status)

        return handle

    def _start(self, request: Request) -> Response:
        token = self._access.admit(request)
        report = self._report(request)
        question = self._checked(read_question(request), report)
        if report.slow or question.forced_slow:
            job = self._jobs.start(report, question.period, token, as_json=question.as_json)
            return self._still_running(job)
        return self._finished(report, question.period, json_wanted=question.as_json)

    def _checked(self, question: Question, report: Report) -> Question:
        if question.as_json and not self._habits.gives_json:
            raise Refusal(400, "contentType must be csv")
        if question.period == ALWAYS:
            return question
        if not report.dated and self._habits.refuses_dates:
            raise Refusal(400, "This report has no dates")
        if self._habits.excludes_end:
            period = question.period
            return question._replace(period=period._replace(end=period.end - timedelta(days=1)))
        return question

    def _poll_by_segment(self, request: Request) -> Response:
        if not self._habits.takes_poll_by("segment"):
            raise Refusal(404, "Not Found")
        return self._poll(request, request.params["job_id"])

    def _poll_by_query(self, request: Request) -> Response:
        if not self._habits.takes_poll_by("query"):
            raise Refusal(404, "Not Found")
        return self._poll(request, request.query.get("jobId", ""))

    def _poll(self, request: Request, job_id: str) -> Response:
        token = self._access.admit(request)
        report = self._report(request)
        job = self._jobs.find(report.identifier, job_id, token)
        if job is None:
            raise Refusal(self._habits.status("job_gone"), "Unknown or expired jobId")
        if not self._jobs.is_ready(job):
            return self._still_running(job)
        json_wanted = job.as_json and self._habits.polls_give_json
        return self._finished(report, job.period, json_wanted=json_wanted)

    def _report(self, request: Request) -> Report:
        identifier = request.params["report"]
        report = self._catalogue.find(identifier)
        if report is None:
            status = self._habits.status("unknown_report")
            raise Refusal(status, f"Unknown report {identifier}")
        if not report.permitted:
            raise Refusal(403, f"No permission for report {identifier}")
        return report

    def _still_running(self, job: Job) -> Response:
        return as_json({"jobId": job.id, **self._habits.job_companions})

    def _finished(self, report: Report, period: Period, *, json_wanted: bool) -> Response:
        if report.bodiless:
            return Response(content_type="application/json" if json_wanted else "text/csv")
        table = report.table(period)
        if json_wanted:
            return Response(self._json(table))
        encoding, content_type = self._habits.csv_encoding
        encode = codecs.getincrementalencoder(encoding)().encode
        blocks = table.csv_blocks(self._habits.line_end)
        return Response(map(encode, blocks), content_type=content_type)

    def _json(self, table: Table | BenchTable) -> Iterator[bytes]:
        key = self._habits.rows_key
        yield f'{{"{key}":['.encode() if key else b"["
        for number, block in enumerate(table.json_blocks()):
            yield f",{block}".encode() if number else block.encode()
        yield b"]}" if key else b"]"


def _refuse_upload(_: Request) -> Response:
    return as_json({"message": "Method Not Allowed"}, 405)
