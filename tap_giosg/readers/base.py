"""What giosg's readers have in common, and what they use of the tap."""

from __future__ import annotations

import abc
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tap_kit.streams.context import TapContext
from tap_kit.streams.reader import Bookmark, Reader, WindowSlice
from tap_kit.time.clock import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_giosg.client import GiosgClient
    from tap_giosg.organization import Organization, Workflow
    from tap_giosg.streams.base import DiscoveredStream
    from tap_kit.streams.reader import Page
    from tap_kit.streams.stream import RecordStream
    from tap_kit.time.windows import Window


class GiosgContext(TapContext, Protocol):
    """The tap, as its readers see it."""

    @property
    def giosg(self) -> GiosgClient:
        """The client of giosg's APIs."""

    @property
    def organization(self) -> Organization:
        """Whose workflows are read."""

    @property
    def read_until(self) -> datetime:
        """Where the last window ends, in whole seconds."""


class GiosgReader(Reader):
    """Reads one stream; giosg's streams share no pages.

    Args:
        tap: The tap.
        stream: The stream.
    """

    def __init__(self, tap: GiosgContext, stream: RecordStream) -> None:
        super().__init__([stream], tap.client, tap.stats_of(stream.name))
        self.giosg = tap.giosg
        self.organization = tap.organization

    @classmethod
    def make(cls, tap: Any, streams: Sequence[Any]) -> list[Reader]:  # noqa: ANN401  # each reader takes its own kind of stream
        """Make the readers of a family: one for each stream."""
        return [cls(tap, stream) for stream in streams]


class WindowedReader(GiosgReader, abc.ABC):
    """Reads by partition and window; each partition has a bookmark of its own.

    Args:
        tap: The tap.
        stream: The stream.
    """

    def __init__(self, tap: GiosgContext, stream: DiscoveredStream) -> None:
        super().__init__(tap, stream)
        self.until = tap.read_until
        self.period = tap.period
        self._failure = stream.failure
        self._lookup: Callable[[Mapping[str, Any]], str | None] | None = (
            tap.bookmarks.lookup(stream.name) if stream.incremental else None
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

    @abc.abstractmethod
    def partitions(self, workflow: Workflow) -> list[dict[str, Any]]:
        """Return the partitions of a workflow that have rows."""

    def bookmark(self, partition: Mapping[str, Any]) -> str | None:
        """Return how far a partition was read before this run."""
        return self._lookup(partition) if self._lookup else None

    def beginning(self, workflow: Workflow) -> datetime | None:
        """Return where reading begins without a bookmark; None for a workflow without events."""
        return self.period.start_date or workflow.first_event

    def windows(self, partition: Mapping[str, Any], workflow: Workflow) -> Iterator[Window]:
        """Yield the windows of a partition that this run reads.

        A workflow without events has none, and gets no bookmark: so a later run begins with its
        first event, whenever that will be.
        """
        bookmark = self.bookmark(partition)
        beginning = self.beginning(workflow)
        if beginning is None and bookmark is None:
            return iter(())
        period = replace(self.period, start_date=beginning)
        return period.windows(bookmark, self.until, of=self.name)

    def slice(
        self,
        pages: Iterator[Page],
        partition: Mapping[str, Any],
        window: Window,
        workflow: Workflow,
    ) -> Iterator[Page]:
        """The pages of a window; a slice of its own kind if the next run reads it again."""
        period = replace(self.period, start_date=self.beginning(workflow))
        interval = interval_of(window)
        assert window.start is not None  # noqa: S101  # interval_of has seen it
        since = period.reads_again(window.start, self.until)
        if since is None:
            return pages
        return WindowSlice(
            pages,
            stream=self.name,
            partition=partition,
            start=interval["interval_start"],
            since=format_time(since),
            reached={"interval_end": interval["interval_end"]},
        )

    def reached(self, partition: Mapping[str, Any], window: Window) -> Bookmark:
        """Return the bookmark of a partition that has been read to the end of a window."""
        return Bookmark(self.name, format_time(window.end), partition)


def interval_of(window: Window) -> dict[str, str]:
    """Return the columns of a window, as records have them."""
    assert window.start is not None  # noqa: S101  # beginning() or a bookmark gave it
    return {"interval_start": format_time(window.start), "interval_end": format_time(window.end)}
