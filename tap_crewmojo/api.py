"""Crewmojo's endpoints for reports (https://docs.crewmojo.com/download/api)."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tap_crewmojo.answers import check, job_of
from tap_crewmojo.delivery import Job, JobGoneError
from tap_kit.errors import PermissionDeniedError, TokenRefusedError, VendorError
from tap_kit.http.call import Call

if TYPE_CHECKING:
    from tap_crewmojo.days import Days
    from tap_kit.http.client import Client
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats

_GONE = frozenset({400, 404, 405, 410})
"""What a poll for an expired or unknown job is probably answered with, or at a wrong URL."""

_HINTS = {
    400: (
        "Check the report's identifier, which Crewmojo gives out, and whether it takes dates "
        "(date_range)"
    ),
    401: (
        "The token was just given out: the client may not read this report, or another process "
        "keeps taking tokens with the same client_id"
    ),
    403: "The client may not read this report; Crewmojo can allow it",
    404: "Check the report's identifier, which Crewmojo gives out",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a report is asked for with.

    Attributes:
        report: Its identifier.
        days: Which days; None for a report without dates.
        format: ``json`` or ``csv``.
        force_long_running: Whether to send the vendor's test switch.
    """

    report: str
    days: Days | None
    format: str
    force_long_running: bool = False

    @property
    def body(self) -> dict[str, Any]:
        """The request's body: dates are numbers, csv is asked for by saying nothing."""
        body: dict[str, Any] = {}
        if self.days is not None:
            body["startDate"] = int(f"{self.days.start:%Y%m%d}")
            body["endDate"] = int(f"{self.days.end:%Y%m%d}")
        if self.format == "json":
            body["contentType"] = "json"
        if self.force_long_running:
            body["jobId"] = True
        return body

    def __str__(self) -> str:
        return self.report if self.days is None else f"{self.report} ({self.days})"


@dataclass(slots=True)
class Api:
    """The endpoints; one for all reports and threads.

    Attributes:
        client: Sends calls.
        url: Root of the API, without a slash at the end.
    """

    client: Client
    url: str
    _job_urls: tuple[str, ...] = field(
        # The page names both placeholders, but not how they are put together.
        default=("{report}/{job}", "{report}?jobId={job}"),
        init=False,
    )

    def ask(self, question: Question, stats: StreamStats) -> Download | Job:
        """Ask for a report: its rows, or the job that prepares them.

        Raises:
            VendorError: Crewmojo refuses.
        """
        call = Call(
            "POST",
            self._url("{report}", question),
            f"POST {question}",
            json=question.body,
            headers={"Accept": "application/json, text/csv"},
            explain=_hint,
        )
        return self._answer(call, stats)

    def poll(self, question: Question, job: Job, stats: StreamStats) -> Download | Job:
        """Ask whether a job is done: its rows, or the job again.

        Raises:
            JobGoneError: Crewmojo knows no such job.
            VendorError: Crewmojo refuses.
        """
        refusals: list[str] = []
        for form in self._job_urls:
            call = Call(
                "GET",
                self._url(form, question, job),
                f"GET {question}",
                headers={"Accept": "text/csv, application/json"},
                explain=_hint,
            )
            try:
                answer = self._answer(call, stats)
            except VendorError as error:
                if error.status not in _GONE and not refusals:
                    raise
                refusals.append(f"HTTP {error.status}: {error.detail}")
            else:
                self._job_urls = (form,)  # it works: no need to try others again
                return answer
        raise JobGoneError("; ".join(dict.fromkeys(refusals)))

    def _url(self, form: str, question: Question, job: Job | None = None) -> str:
        path = form.format(
            report=quote(question.report, safe=""), job=quote(job.id, safe="") if job else ""
        )
        return f"{self.url}/integrations/download/{path}"

    def _answer(self, call: Call, stats: StreamStats) -> Download | Job:
        try:
            download = self.client.download(call, stats, check)
        except TokenRefusedError as error:
            # Crewmojo has 401 for whatever is not allowed; other reports may be.
            raise PermissionDeniedError(str(error), status=HTTPStatus.UNAUTHORIZED) from error
        job = job_of(download)
        if job is None:
            return download
        download.close()
        return job


def _hint(status: int, _: str) -> str | None:
    return _HINTS.get(status)
