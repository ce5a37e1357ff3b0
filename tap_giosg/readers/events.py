"""``source_data`` and ``step_source_data``: event rows by series and window."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from tap_giosg.organization import last_days
from tap_giosg.readers.base import GiosgContext, WindowedReader, interval_of
from tap_giosg.window_split import SplitWindow, sample
from tap_kit.streams.reader import Page
from tap_kit.tables.pages import can_stay_structs, table_pages
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_giosg.event_requests import EventRequests
    from tap_giosg.event_series import EventSeries, SeriesOf
    from tap_giosg.organization import Workflow
    from tap_giosg.step_probe import StepProbe
    from tap_giosg.streams.base import EventStream
    from tap_kit.streams.reader import Bookmark


_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What distinguishes the two streams of event rows; discovery and the reader share it.

    Attributes:
        series_of: Gives the series of a workflow.
        requests: Fetch the rows of a series.
        step_probe: Knows which series have rows, where that is uncertain.
    """

    series_of: SeriesOf
    requests: EventRequests
    step_probe: StepProbe


class EventContext(GiosgContext, Protocol):
    """The tap, as the readers of events see it."""

    @property
    def plans(self) -> Mapping[str, EventPlan]:
        """The plans of the streams of events, by stream."""


class EventReader(WindowedReader):
    """Reads one stream of event rows.

    Args:
        tap: The tap.
        stream: The stream.
    """

    def __init__(self, tap: EventContext, stream: EventStream) -> None:
        super().__init__(tap, stream)
        self._plan = tap.plans[stream.name]
        self._shape = stream.shape
        self._can_stay_structs = can_stay_structs(stream)
        self._telling = threading.Lock()
        self._told: set[str] = set()
        self._has_events = False

    def slices(self) -> Iterator[Iterator[Page]]:
        """One slice for each window of each series; the windows of a series follow each other."""
        for workflow in self.workflows():
            for series in self._series(workflow):
                for window in self.windows(series.partition, workflow):
                    self._has_events |= workflow.has_events_in(window)
                    pages = self._read(series, window)
                    yield self.slice(pages, series.partition, window, workflow)

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Pass all bookmarks on; warn at the end if windows with events brought nothing but 404.

        404 is documented as no data found, and the workflows' events may be others than these.
        """
        yield from bookmarks
        responses = self._plan.requests.responses
        if self._has_events and responses.not_found and not responses.tables:
            self.streams[0].logger.warning(
                "stream %s: every response of giosg was a 404, which means that no data was "
                "found, although the workflows have events in this time. If there should be rows, "
                "check the settings of steps, targets and filters, and api_url",
                self.name,
            )

    def probe(self) -> None:
        """Request one row of the last day of the first series."""
        for workflow in self.workflows():
            active = workflow.active_window(self.until)
            all_series = self._plan.series_of.workflow(workflow)
            if active and all_series:
                sample(
                    self._plan.requests, all_series[0], last_days(active, _DAY), self.stats, limit=1
                )
                return

    def partitions(self, workflow: Workflow) -> list[dict[str, Any]]:
        """Return those of the series that have rows."""
        return [series.partition for series in self._series(workflow)]

    def _series(self, workflow: Workflow) -> list[EventSeries]:
        """Yield the workflow's series; one with a bookmark had rows before, so it is not probed."""
        all_series = self._plan.series_of.workflow(workflow)
        if self._plan.series_of.are_known:
            return all_series
        new = [series for series in all_series if self.bookmark(series.partition) is None]
        beginning = self.beginning(workflow)
        everything = Window(beginning, self.until) if beginning and beginning < self.until else None
        if new and everything:
            self._has_events |= workflow.has_events_in(everything)
        absent = self._plan.step_probe.absent(self._plan.requests, new, everything, self.stats)
        return [series for series in all_series if series not in absent]

    def _read(self, series: EventSeries, window: Window) -> Iterator[Page]:
        envelope = {
            "organization_id": self.organization.id(self.stats),
            **series.partition,
            **interval_of(window),
        }
        # One for the whole window, even if it comes in parts: equal rows are counted in it.
        scope = (series.workflow_id, series.step_index, series.target)
        decoder = self._shape.decoder(scope, envelope)
        split = SplitWindow(self._plan.requests, self._shape, series, self.stats)
        yield from table_pages(
            split.blocks(window),
            decoder,
            self.stats,
            label="{0}, {interval_start} to {interval_end}".format(series, **envelope),
            can_stay_structs=self._can_stay_structs,
        )
        self._tell_renamed(decoder.renamed)
        yield Page(bookmarks=[self.reached(series.partition, window)])

    def _tell_renamed(self, renamed: Mapping[str, str]) -> None:
        with self._telling:
            new = {name: heading for name, heading in renamed.items() if name not in self._told}
            self._told.update(new)
        for name, heading in new.items():
            self.streams[0].logger.warning(
                "stream %s: a column with the heading %r is called %s, because that heading is "
                "blank, repeated, or the name of something that the tap adds",
                self.name,
                heading,
                name,
            )
