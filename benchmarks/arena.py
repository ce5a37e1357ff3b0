"""A case at one size: a running sandbox, and everything that contestants are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.cases import catalog
from benchmarks.contestants import Ours
from benchmarks.process import run
from benchmarks.server import SandboxProcess, set_latency

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from benchmarks.cases import Case
    from benchmarks.contestants import Peer
    from benchmarks.process import Run


class Arena:
    """One case, one size; use as a context manager.

    Args:
        case: The case.
        records: About how many records there are.
        folder: For files and logs.
        concurrency: Requests in flight of all who can.
    """

    def __init__(self, case: Case, records: int, folder: Path, *, concurrency: int) -> None:
        self._case = case
        self._records = records
        self._concurrency = concurrency
        self._folder = folder
        self._server = SandboxProcess(case.vendor, options=case.options(records), remember=True)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sandbox = self._server.__enter__()
        try:
            self._prepare()
        except BaseException:
            self._server.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def latency(self, milliseconds: float) -> None:
        """Let every request wait so long."""
        set_latency(self._sandbox, milliseconds)

    def run(self, contestant: Ours | Peer) -> Run:
        """Run one of them."""
        log = self._folder / f"{contestant.name.replace(' ', '-')}.log"
        if isinstance(contestant, Ours):
            command = contestant.command(self._case, self._file("config"), self._file("catalog"))
            return run(command, contestant.pattern(self._prepared.counted), log=log)
        self._tell_peers()
        return run(contestant.command(self._file("spec")), contestant.pattern, log=log)

    def _prepare(self) -> None:
        self._prepared = self._case.prepare(self._sandbox, self._records, self._concurrency)
        self._write("config", self._prepared.config)
        chosen = catalog(self._case.vendor, self._prepared.streams, self._file("config"))
        self._write("catalog", chosen)
        self._schemas = {entry["tap_stream_id"]: entry["schema"] for entry in chosen["streams"]}

    def _tell_peers(self) -> None:
        """Write what they are told, with a token that is certainly good."""
        self._write(
            "spec",
            {
                **self._prepared.spec,
                "case": self._case.name,
                "headers": self._prepared.headers(),
                "concurrency": self._concurrency,
                "schema": self._prepared.schema(self._schemas),
            },
        )

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _write(self, name: str, content: object) -> None:
        self._file(name).write_text(json.dumps(content))
