"""A tap and its vendor's sandbox at one moment, and what a target would hold after some runs."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tap_kit.time.clock import format_time
from tests.behaviours import eager
from tests.harness import Harness
from tests.singer import Output, arguments, read, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path
    from typing import IO

    from sandbox import Sandbox
    from tests.behaviours.taps import Case, Record

Line = dict[str, Any]


class Target:
    """Tables as a target keeps them: the last record of each key."""

    def __init__(self) -> None:
        self._keys: dict[str, list[str]] = {}
        self._rows: dict[str, dict[tuple[Any, ...], Record]] = defaultdict(dict)
        self.state: dict[str, Any] | None = None

    def take(self, lines: Iterable[Line]) -> Target:
        """Load messages, in their order."""
        for line in lines:
            if line["type"] == "SCHEMA":
                self._keys[line["stream"]] = line["key_properties"]
            elif line["type"] == "RECORD":
                stream, record = line["stream"], line["record"]
                key = tuple(json.dumps(record[name]) for name in self._keys[stream])
                self._rows[stream][key] = record
            elif line["type"] == "STATE":
                self.state = line["value"]
        return self

    def rows(self, stream: str) -> list[Record]:
        """A table."""
        return list(self._rows[stream].values())


class Pipeline(Harness):
    """A tap of the table with its sandbox; a run is by default one of all streams."""

    def __init__(self, case: Case, sandbox: Sandbox) -> None:
        super().__init__(case.tap, sandbox, **case.settings)
        self.case = case

    @cached_property
    def catalog(self) -> dict[str, Any]:
        """The catalog of a discovery, made once as users do."""
        return self.discover()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All streams, those too that are not selected by default."""
        return tuple(entry["tap_stream_id"] for entry in self.catalog["streams"])

    def chosen(self, *streams: str) -> dict[str, Any]:
        """The catalog with some streams selected, by default all."""
        return select(self.catalog, *(streams or self.names))

    def run(
        self,
        *streams: str,
        catalog: dict[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
        without: Sequence[tuple[str, str]] = (),
        **settings: Any,  # noqa: ANN401  # each has its own
    ) -> Output:
        """Run in this process, by default with all streams of the catalog made before."""
        if catalog is None:
            catalog, streams = self.catalog, streams or self.names
        return super().run(*streams, catalog=catalog, state=state, without=without, **settings)

    @contextmanager
    def started(
        self,
        folder: Path,
        *streams: str,
        state: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        stdout: Mapping[str, bool] | None = None,
        **settings: Any,  # noqa: ANN401  # each has its own
    ) -> Iterator[tuple[ForkServerProcess, IO[bytes]]]:
        """A process at work and its stdout; STATE comes after each bookmark.

        ``stdout`` is how that behaves, see :func:`tests.behaviours.eager.started`.
        """
        command = arguments(
            self.case.name,
            {**self.config, **settings},
            folder,
            catalog=self.chosen(*streams),
            state=state,
        )
        now = format_time(self.sandbox.now())
        with eager.started(command, now, folder, env or {}, **(stdout or {})) as process:
            yield process

    def command(
        self,
        folder: Path,
        *options: str,
        config: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Output:
        """The command as users run it, with options; ``stderr`` is all that is no Singer."""
        command = arguments(
            self.case.name, self.config if config is None else config, folder, *options
        )
        now = format_time(self.sandbox.now())
        with eager.started(command, now, folder, env or {}) as (process, stdout):
            written = stdout.read().decode()
        assert process.exitcode is not None
        output = Output(stderr=(folder / "stderr").read_text(), exit_code=process.exitcode)
        if options:
            output.stderr = written + output.stderr
        else:
            output.lines = read(written.splitlines())
        return output

    def fault(self, kind: str, **options: Any) -> None:  # noqa: ANN401  # each kind has its own
        """Plan a fault for the requests of the streams that are to break."""
        self.sandbox.fault(kind, vendor=self.vendor, **{**self.case.fault, **options})

    def truth(self, stream: str, **options: Any) -> list[Record]:  # noqa: ANN401  # as the vendor's truth()
        """What the vendor has now, in the form in which the tap gets it."""
        if options:
            return super().truth(stream, **options)
        rows = self.case.truth_of(self.sandbox, self.vendor, stream)
        plain: list[Record] = json.loads(json.dumps(rows))
        return plain

    def comparable(self, row: Record) -> Record:
        return self.case.comparable(row)

    def assert_alike(self, target: Target, whole: Target, *streams: str) -> None:
        """Two targets hold the same tables, by key and value."""
        for stream in streams:
            expected = whole.rows(stream)
            assert expected, stream
            found = self.compared(target.rows(stream), expected)
            assert found == self.compared(expected, expected), stream

    def assert_complete(self, target: Target, *streams: str) -> None:
        """Each table holds just what the vendor has, by key and value."""
        for stream in streams or self.names:
            truth = self.truth(stream)
            assert truth, f"{stream}: the sandbox has nothing to show"
            self.assert_same(target.rows(stream), truth, stream)
