"""tap-giosg: workflow reporting of giosg."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from tap_giosg.backfill import count_events
from tap_giosg.client import GiosgClient
from tap_giosg.discovery import Discovery
from tap_giosg.event_requests import EventRequests
from tap_giosg.organization import Organization
from tap_giosg.readers.events import EventPlan
from tap_giosg.settings import SETTINGS, problems
from tap_giosg.step_probe import StepProbe
from tap_giosg.streams.base import Discovered, DiscoveredStream, EventStream
from tap_giosg.streams.events import SourceData, StepSourceData
from tap_giosg.streams.workflows import WorkflowInfo, Workflows, WorkflowSidedata
from tap_giosg.unknowns import QUESTIONS
from tap_giosg.unknowns.probes import probes_of
from tap_kit.cli import run
from tap_kit.errors import StreamError
from tap_kit.http.auth import StaticHeader
from tap_kit.tables import declared_columns
from tap_kit.tables.schema import catalog_columns
from tap_kit.tap import KitTap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.doctor.probes import Probe
    from tap_kit.http.auth import Auth
    from tap_kit.stats import StreamStats
    from tap_kit.streams.backfill import Cell
    from tap_kit.streams.stream import RecordStream


class TapGiosg(KitTap):
    """Singer tap for giosg's workflow reports."""

    name = "tap-giosg"
    config_jsonschema = SETTINGS
    dynamic_catalog = True
    stream_types: ClassVar[Sequence[type[RecordStream]]] = (
        Workflows,
        WorkflowInfo,
        WorkflowSidedata,
        SourceData,
        StepSourceData,
    )

    questions = QUESTIONS

    _census: Mapping[str, Sequence[Cell]] | None = None

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Yield what is wrong with settings beyond their schema."""
        return problems(config)

    def auth(self) -> Auth:
        """Return the token with its scheme, in which API and OAuth2 tokens differ."""
        value = f"{self.config['auth_scheme']} {self.config['api_token']}"
        return StaticHeader("Authorization", value, settings=("api_token", "auth_scheme"))

    @cached_property
    def giosg(self) -> GiosgClient:
        """The client of giosg's APIs."""
        return GiosgClient(
            self.client,
            api_url=self.config["api_url"].rstrip("/"),
            service_url=self.config["service_url"].rstrip("/"),
        )

    @cached_property
    def organization(self) -> Organization:
        """The organization whose workflows are read; its requests serve all streams."""
        return Organization(
            self.giosg,
            organization_id=self.config.get("organization_id"),
            workflow_ids=self.config.get("workflow_ids") or (),
            concurrency=self.config["concurrency"],
        )

    @property
    def read_until(self) -> datetime:
        """Where the last window ends; in whole seconds, since giosg may not take fractions."""
        return self.period.until(self.started_at.replace(microsecond=0))

    @cached_property
    def plans(self) -> Mapping[str, EventPlan]:
        """The plans of the streams of events, by stream."""
        return {kind.name: self._plan(kind) for kind in (SourceData, StepSourceData)}

    def census(self, shards: int, stats: StreamStats) -> Mapping[str, Sequence[Cell]]:
        """The windows of all workflows with their events, counted once for all streams."""
        if self._census is None:
            self._census = count_events(self, shards, stats)
        return self._census

    def _plan(self, kind: type[EventStream]) -> EventPlan:
        requests = EventRequests.from_config(
            self.giosg,
            self.organization,
            self.config,
            stream=kind.name,
            format_=kind.series.format(self.config),
        )
        return EventPlan(kind.series.from_config(self.config), requests, StepProbe())

    def discover_streams(self) -> Sequence[RecordStream]:
        """Return the five streams; vendor columns come from the catalog, or else from samples."""
        return [
            Workflows(self),
            WorkflowInfo(self),
            *(
                kind(self, self._known(kind))
                for kind in (WorkflowSidedata, SourceData, StepSourceData)
            ),
        ]

    def stream_names(self) -> Sequence[str]:
        """The names of all streams, without a request."""
        return [str(vars(kind)["name"]) for kind in self.stream_types]

    def probes(self) -> Iterable[Probe]:
        """What shows whether each stream can be read, from a few workflows."""
        return probes_of(self)

    def _known(self, kind: type[DiscoveredStream]) -> Discovered:
        declared = declared_columns(self.config["columns"])
        if self.input_catalog is not None:
            return Discovered(catalog_columns(self.input_catalog, kind.name, kind.own, declared))
        # Up to now, whatever end_date is: rows have the same columns and ids in every run.
        now = self.started_at.replace(microsecond=0)
        discovery = Discovery(self.giosg, self.organization, now, self.stats_of(kind.name))
        if kind.name in self.plans:
            return discovery.events(self.plans[kind.name], kind.own["properties"], declared)
        return discovery.sidedata()

    @property
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog for ``--discover``.

        Raises:
            StreamError: A stream had no sample: a catalog without its columns would do harm later.
        """
        catalog: dict[str, Any] = super().catalog_dict
        for name, stream in self.streams.items():
            if isinstance(stream, DiscoveredStream) and stream.failure is not None:
                msg = f"discovery of {name} failed: {stream.failure}"
                raise StreamError(msg) from stream.failure
        if self.input_catalog is None:
            self.organization.check_configured(self.stats_of(Workflows.name))
        return catalog


def main() -> None:
    """The command ``tap-giosg``."""
    run(TapGiosg)
