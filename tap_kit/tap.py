"""The base of all taps: settings, client, and a run of their readers."""

from __future__ import annotations

import abc
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.helpers.capabilities import TapCapabilities
from singer_sdk.plugin_base import JSONSchemaValidator

from tap_kit.command import CommandLine
from tap_kit.doctor.probes import probes_of
from tap_kit.engine.backfill import plan_of
from tap_kit.engine.output import MessageWriter
from tap_kit.engine.record_writer import RecordWriter
from tap_kit.engine.run import NOTHING_SELECTED, run
from tap_kit.engine.state import State, checked_state
from tap_kit.engine.stream_maps import mapper
from tap_kit.errors import (
    SettingsError,
    StreamError,
    UnservedStreamError,
)
from tap_kit.http.client import Client
from tap_kit.http.settings import HttpSettings
from tap_kit.inputs.catalog import checked_catalog
from tap_kit.inputs.environment import from_environment, variables
from tap_kit.inputs.settings_check import check_settings, normal, settings_error
from tap_kit.stats import StreamStats
from tap_kit.streams.plan import check_declared, plan
from tap_kit.text.redact_logs import REDACTOR, install
from tap_kit.threads.prefetch import Prefetcher
from tap_kit.time.clock import utc_now
from tap_kit.time.period import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from singer_sdk.helpers import types
    from singer_sdk.helpers.capabilities import CapabilitiesEnum

    from tap_kit.doctor.probes import Probe
    from tap_kit.doctor.questions import Question
    from tap_kit.engine.backfill import PlanDocument
    from tap_kit.http.auth import Auth
    from tap_kit.streams.reader import Page
    from tap_kit.streams.stream import RecordStream


