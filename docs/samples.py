"""Rows that the documentation shows: what the taps bring of the sandbox's company.

``python -m docs.samples`` reads all taps, which takes seconds; the rows are kept in files beside
this one. The people and places in them are made up.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sandbox.sandbox import Sandbox
from sandbox.vendors import VENDORS
from sandbox.world import Clock

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]

FOLDER = Path(__file__).with_name("sample_rows")
_BIN = Path(sys.executable).parent
_MOMENT = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
_CHOICE = 40
"""Of so many rows the one with the most values is shown."""

_LENGTH = 48
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def sample(tap: str) -> Mapping[str, Row]:
    """The kept rows of a tap by stream; none for a stream that had no rows."""
    path = FOLDER / f"{tap}.json"
    rows: dict[str, Row] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return rows


def read(vendor: str) -> dict[str, Row]:
    """Run a tap against the sandbox with all of its streams, and choose a row of each."""
    with (
        Sandbox(scale=0.1, clock=Clock(frozen_at=_MOMENT), vendors=(vendor,)) as sandbox,
        TemporaryDirectory() as folder,
    ):
        config = Path(folder, "config.json")
        # One request after another: XOi gives plates other keys each time, by chance.
        settings = {"start_date": "2025-12-01", "concurrency": 1, **sandbox.settings(vendor)}
        config.write_text(json.dumps({**settings, "end_date": _MOMENT.isoformat()}), "utf-8")
        command = [str(_BIN / f"tap-{vendor}"), "--config", str(config)]
        catalog = Path(folder, "catalog.json")
        found = json.loads(_output([*command, "--discover"]))
        for stream in found["streams"]:
            for each in stream["metadata"]:
                each["metadata"]["selected"] = True
        catalog.write_text(json.dumps(found), "utf-8")
        lines = _output([*command, "--catalog", str(catalog)]).splitlines()
    rows: dict[str, list[Row]] = {}
    for message in map(json.loads, lines):
        if message["type"] == "RECORD":
            rows.setdefault(message["stream"], []).append(message["record"])
    return {name: _clipped(max(rows[name][:_CHOICE], key=_fullness)) for name in sorted(rows)}


def _output(command: list[str]) -> str:
    done = subprocess.run(  # noqa: S603  # our own taps
        command, capture_output=True, text=True, check=True
    )
    return done.stdout


def _fullness(row: Row) -> int:
    return sum(value not in (None, [], {}, "") for value in row.values())


def _clipped(value: Any) -> Any:  # noqa: ANN401  # any value of JSON
    """A value cut to what a page can show: one item of a list, the beginning of a long text."""
    if isinstance(value, dict):
        return {name: _clipped(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_clipped(each) for each in value[:1]] + (["…"] if len(value) > 1 else [])
    if isinstance(value, str):
        text = _ADDRESS.sub("https://vendor.example", value)
        return text if len(text) <= _LENGTH else f"{text[: _LENGTH - 1]}…"
    return value


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for vendor in VENDORS:
        text = json.dumps(read(vendor), indent=1, ensure_ascii=False)
        (FOLDER / f"tap-{vendor}.json").write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
