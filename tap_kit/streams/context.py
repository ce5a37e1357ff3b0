"""What streams and readers use of their tap, so that they don't depend on its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from singer_sdk.singerlib import Catalog

    from tap_kit.http.client import Client
    from tap_kit.stats import StreamStats
    from tap_kit.time.period import Period


class Bookmarks(Protocol):
    """How far earlier runs came; :class:`tap_kit.engine.state.State` for a reader."""

    def entry(self, stream: str, partition: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """All that is kept for a stream or a partition; empty before a first run."""

    def bookmark(self, stream: str, partition: Mapping[str, Any] | None = None) -> str | None:
        """The value up to which a stream or a partition is complete; None before a first run."""

    def lookup(self, stream: str) -> Callable[[Mapping[str, Any]], str | None]:
        """The bookmarks of a stream's partitions as they are now, for any thread."""


class TapContext(Protocol):
    """A tap, as its streams and readers see it.

    Attributes:
        config: The validated settings, with their defaults.
        started_at: When the run began, in UTC.
    """

    started_at: datetime

    @property
    def config(self) -> Mapping[str, Any]:
        """The validated settings, with their defaults."""

    @property
    def input_catalog(self) -> Catalog | None:
        """The catalog that was given; None in discovery, and where all streams are read."""

    @property
    def streams(self) -> Mapping[str, Any]:
        """All streams by name, selected or not."""

    @property
    def client(self) -> Client:
        """Sends all requests of the tap."""

    @property
    def bookmarks(self) -> Bookmarks:
        """Read them when a reader is made: they move while it runs."""

    @property
    def period(self) -> Period:
        """The settings about time."""

    @property
    def until(self) -> datetime:
        """Where this run's last window ends."""

    def stats_of(self, stream: str) -> StreamStats:
        """The figures of a stream in this run."""

    def records_of(self, stream: str) -> Iterator[dict[str, Any]]:
        """The checked records of one stream, without messages."""
