"""Discovery: the columns of each stream, from small samples of every workflow and step.

giosg documents no columns; they differ by type of workflow, target and ``basic`` (docs:
taps/giosg/facts#rows). A sample is a few of the newest rows or, if there are none, of all rows that
the workflow ever had.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_giosg.organization import last_days
from tap_giosg.streams.base import Discovered
from tap_giosg.window_split import has_rows, sample
from tap_kit.errors import StreamError
from tap_kit.tables import Block, ColumnSurvey, warn_of_twins
from tap_kit.threads.prefetch import parallel_map

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from tap_giosg.client import GiosgClient
    from tap_giosg.event_series import EventSeries
    from tap_giosg.organization import Organization, Workflow
    from tap_giosg.readers.events import EventPlan
    from tap_kit.stats import StreamStats
    from tap_kit.tables import Column
    from tap_kit.time.windows import Window

_log = logging.getLogger(__name__)

_JSON_ROWS = 100
"""Rows of a sample that tells types by values; headings need no more than one."""
_DAY = timedelta(days=1)
_WEEK_AND_DAY = timedelta(days=8)
"""The last event's day, and the week before it."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Finds the columns of one stream in samples.

    Attributes:
        giosg: Sends the requests.
        organization: Whose workflows.
        until: Where the newest sample ends.
        stats: The stream's; takes the counts.
    """

    giosg: GiosgClient
    organization: Organization
    until: datetime
    stats: StreamStats

    def events(
        self, plan: EventPlan, envelope: Collection[str], declared: Mapping[str, Column]
    ) -> Discovered:
        """Return the columns of event rows.

        Args:
            plan: Where they come from.
            envelope: Names of what the tap adds.
            declared: The setting ``columns``: types that overrule what the samples show.
        """
        survey = ColumnSurvey(envelope)
        failure = None
        try:
            for workflow, active in self._alive():
                self._look_at(plan, workflow, active, survey)
        except StreamError as error:
            failure = error
        columns = {name: declared.get(name, column) for name, column in survey.columns.items()}
        warn_of_twins(self.stats.stream, [*envelope, *columns])
        return self._found(columns, failure)

    def sidedata(self) -> Discovered:
        """Return the figures that workflows have besides the documented ones."""
        survey = ColumnSurvey(())
        failure = None

        def look(workflow_and_window: tuple[Workflow, Window]) -> list[Block]:
            workflow, active = workflow_and_window
            last_day = last_days(active, _DAY)
            figures = self.giosg.sidedata(
                self.organization.id(self.stats), workflow.id, last_day, self.stats
            )
            return (
                [Block(tuple(figures), [list(figures.values())], is_json=True)] if figures else []
            )

        try:
            for blocks in parallel_map(look, self._alive(), workers=self.organization.concurrency):
                survey.add(blocks)
        except StreamError as error:
            failure = error
        # Only what has shown its type: figures are not converted.
        columns = {name: column for name, column in survey.columns.items() if column.strict}
        return self._found(columns, failure)

    def _look_at(
        self, plan: EventPlan, workflow: Workflow, active: Window, survey: ColumnSurvey
    ) -> None:
        limit = _JSON_ROWS if plan.requests.format == "json" else 1
        tail = last_days(active, _WEEK_AND_DAY)

        def look(series: EventSeries) -> list[Block]:
            blocks = sample(plan.requests, series, tail, self.stats, limit=limit)
            if not has_rows(blocks) and tail != active:
                blocks += sample(plan.requests, series, active, self.stats, limit=limit)
            return blocks

        all_series = plan.series_of.workflow(workflow)
        samples = parallel_map(look, all_series, workers=self.organization.concurrency)
        found = []
        for series, blocks in zip(all_series, samples, strict=True):
            survey.add(blocks)
            plan.step_probe.note(series, has_rows=has_rows(blocks))
            if has_rows(blocks):
                found.append(series.short)
        if all_series:
            _log.info(
                "discovery: %s of workflow %s: asked for %d of the newest rows in %s; rows in %s",
                self.stats.stream,
                workflow.id,
                limit,
                ", ".join(series.short for series in all_series),
                ", ".join(found) or "none of them",
            )

    def _alive(self) -> Iterator[tuple[Workflow, Window]]:
        """Yield the workflows that have events, with the interval of these."""
        for workflow in self.organization.workflows(self.stats):
            active = workflow.active_window(self.until)
            if active is None:
                _log.info("discovery: workflow %s has no events yet", workflow.id)
            else:
                yield workflow, active

    def _found(self, columns: Mapping[str, Column], failure: StreamError | None) -> Discovered:
        if failure is not None:
            _log.warning(
                "discovery: the columns of %s are not known: %s", self.stats.stream, failure
            )
        else:
            _log.info(
                "discovery: %s: %d requests found %d vendor columns%s",
                self.stats.stream,
                self.stats.requests,
                len(columns),
                f": {', '.join(columns)}" if columns else "",
            )
        return Discovered(columns, failure)