class KitTap(CommandLine):
    """A tap of streams that readers serve.

    A subclass declares ``name``, ``config_jsonschema`` and ``stream_types`` in the order of
    emission, and says how to authorise (:meth:`auth`). How a stream is read stands in its class.
    """

    package_name = "frontline-taps"
    message_writer_class = MessageWriter
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        *CommandLine.capabilities,
        TapCapabilities.TEST,
    ]
    stream_types: ClassVar[Sequence[type[RecordStream]]] = ()
    clock: ClassVar[staticmethod[[], datetime]] = staticmethod(utc_now)
    """The present in UTC, which says what a run covers."""
    shards_at_once: ClassVar[int] = 8
    """How many shards of a backfill may run at once, as far as the vendor's documents say."""
    questions: ClassVar[Sequence[Question]] = ()
    """What the vendor's documents leave open; ``--doctor`` asks what requests can answer."""

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401  # those of any class
        """Check that something reads every stream.

        Raises:
            TypeError: A stream's class doesn't say how it is read.
        """
        super().__init_subclass__(**options)
        check_declared(cls.stream_types)

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # the SDK's own arguments
        install(REDACTOR)
        self.started_at: datetime = self.clock()
        self.stats: dict[str, StreamStats] = {}
        self.append_builtin_config(self.config_jsonschema)
        if options.pop("parse_env_config", False):
            options["config"] = {**(options.get("config") or {}), **self._from_environment()}
        if isinstance(options.get("catalog"), dict):
            options["catalog"] = checked_catalog(options["catalog"])
        if isinstance(options.get("state"), dict):
            options["state"] = checked_state(options["state"])
        super().__init__(**options)

    # What a tap declares

    @abc.abstractmethod
    def auth(self) -> Auth | None:
        """Return how requests are authorised; None if they need no token."""

    @classmethod
    def check(cls, config: Mapping[str, Any]) -> Iterator[str]:  # noqa: ARG003  # for subclasses
        """Yield what is wrong with settings beyond their schema: the setting, and what is right."""
        yield from ()

    def discover_streams(self) -> Sequence[RecordStream]:
        """Return all streams that the settings allow."""
        return [stream_type(self) for stream_type in self.stream_types]

    def stream_names(self) -> Sequence[str]:
        """The names of all streams that the settings allow, without a request."""
        return [stream.name for stream in self.discover_streams()]

    def probes(self) -> Iterable[Probe]:
        """What shows with few requests whether each stream can be read, for ``--doctor``."""
        return probes_of(self, self.discover_streams())

    # What readers use

    @cached_property
    def client(self) -> Client:
        """The one client of the tap."""
        return Client(
            settings=HttpSettings.from_config(self.config), redactor=REDACTOR, auth=self.auth()
        )

    def send_through(self, client: Client) -> None:
        """Send all requests through another client than the tap's own; before the first one."""
        self.client = client

    @cached_property
    def bookmarks(self) -> State:
        """All bookmarks; readers take theirs before the run begins."""
        return State(self.state)  # type: ignore[arg-type]  # a TypedDict is a dict

    @cached_property
    def period(self) -> Period:
        """The period that the settings name."""
        return Period.from_config(self.config, self.started_at)

    @property
    def until(self) -> datetime:
        """Where this run's last window ends."""
        return self.period.until(self.started_at)

    def stats_of(self, stream: str) -> StreamStats:
        """Return the figures of a stream in this run."""
        return self.stats.setdefault(stream, StreamStats(stream))

    # Settings

    def check_config(self, *, complete: bool) -> None:
        """Check settings, in an order in which no message shows a secret value.

        Raises:
            SettingsError: One line for all that is wrong.
        """
        secret = {
            name
            for name, declared in self.config_jsonschema["properties"].items()
            if declared.get("secret")
        }
        config = normal(self.given_config, self.config_jsonschema)
        for given in (self.given_config, config):
            for name in secret & given.keys():
                if isinstance(given[name], str):
                    REDACTOR.add(given[name])
        problems = list(
            check_settings(config, self.config_jsonschema, complete=complete, now=self.started_at)
        )
        if not problems:
            for _ in JSONSchemaValidator(self.config_jsonschema).iter_errors(config):
                pass  # fills in the defaults
            problems = [*self.check(config), *_lossy(config)] if complete else []
        if problems:
            raise settings_error(problems)
        self.keep_config(config)

    def _from_environment(self) -> dict[str, Any]:
        prefix = f"{self.name.upper().replace('-', '_')}_"
        return from_environment(self.config_jsonschema, prefix, variables())

    def setup_mapper(self) -> None:
        """Make the stream maps, with flattening that keeps open objects.

        The streams come first: they check the catalog, and give it the keys that it leaves out.
        """
        if self.input_catalog is not None:
            _ = self.streams
        self.mapper = mapper(self.config, self.catalog, self.logger)

    # Runs

    @property
    def selected(self) -> dict[str, RecordStream]:
        """The selected streams by name.

        Raises:
            SettingsError: The catalog selects streams that the tap doesn't have.
        """
        for name, entry in (self.input_catalog or {}).items():
            if entry.metadata.root.selected and name not in self.streams:
                msg = (
                    f"catalog: stream {name} is selected, but with these settings {self.name} has "
                    "no stream of that name. Correct the name or the settings, or deselect it"
                )
                raise SettingsError(msg)
        return {name: stream for name, stream in self.streams.items() if stream.selected}  # type: ignore[misc]  # all are RecordStreams

    def run(self) -> None:
        """Run all selected streams.

        Raises:
            StreamsFailedError: Some streams failed; the others are complete.
            TapError: The run can't begin, or nothing can go on.
        """
        run(self, self.selected)

    @property
    def writer(self) -> MessageWriter:
        """Where messages go."""
        assert isinstance(self.message_writer, MessageWriter)  # noqa: S101  # set by the class
        return self.message_writer

    def records_of(self, stream: str) -> Iterator[types.Record]:
        """Yield the checked records of one stream, without messages, for the SDK's own loop."""
        chosen = self.selected[stream]
        record_writer = RecordWriter(
            chosen,
            self.writer,
            self.stats_of(stream),
            include_secrets=self.config["include_secrets"],
        )

        def checked(page: Page) -> Sequence[types.Record]:
            return record_writer.check(page.records.get(stream, []))

        readers = list(plan(self, [chosen]))
        with Prefetcher(
            [(map(checked, pages) for pages in reader.slices()) for reader in readers],
            workers=self.config["concurrency"],
            size=lambda records: _RECORD_BYTES * len(records),
        ) as ahead:
            for number in range(len(readers)):
                for records in ahead.items(number):
                    yield from records

    def plan_backfill(self, shards: int) -> PlanDocument:
        """Cut the past of the selected streams into shards, with a few requests.

        Raises:
            TapError: Nothing can be cut, or the vendor does not let the tap see how much there is.
        """
        try:
            return plan_of(self, self.selected, shards, at_once=self.shards_at_once)
        finally:
            self.client.close()

    def test_streams(self) -> bool:
        """Probe every stream with one cheap request; True when all can be read.

        Raises:
            TapError: No stream can be read, as with wrong credentials.
        """
        well = True
        if not self.selected:
            self.logger.warning("%s", NOTHING_SELECTED)
        try:
            for stream in self.selected.values():
                try:
                    for reader in plan(self, [stream]):
                        reader.probe()
                    verdict = "works"
                except (StreamError, UnservedStreamError) as error:
                    well = False
                    verdict = str(error)
                print(f"{stream.name}: {verdict}", file=sys.stderr)  # noqa: T201  # what was asked for
        finally:
            self.client.close()
        return well


_RECORD_BYTES = 1_000
"""About what a record takes in memory; the SDK's own loop is for tests and small reads."""


def _lossy(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield combinations of settings that would lose records."""
    if config.get("batch_config") and config.get("emit_activate_version_messages"):
        yield (
            "batch_config and emit_activate_version_messages can't be used together: targets would "
            "delete the rows of batches, which carry no version; leave one of them out"
        )
