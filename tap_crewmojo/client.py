"""The client of Crewmojo's download API, its tokens, and what to change if it refuses.

docs: taps/crewmojo/facts#reports, docs: taps/crewmojo/facts#tokens
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tap_crewmojo.report_jobs import Job, JobGoneError, PollPolicy, fetch_report
from tap_crewmojo.responses import check_report, job_of
from tap_kit.doctor.hint import ask_the_account
from tap_kit.errors import PermissionDeniedError, TokenRefusedError, VendorError
from tap_kit.http.auth import TokenAuth, oauth2_token
from tap_kit.http.request import Request
from tap_kit.streams.reader import Page

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from tap_crewmojo.days import Days
    from tap_crewmojo.report import Report
    from tap_kit.http.auth import TokenClient
    from tap_kit.http.client import Client
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats
    from tap_kit.tables import TableShape

_GONE = frozenset({400, 404, 405, 410})
"""Crewmojo probably has one of these for an expired or unknown job, and for a wrong URL."""

_SEGMENT = "{report}/{job}"
_PARAMETER = "{report}?jobId={job}"

_LIFETIME = 1800.0
"""Seconds; how long a token is valid by the documentation."""
_LEEWAY = 90.0
"""Seconds; more than the half minute for which a report may keep a request waiting."""

_log = logging.getLogger(__name__)

_HINTS = {
    400: (
        "Check the report's identifier, which Crewmojo gives out, and whether it takes dates "
        f"(date_range) and this format. {ask_the_account('tap-crewmojo')}"
    ),
    401: (
        "The token was just given out: the client may not read this report, or another process "
        "keeps taking tokens with the same client_id"
    ),
    403: "The client may not read this report; Crewmojo can allow it",
    404: "Check the report's identifier, which Crewmojo gives out",
}


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The request for a report.

    Attributes:
        report: The report's identifier.
        days: The days to report on; None for a report without dates.
        format: ``json`` or ``csv``.
        force_long_running: Whether to send the vendor's test switch.
    """

    report: str
    days: Days | None
    format: str
    force_long_running: bool = False

    @property
    def body(self) -> dict[str, Any]:
        """The body of the request: dates are numbers, and CSV comes without ``contentType``."""
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
class CrewmojoClient:
    """Fetches reports; one for all streams and threads.

    Attributes:
        http: Sends the requests.
        url: Root of the API, without a slash at the end.
        policy: How often to poll for slow reports, and when to give up.
        force_long_running: The setting.
    """

    http: Client
    url: str
    policy: PollPolicy
    force_long_running: bool = False
    _job_urls: tuple[str, ...] = field(
        # The page names both placeholders, but its sample of the URL is lost: try both forms.
        default=(_SEGMENT, _PARAMETER),
        init=False,
    )

    @property
    def polled_by(self) -> str:
        """How jobs are polled: the form that has worked, or is tried first."""
        return "path segment" if self._job_urls[0] == _SEGMENT else "query parameter"

    def request_of(self, report: Report, days: Days | None) -> ReportRequest:
        """Return the request for a report and its days; None for a report without dates."""
        return ReportRequest(report.identifier, days, report.format, self.force_long_running)

    def fetch(
        self, request: ReportRequest, stats: StreamStats, shape: TableShape | None = None
    ) -> Generator[Page, None, Download]:
        """Fetch a report, and poll where Crewmojo makes it a job.

        Args:
            request: The request.
            stats: Takes the counts.
            shape: The report's columns, where they are known.

        Yields:
            An empty page after each wait, so that the run can drop the slice.

        Returns:
            The response that holds the report.

        Raises:
            NeverReadyError: The report was not delivered.
            VendorError: Crewmojo refuses.
        """
        steps = fetch_report(_Requests(self, request, stats, shape), self.policy)
        while True:
            try:
                pause = next(steps)
            except StopIteration as done:
                download: Download = done.value
                return download
            self.http.sleep(pause)
            yield Page()

    def request(
        self, request: ReportRequest, stats: StreamStats, shape: TableShape | None = None
    ) -> Download | Job:
        """Request a report; returns its rows, or the job that prepares them.

        Raises:
            VendorError: Crewmojo refuses.
        """
        post = Request(
            "POST",
            self._url("{report}", request),
            f"POST {request}",
            json=request.body,
            headers={"Accept": "application/json, text/csv"},
            explain=hint_for,
        )
        return self._send(post, stats, shape)

    def poll(
        self, request: ReportRequest, job: Job, stats: StreamStats, shape: TableShape | None = None
    ) -> Download | Job:
        """Poll a job; returns the rows of its report, or the job again.

        Raises:
            JobGoneError: Crewmojo knows no such job.
            VendorError: Crewmojo refuses.
        """
        refusals: list[str] = []
        for form in self._job_urls:
            get = Request(
                "GET",
                self._url(form, request, job),
                f"GET {request}",
                headers={"Accept": "text/csv, application/json"},
                explain=hint_for,
            )
            try:
                response = self._send(get, stats, shape, job)
            except VendorError as error:
                if error.status not in _GONE and not refusals:
                    raise
                refusals.append(f"HTTP {error.status}: {error.detail}")
            else:
                self._job_urls = (form,)  # it works: no need to try others again
                return response
        raise JobGoneError("; ".join(dict.fromkeys(refusals)))

    def _url(self, form: str, request: ReportRequest, job: Job | None = None) -> str:
        path = form.format(
            report=quote(request.report, safe=""), job=quote(job.id, safe="") if job else ""
        )
        return f"{self.url}/integrations/download/{path}"

    def _send(
        self,
        request: Request,
        stats: StreamStats,
        shape: TableShape | None,
        polled: Job | None = None,
    ) -> Download | Job:
        try:
            check = partial(check_report, shape=shape, polled=polled)
            download = self.http.download(request, stats, check)
        except TokenRefusedError as error:
            # Crewmojo has 401 for whatever is not allowed; other reports may be.
            raise PermissionDeniedError(
                str(error), status=HTTPStatus.UNAUTHORIZED, advice=_HINTS[401]
            ) from error
        job = job_of(download, polled)
        if job is None:
            return download
        download.close()
        return job


