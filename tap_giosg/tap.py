"""tap-giosg: workflow reporting of giosg."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from tap_giosg.api import Api
from tap_giosg.discovery import Discovery
from tap_giosg.event_reader import EventPlan, EventReader
from tap_giosg.event_rows import EventRows
from tap_giosg.organization import Organization
from tap_giosg.presence import Presence
from tap_giosg.readers import DefinitionsReader, InfoReader, SidedataReader
from tap_giosg.settings import SETTINGS, wrong_settings
from tap_giosg.sources import GoalSources, StepSources
from tap_giosg.streams import (
    Discovered,
    DiscoveredStream,
    EventStream,
    SourceData,
    StepSourceData,
    WorkflowInfo,
    Workflows,
    WorkflowSidedata,
)
from tap_kit.cli import run
from tap_kit.errors import StreamError
from tap_kit.http.auth import StaticHeader
from tap_kit.tables import declared_columns
from tap_kit.tables.schema import catalog_columns
from tap_kit.tap import KitTap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_kit.http.auth import Auth
    from tap_kit.streams.reader import Reader
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

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Rules of the settings that their schema can't say."""
        return wrong_settings(config)

    def auth(self) -> Auth:
        """The scheme word is all that distinguishes API tokens and OAuth2 access tokens (1.1)."""
        value = f"{self.config['auth_scheme']} {self.config['api_token']}"
        return StaticHeader("Authorization", value, settings=("api_token", "auth_scheme"))

    @cached_property
    def organization(self) -> Organization:
        """Whose workflows are read; asked once for all streams."""
        config = self.config
        api = Api(
            self.client,
            api_url=config["api_url"].rstrip("/"),
            service_url=config["service_url"].rstrip("/"),
        )
        return Organization(
            api,
            organization_id=config.get("organization_id"),
            workflow_ids=config.get("workflow_ids") or (),
            concurrency=config["concurrency"],
        )

    @property
    def read_until(self) -> datetime:
        """Where the last window ends: whole seconds, whatever giosg makes of a fraction."""
        return self.period.until(self.started_at.replace(microsecond=0))

    @cached_property
    def plans(self) -> Mapping[str, EventPlan]:
        """Where event rows come from, by stream."""
        config = self.config

        def rows(stream: str, format_: str) -> EventRows:
            return EventRows.from_config(self.organization, config, stream, format_)

        return {
            SourceData.name: EventPlan(
                GoalSources.from_config(config), rows(SourceData.name, "json"), Presence()
            ),
            StepSourceData.name: EventPlan(
                StepSources.from_config(config),
                rows(StepSourceData.name, config["step_data_format"]),
                Presence(),
            ),
        }

    def discover_streams(self) -> Sequence[RecordStream]:
        """The five streams; those with vendor columns as the catalog or else samples know them."""
        return [
            Workflows(self),
            WorkflowInfo(self),
            *(
                kind(self, self._known(kind))
                for kind in (WorkflowSidedata, SourceData, StepSourceData)
            ),
        ]

    def _known(self, kind: type[DiscoveredStream]) -> Discovered:
        declared = declared_columns(self.config["columns"])
        if self.input_catalog is not None:
            return Discovered(catalog_columns(self.input_catalog, kind.name, kind.own, declared))
        discovery = Discovery(self.organization, self.read_until, self.stats_of(kind.name))
        if kind.name in self.plans:
            return discovery.events(self.plans[kind.name], kind.own["properties"], declared)
        return discovery.sidedata()

    @property
    def catalog_dict(self) -> dict[str, Any]:
        """The catalog for ``--discover``.

        Raises:
            StreamError: A stream could not be sampled; a catalog without its columns would do harm
                later.
        """
        catalog: dict[str, Any] = super().catalog_dict
        for name, stream in self.streams.items():
            if isinstance(stream, DiscoveredStream) and stream.failure is not None:
                msg = f"discovery of {name} failed: {stream.failure}"
                raise StreamError(msg) from stream.failure
        if self.input_catalog is None:
            self.organization.check_configured(self.stats_of(Workflows.name))
        return catalog

    def readers(self, streams: Mapping[str, RecordStream]) -> Iterable[Reader]:
        """One reader a stream: they share what is asked once, but no rows."""
        for stream in sorted(
            streams.values(), key=lambda stream: self.stream_types.index(type(stream))
        ):
            yield self._feed(stream)

    def _feed(self, stream: RecordStream) -> Reader:
        if isinstance(stream, EventStream):
            return EventReader(stream, self.plans[stream.name], self.read_until)
        if isinstance(stream, DiscoveredStream):
            return SidedataReader(stream, self.organization, self.read_until)
        if isinstance(stream, WorkflowInfo):
            return InfoReader(stream, self.organization)
        return DefinitionsReader(stream, self.organization)


def main() -> None:
    """The command ``tap-giosg``."""
    run(TapGiosg)
