"""Runs taps and reads what they say: in this process for speed, as a command for what users see."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_kit.errors import StreamsFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_kit.tap import KitTap

Record = dict[str, Any]
BIN = Path(sys.executable).parent


@dataclass
class Output:
    """What a tap wrote, sorted out by kind."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    stderr: str = ""
    exit_code: int = 0
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def records(self) -> dict[str, list[Record]]:
        """Records by stream, in their order."""
        found: dict[str, list[Record]] = defaultdict(list)
        for line in self.lines:
            if line["type"] == "RECORD":
                found[line["stream"]].append(line["record"])
        return found

    @property
    def schemas(self) -> dict[str, dict[str, Any]]:
        """SCHEMA messages by stream."""
        return {line["stream"]: line for line in self.lines if line["type"] == "SCHEMA"}

    @property
    def states(self) -> list[dict[str, Any]]:
        """Values of the STATE messages, in their order."""
        return [line["value"] for line in self.lines if line["type"] == "STATE"]

    @property
    def state(self) -> dict[str, Any]:
        """The last state."""
        return self.states[-1]

    def by_key(self, stream: str, *keys: str) -> dict[tuple[Any, ...], Record]:
        """The last record of each key, as a target would hold them."""
        return {tuple(record[key] for key in keys): record for record in self.records[stream]}


def read(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Messages from lines of JSON."""
    return [json.loads(line) for line in lines if line.strip()]


def sync(
    tap_class: type[KitTap],
    config: Mapping[str, Any],
    *,
    catalog: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
) -> Output:
    """Run a tap in this process; failures of streams are part of the output."""
    stdout = io.StringIO()
    output = Output()
    with contextlib.redirect_stdout(stdout):
        tap = tap_class(
            config=dict(config),
            catalog=json.loads(json.dumps(catalog)) if catalog else None,
            state=json.loads(json.dumps(state)) if state else None,
        )
        try:
            tap.sync_all()
        except StreamsFailedError as error:
            output.failures = error.failures
            output.exit_code = 1
    output.lines = read(stdout.getvalue().splitlines())
    return output


def discover(tap_class: type[KitTap], config: Mapping[str, Any]) -> dict[str, Any]:
    """A tap's catalog, as plain JSON."""
    catalog: dict[str, Any] = json.loads(tap_class(config=dict(config)).catalog_json_text)
    return catalog


def select(
    catalog: dict[str, Any],
    *streams: str,
    without: Sequence[tuple[str, str]] = (),
    replication_key: str | None = None,
) -> dict[str, Any]:
    """A catalog with just these streams selected.

    Args:
        catalog: From :func:`discover`; left as it is.
        streams: Names of the streams to select.
        without: (stream, property) pairs to deselect.
        replication_key: Chosen for all selected streams, in their metadata.
    """
    chosen: dict[str, Any] = json.loads(json.dumps(catalog))
    for entry in chosen["streams"]:
        name = entry["tap_stream_id"]
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = name in streams
                if replication_key and name in streams:
                    item["metadata"]["replication-key"] = replication_key
            elif (name, item["breadcrumb"][-1]) in without:
                item["metadata"]["selected"] = False
    return chosen


def command(
    tap: str,
    config: Mapping[str, Any],
    folder: Path,
    *options: str,
    catalog: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> Output:
    """Run a tap's command as a user would; stdout that isn't Singer goes to ``stderr``."""
    done = subprocess.run(  # noqa: S603  # the tap under test
        arguments(tap, config, folder, *options, catalog=catalog, state=state),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=dict(env) if env is not None else None,
    )
    output = Output(stderr=done.stderr, exit_code=done.returncode)
    if options:
        output.stderr = done.stdout + done.stderr
    else:
        output.lines = read(done.stdout.splitlines())
    return output


def arguments(
    tap: str,
    config: Mapping[str, Any],
    folder: Path,
    *options: str,
    catalog: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
) -> list[str]:
    """The command line of a tap, with its files written to a folder."""
    found = [str(BIN / tap), *options]
    for option, value in (("config", config), ("catalog", catalog), ("state", state)):
        if value is not None:
            path = folder / f"{option}.json"
            path.write_text(json.dumps(value), encoding="utf-8")
            found += [f"--{option}", str(path)]
    return found