def hint_for(status: int, _: str) -> str | None:
    """Return what the user has to change, by the status of a refusal."""
    return _HINTS.get(status)


@dataclass(frozen=True, slots=True)
class _Requests:
    """The requests for one report of one window."""

    crewmojo: CrewmojoClient
    of: ReportRequest
    stats: StreamStats
    shape: TableShape | None

    def request(self) -> Download | Job:
        return self.crewmojo.request(self.of, self.stats, self.shape)

    def poll(self, job: Job) -> Download | Job:
        return self.crewmojo.poll(self.of, job, self.stats, self.shape)

    def __str__(self) -> str:
        return str(self.of)


class OneToken(TokenAuth):
    """The one token of this process; warns when another process has ended it.

    A token lasts 30 minutes, and each new one ends all earlier ones.

    Args:
        api_url: Root of the API, without a slash at the end.
        client_id: The setting.
        client_secret: The setting.
    """

    def __init__(self, api_url: str, client_id: str, client_secret: str) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        request = Request(
            "POST",
            f"{api_url}/oauth/token",
            "POST /oauth/token",
            form=form,
            headers={"Accept": "application/json"},
        )
        super().__init__(
            oauth2_token(request, settings=("client_id", "client_secret", "environment")),
            leeway=_LEEWAY,
            default_lifetime=_LIFETIME,
            settings=(),  # a token was given out for them: they are right
        )
        self._told: Mapping[str, str] | None = None

    def renew(self, client: TokenClient, refused: Mapping[str, str]) -> bool:
        """Replace a refused token; warn, unless this process itself has replaced it."""
        if refused != self._told and refused == self.headers(client):
            self._told = refused
            _log.warning(
                "Crewmojo refuses the token before its 30 minutes are over: another process has "
                "probably asked for one with the same client_id, which ends all earlier ones. A "
                "new one is taken now, and ends the other's: two pipelines must not share a "
                "client, or run at the same time",
            )
        return super().renew(client, refused)
