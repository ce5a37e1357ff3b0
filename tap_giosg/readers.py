"""What fetches each stream: one slice per window of a partition, or per workflow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tap_giosg.halving import is_about_length
from tap_kit.errors import VendorError
from tap_kit.streams.gone import GoneItems
from tap_kit.streams.reader import Bookmark, Page, Reader, Record
from tap_kit.time.clock import format_time
from tap_kit.time.windows import LENGTHS, Length, Window, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_giosg.organization import Organization, Workflow
    from tap_giosg.streams import DiscoveredStream
    from tap_kit.streams.stream import RecordStream
    from tap_kit.time.period import Period


class DefinitionsReader(Reader):
    """``workflows``: what the organization lists, or each configured workflow."""

    def __init__(self, stream: RecordStream, organization: Organization) -> None:
        super().__init__([stream], organization.api.client, stream.tap.stats_of(stream.name))
        self._organization = organization

    def slices(self) -> Iterator[Iterator[Page]]:
        """All pages, one after the other: each leads to the next."""
        yield self._pages()

    def _pages(self) -> Iterator[Page]:
        for definitions in self._organization.definitions(self.stats):
            yield Page({self.name: [dict(definition) for definition in definitions]})
        self._organization.check_configured(self.stats)


class InfoReader(Reader):
    """``workflow_info``."""

    def __init__(self, stream: RecordStream, organization: Organization) -> None:
        super().__init__([stream], organization.api.client, stream.tap.stats_of(stream.name))
        self._organization = organization

    def slices(self) -> Iterator[Iterator[Page]]:
        """One page a workflow."""
        for workflow in self._organization.workflows(self.stats):
            yield iter([Page({self.name: [{"id": workflow.id, **workflow.info}]})])
        self._organization.check_configured(self.stats)


class WindowedReader(Reader):
    """What is read by partition and window; each partition has a bookmark of its own.

    Args:
        stream: The stream.
        organization: Whose workflows.
        until: Where the last window ends.
    """

    def __init__(
        self, stream: DiscoveredStream, organization: Organization, until: datetime
    ) -> None:
        super().__init__([stream], organization.api.client, stream.tap.stats_of(stream.name))
        self.organization = organization
        self.until = until
        self._failure = stream.failure
        self._period: Period = stream.tap.period
        self._lookup: Callable[[Mapping[str, Any]], str | None] | None = (
            stream.tap.bookmarks.lookup(stream.name) if stream.incremental else None
        )

    def workflows(self) -> Iterator[Workflow]:
        """The workflows to read.

        Raises:
            StreamError: Discovery failed in this run; at the end: some of the configured workflows
                do not exist.
        """
        if self._failure is not None:
            raise self._failure
        yield from self.organization.workflows(self.stats)
        self.organization.check_configured(self.stats)

    def bookmark(self, partition: Mapping[str, Any]) -> str | None:
        """How far a partition was read before this run."""
        return self._lookup(partition) if self._lookup else None

    def beginning(self, workflow: Workflow) -> datetime | None:
        """Where reading begins without a bookmark; None for a workflow without events."""
        return self._period.start_date or workflow.first_event

    def windows(self, partition: Mapping[str, Any], workflow: Workflow) -> Iterator[Window]:
        """What this run reads of a partition.

        Nothing of a workflow that has no events yet: it gets no bookmark, so that the next run
        begins with its first event, wherever that will be.
        """
        bookmark = self.bookmark(partition)
        beginning = self.beginning(workflow)
        if beginning is None and bookmark is None:
            return iter(())
        return replace(self._period, start_date=beginning).windows(bookmark, self.until)

    def reached(self, partition: Mapping[str, Any], window: Window) -> Bookmark:
        """The bookmark behind a window."""
        return Bookmark(self.name, format_time(window.end), partition)


def interval_of(window: Window) -> dict[str, str]:
    """A window as records have it."""
    assert window.start is not None  # noqa: S101  # beginning() or a bookmark gave it
    return {"interval_start": format_time(window.start), "interval_end": format_time(window.end)}


class SidedataReader(WindowedReader):
    """``workflow_sidedata``.

    Its figures can't be added up, so a window that giosg finds too long is cut into shorter ones of
    the calendar, each a row of its own, the same in every run.

    A 404 means that a window has no data; where it is said of each window in which, by ``info/``,
    there are events, the address is wrong.
    """

    def __init__(
        self, stream: DiscoveredStream, organization: Organization, until: datetime
    ) -> None:
        super().__init__(stream, organization, until)
        self._gone = GoneItems(
            "POST /workflows/<id>/sidedata/",
            "Check the setting api_url; if it is right, leave the stream out and tell giosg's "
            "support",
        )

    def in_order(self, bookmarks: Iterator[Sequence[Bookmark]]) -> Iterator[Sequence[Bookmark]]:
        """All of them; an error at the end where no window with events had figures."""
        return self._gone.in_order(bookmarks)

    def slices(self) -> Iterator[Iterator[Page]]:
        """One window each."""
        for workflow in self.workflows():
            for window in self.windows({"workflow_id": workflow.id}, workflow):
                yield self._read(workflow, window)

    def _read(self, workflow: Workflow, window: Window) -> Iterator[Page]:
        partition = {"workflow_id": workflow.id}
        records = list(self._records(partition, window, self._period.window))
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
        api = self.organization.api
        try:
            figures = api.sidedata(organization_id, partition["workflow_id"], window, self.stats)
        except VendorError as error:
            if length == "day" or not is_about_length(error):
                raise
            shorter = LENGTHS[LENGTHS.index(length) - 1]
            for part in windows(window.start, window.end, shorter):
                yield from self._records(partition, part, shorter)
        else:
            if figures is not None:
                yield {**figures, **partition, **interval_of(window)}
