"""tap-xoi: XOi's jobs, what technicians documented, and the reports of their workflows."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar

from tap_kit.cli import run
from tap_kit.tap import KitTap
from tap_xoi.client import Xoi, token_auth
from tap_xoi.intervals import Intervals
from tap_xoi.listings import DocumentationReader, JobsReader, UsersReader, WebhookHistoryReader
from tap_xoi.pairs import Configured
from tap_xoi.pairs_by_event import EventPairs
from tap_xoi.pairs_by_job import DocumentedPairs, SummarisedPairs
from tap_xoi.reports import ReportsReader
from tap_xoi.settings import SETTINGS, problems
from tap_xoi.streams import (
    Documentation,
    Jobs,
    Users,
    WebhookHistory,
    WorkflowJobReports,
    WorkflowJobStepValues,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_kit.http.auth import Auth
    from tap_kit.streams.reader import Reader
    from tap_kit.streams.stream import RecordStream
    from tap_xoi.pairs import Source


class TapXoi(KitTap):
    """Singer tap for XOi."""

    name = "tap-xoi"
    stream_types = (
        Jobs,
        Documentation,
        WebhookHistory,
        WorkflowJobReports,
        WorkflowJobStepValues,
        Users,
    )
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """The rules of ``workflow_jobs``."""
        yield from problems(config)

    def auth(self) -> Auth | None:
        """Tokens by API key and secret."""
        return token_auth(self.config)

    def readers(self, streams: Mapping[str, RecordStream]) -> Iterable[Reader]:
        """One for each list; reports and step values share theirs."""
        page = {"limit": self.config["page_size"]}
        if isinstance(jobs := streams.get(Jobs.name), Jobs):
            yield JobsReader(jobs, self._xoi(jobs), self._intervals(jobs), page)
        if isinstance(items := streams.get(Documentation.name), Documentation):
            every = {"includeAllSteps": self.config["include_all_steps"]}
            yield DocumentationReader(items, self._xoi(items), self._intervals(items), every)
        if isinstance(events := streams.get(WebhookHistory.name), WebhookHistory):
            yield WebhookHistoryReader(events, self._xoi(events), self._intervals(events), page)
        yield from self._report_readers(streams)
        if isinstance(users := streams.get(Users.name), Users):
            yield UsersReader(users, self._xoi(users), page)

    def _report_readers(self, streams: Mapping[str, RecordStream]) -> Iterator[Reader]:
        """One reader, unless one of its streams has to catch up with the other."""
        all_at_once = self.config["workflow_job_source"] == "config"
        groups: defaultdict[str | None, list[RecordStream]] = defaultdict(list)
        for name in (WorkflowJobReports.name, WorkflowJobStepValues.name):
            if stream := streams.get(name):
                groups[None if all_at_once else self._bookmark(stream)].append(stream)
        for members in groups.values():
            xoi = self._xoi(members[0])
            yield ReportsReader(
                members,
                xoi,
                self._source(xoi, members[0]),
                skip_missing=self.config["skip_missing"],
            )

    def _source(self, xoi: Xoi, stream: RecordStream) -> Source:
        config = self.config
        intervals = self._intervals(stream)
        workers = config["concurrency"]
        if config["workflow_job_source"] == "config":
            return Configured(config["workflow_jobs"])
        if config["workflow_job_source"] == "documentation":
            return DocumentedPairs(
                xoi, intervals, include_all_steps=config["include_all_steps"], workers=workers
            )
        source = (
            EventPairs if config["workflow_job_source"] == "webhook_history" else SummarisedPairs
        )
        return source(
            xoi,
            intervals,
            page_size=config["page_size"],
            workers=workers,
            skip_missing=config["skip_missing"],
        )

    def _xoi(self, stream: RecordStream) -> Xoi:
        return Xoi(self.client, self.config, self.stats_of(stream.name))

    def _bookmark(self, stream: RecordStream) -> str | None:
        return self.bookmarks.bookmark(stream.name) if stream.incremental else None

    def _intervals(self, stream: RecordStream) -> Intervals:
        windows = self.period.windows(self._bookmark(stream), self.until)
        return Intervals(list(windows), self.period.end_date)


def main() -> None:
    """The command ``tap-xoi``."""
    run(TapXoi)
