"""What the readers of Flow's streams use of their tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tap_kit.streams.context import TapContext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_flow.client import FlowClient
    from tap_flow.job_pages import JobPager
    from tap_flow.stream import FlowStream


class FlowContext(TapContext, Protocol):
    """The tap, as its readers see it."""

    @property
    def api(self) -> FlowClient:
        """The REST services and the Query API."""

    @property
    def jobs(self) -> JobPager:
        """Pages of completed jobs."""

    @property
    def stream_types(self) -> Sequence[type[FlowStream]]:
        """The classes of all streams."""
