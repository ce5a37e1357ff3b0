"""tap-crewmojo: any report of Crewmojo's download API."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from tap_crewmojo.client import CrewmojoClient, OneToken
from tap_crewmojo.days import last_day
from tap_crewmojo.discovery import Discovered, discover
from tap_crewmojo.report import ENVELOPE, Report
from tap_crewmojo.report_jobs import PollPolicy
from tap_crewmojo.settings import API_URLS, SETTINGS, problems
from tap_crewmojo.streams import ReportStream
from tap_crewmojo.unknowns import QUESTIONS
from tap_crewmojo.unknowns.probes import probes_of
from tap_kit.cli import run
from tap_kit.errors import DataError, StreamError, VendorError
from tap_kit.tables import declared_columns
from tap_kit.tables.schema import catalog_columns
from tap_kit.tap import KitTap
from tap_kit.threads.prefetch import parallel_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from tap_kit.doctor.probes import Probe
    from tap_kit.http.auth import Auth
    from tap_kit.streams.stream import RecordStream


class TapCrewmojo(KitTap):
    """Singer tap for Crewmojo's reports."""

    name = "tap-crewmojo"
    config_jsonschema = SETTINGS
    dynamic_catalog = True
    questions = QUESTIONS
    shards_at_once = 1  # a new token ends the older one

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Yield what is wrong with settings beyond their schema."""
        yield from problems(config)

    def auth(self) -> Auth:
        """Return the one token of the process."""
        config = self.config
        return OneToken(self.api_url, config["client_id"], config["client_secret"])

    @property
    def api_url(self) -> str:
        """Root of the API, without a slash at the end."""
        url: str = self.config.get("api_url") or API_URLS[self.config["environment"]]
        return url.rstrip("/")

    @cached_property
    def crewmojo(self) -> CrewmojoClient:
        """The client of Crewmojo's download API."""
        return CrewmojoClient(
            self.client,
            self.api_url,
            PollPolicy.from_config(self.config),
            force_long_running=self.config["force_long_running"],
        )

    @property
    def last_day(self) -> date:
        """The last day that is read: the run's, or the last one that begins before ``end_date``."""
        return last_day(self.until)

    def discover_streams(self) -> Sequence[RecordStream]:
        """One stream per report, with the catalog's columns or else those of a sample."""
        reports = [Report.of(item) for item in self.config.get("reports", ())]
        catalog = self.input_catalog
        if catalog is None:
            # The client is made here: a cached property that threads meet may be made twice.
            look = partial(self._discover, self.crewmojo)
            found = parallel_map(look, reports, workers=self.config["concurrency"])
        else:
            found = [
                Discovered(
                    catalog_columns(
                        catalog, report.stream, ENVELOPE, declared_columns(report.columns)
                    )
                )
                for report in reports
            ]
        return [
            ReportStream(self, report, known.columns, known.failure)
            for report, known in zip(reports, found, strict=True)
        ]

    def stream_names(self) -> Sequence[str]:
        """The names of the reports' streams, without a request."""
        return [Report.of(item).stream for item in self.config.get("reports", ())]

    def probes(self) -> Iterable[Probe]:
        """What shows whether each report can be read; a job is not waited for."""
        return probes_of(self)

    @property
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog for ``--discover``.

        A report that Crewmojo refuses is in it without columns, since it may be allowed later.

        Raises:
            StreamError: A report had no sample: a catalog without its columns would do harm later.
        """
        catalog: dict[str, Any] = super().catalog_dict
        for name, stream in self.streams.items():
            failure = stream.failure if isinstance(stream, ReportStream) else None
            if failure is not None and not isinstance(failure, VendorError | DataError):
                msg = f"discovery of {name} failed: {failure}"
                raise StreamError(msg) from failure
        return catalog

    def _discover(self, crewmojo: CrewmojoClient, report: Report) -> Discovered:
        start = self.period.start_date if report.dated else None
        return discover(
            crewmojo,
            report,
            start.date() if start else None,
            self.last_day,
            self.stats_of(report.stream),
        )


def main() -> None:
    """The command ``tap-crewmojo``."""
    run(TapCrewmojo)
