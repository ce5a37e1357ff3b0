"""``workflow_sidedata``: the figures of a workflow, window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_giosg.readers.base import WindowedReader, interval_of
from tap_giosg.window_split import is_about_length
from tap_kit.errors import VendorError
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Page, Record
from tap_kit.time.clock import format_time
from tap_kit.time.windows import LENGTHS, Length, Window, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_giosg.organization import Workflow
    from tap_giosg.readers.base import GiosgContext
    from tap_giosg.streams.base import DiscoveredStream
    from tap_kit.streams.reader import Bookmark


class SidedataReader(WindowedReader):
    """``workflow_sidedata``.

    The figures of windows can't be added up. So a window that is too long for giosg is cut into
    shorter windows of the calendar, each with a record of its own, the same in every run.

    A 404 means that a window has no data. If giosg responds with 404 to all windows that have
    events, by ``info/``, the address is wrong, and the stream fails.
    """

    def __init__(self, tap: GiosgContext, stream: DiscoveredStream) -> None:
        super().__init__(tap, stream)
        self._gone = GoneItems(
            "POST /workflows/<id>/sidedata/",
            "Check the setting api_url; if it is right, leave the stream out and tell giosg's "
            "support",
        )

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """Pass all bookmarks on; raise at the end if no window with events had figures."""
        return self._gone.in_order(bookmarks)

    def slices(self) -> Iterator[Iterator[Page]]:
        """One window each."""
        for workflow in self.workflows():
            for partition in self.partitions(workflow):
                for window in self.windows(partition, workflow):
                    yield self.slice(self._read(workflow, window), partition, window, workflow)

    def partitions(self, workflow: Workflow) -> list[dict[str, Any]]:
        """Return the one partition of a workflow."""
        return [{"workflow_id": workflow.id}]

    def _read(self, workflow: Workflow, window: Window) -> Iterator[Page]:
        partition = {"workflow_id": workflow.id}
        records = list(self._records(partition, window, self.period.window))
        if records:
            self._gone.came()
        elif workflow.has_events_in(window):
            start = format_time(window.start) if window.start else "the beginning"
            name = f"workflow {workflow.id}, {start} to {format_time(window.end)}"
            self._gone.gone(name, "HTTP 404")
        else:
            self._gone.empty()
        yield Page({self.name: records}, bookmarks=[self.reached(partition, window)])

    def _records(
        self, partition: dict[str, str], window: Window, length: Length
    ) -> Iterator[Record]:
        organization_id = self.organization.id(self.stats)
        try:
            figures = self.giosg.sidedata(
                organization_id, partition["workflow_id"], window, self.stats
            )
        except VendorError as error:
            if length == "day" or not is_about_length(error):
                raise
            shorter = LENGTHS[LENGTHS.index(length) - 1]
            for part in windows(window.start, window.end, shorter):
                yield from self._records(partition, part, shorter)
        else:
            if figures == {}:
                self._gone.came()  # so the address is right
            elif figures is not None:
                yield {**figures, **partition, **interval_of(window)}
