"""The tap: which streams it has, and how its requests are authorised."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from tap_flow.client import FlowClient, authorization
from tap_flow.job_pages import JobPager
from tap_flow.settings import SETTINGS, problems
from tap_flow.streams import FILE_STREAMS, QUERY_STREAMS, REST_STREAMS
from tap_flow.unknowns import QUESTIONS
from tap_kit.cli import run
from tap_kit.tap import KitTap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_flow.stream import FlowStream
    from tap_kit.http.auth import Auth


class TapFlow(KitTap):
    """Singer tap for Librestream Onsight Flow."""

    name = "tap-flow"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS
    stream_types: ClassVar[Sequence[type[FlowStream]]] = (
        *QUERY_STREAMS,
        *REST_STREAMS,
        *FILE_STREAMS,
    )
    questions = QUESTIONS

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Check what the settings' schema can't say."""
        return problems(config)

    def auth(self) -> Auth | None:
        """Return how requests are authorised; None with a query key, which each query carries."""
        return authorization(self.config)

    def discover_streams(self) -> Sequence[FlowStream]:
        """Make all streams that the credentials open; ``files`` where there is a place for them."""
        authorized = "access_token" in self.config or "client_id" in self.config
        return [
            kind(self)
            for kind in self.stream_types
            if (authorized or kind not in REST_STREAMS)
            and (kind.needs_setting is None or kind.needs_setting in self.config)
        ]

    # What readers share

    @cached_property
    def api(self) -> FlowClient:
        """The vendor's REST services and Query API."""
        return FlowClient(self.client, self.config)

    @cached_property
    def jobs(self) -> JobPager:
        """Pages of completed jobs."""
        return JobPager(self.api, self.config)


def main() -> None:
    """The command ``tap-flow``."""
    run(TapFlow)
