"""``source_data`` and ``step_source_data``: event rows by source and window."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_giosg.halving import WholeWindow, sample
from tap_giosg.organization import newest
from tap_giosg.readers import WindowedReader, interval_of
from tap_kit.streams.reader import Page
from tap_kit.tables.pages import only_to_write, table_pages
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tap_giosg.event_rows import EventRows
    from tap_giosg.organization import Workflow
    from tap_giosg.presence import Presence
    from tap_giosg.sources import Source, Sources
    from tap_giosg.streams import EventStream


_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What distinguishes the two streams of event rows.

    Attributes:
        sources: Where a workflow's rows come from.
        rows: How they are asked for.
        presence: Which of the uncertain sources have rows.
    """

    sources: Sources
    rows: EventRows
    presence: Presence


class EventReader(WindowedReader):
    """One stream of event rows.

    Args:
        stream: The stream.
        plan: Where its rows come from.
        until: Where the last window ends.
    """

    def __init__(self, stream: EventStream, plan: EventPlan, until: datetime) -> None:
        super().__init__(stream, plan.rows.organization, until)
        self._plan = plan
        self._shape = stream.shape
        self._typed = only_to_write(stream)
        self._telling = threading.Lock()
        self._told: set[str] = set()

    def slices(self) -> Iterator[Iterator[Page]]:
        """One window of one source each; a source's windows follow each other."""
        for workflow in self.workflows():
            for source in self._sources(workflow):
                for window in self.windows(source.partition, workflow):
                    yield self._read(source, window)

    def probe(self) -> None:
        """Ask for one row of the last day of the first source."""
        for workflow in self.workflows():
            life = workflow.life(self.until)
            sources = self._plan.sources.of(workflow)
            if life and sources:
                sample(self._plan.rows, sources[0], newest(life, _DAY), self.stats, limit=1)
                return

    def _sources(self, workflow: Workflow) -> list[Source]:
        """The workflow's sources; one that had rows before is not asked whether it has any."""
        sources = self._plan.sources.of(workflow)
        if self._plan.sources.certain:
            return sources
        new = [source for source in sources if self.bookmark(source.partition) is None]
        beginning = self.beginning(workflow)
        everything = Window(beginning, self.until) if beginning and beginning < self.until else None
        absent = self._plan.presence.absent(self._plan.rows, new, everything, self.stats)
        return [source for source in sources if source not in absent]

    def _read(self, source: Source, window: Window) -> Iterator[Page]:
        envelope = {
            "organization_id": self.organization.id(self.stats),
            **source.partition,
            **interval_of(window),
        }
        # One for the whole window, even if it comes in halves: equal rows are counted in it.
        scope = (source.workflow_id, source.step_index, source.target)
        decoder = self._shape.decoder(scope, envelope)
        window_ = WholeWindow(self._plan.rows, self._shape, source, self.stats)
        yield from table_pages(
            window_.blocks(window),
            decoder,
            self.stats,
            answer="{0}, {interval_start} to {interval_end}".format(source, **envelope),
            typed=self._typed,
        )
        self._tell_renamed(decoder.renamed)
        yield Page(bookmarks=[self.reached(source.partition, window)])

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
