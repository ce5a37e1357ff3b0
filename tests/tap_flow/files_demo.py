"""Photos and reports of 1 000 jobs, into a folder and into S3, twice: ``make files-demo``.

Each second run has no state, so it looks at every file; the third goes on from the second's state.
Then a storage of the vendor's that takes 150 ms for each of a thousand files, beside the time that
these take if the tap adds nothing: latency x files / requests in flight.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sandbox import Sandbox
from tap_flow.tap import TapFlow
from tests.s3 import bucket
from tests.singer import discover, read, select

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN = """
import atexit, pathlib, sys
from tap_flow.tap import main
status = pathlib.Path(sys.argv.pop(1))
# Not by wait4(): what the parent took before it became the tap counts there, too.
atexit.register(lambda: status.write_text(pathlib.Path("/proc/self/status").read_text()))
main()
"""
SCALE = 4.0
"""Of the sandbox: 1 020 completed jobs."""
SLOW_SCALE = 1.17
"""About 1 000 files."""
LATENCY = 0.15
"""Seconds that a slow storage takes for a file."""
IN_FLIGHT = 8


def main() -> None:
    """Print a line for each run."""
    with TemporaryDirectory() as name, Sandbox(vendors=["flow"], scale=SCALE) as sandbox:
        folder = Path(name)
        print(f"{'':22}{'seconds':>9}{'peak':>8}{'rows':>7}{'fetched':>9}  requests")  # noqa: T201
        runs(sandbox, folder, "folder", (folder / "files").as_uri(), {})
        with bucket() as s3:
            runs(sandbox, folder, "S3", f"{s3.url}/flow", s3.env, asked=s3.door.seen)
    with TemporaryDirectory() as name, Sandbox(vendors=["flow"], scale=SLOW_SCALE) as sandbox:
        folder = Path(name)
        sandbox.fault("latency", route="blob", milliseconds=LATENCY * 1000, times=None)
        slow(sandbox, folder, "folder", (folder / "files").as_uri(), {})
        with bucket() as s3:
            slow(sandbox, folder, "S3", f"{s3.url}/flow", s3.env)


def slow(sandbox: Sandbox, folder: Path, where: str, url: str, env: Mapping[str, str]) -> None:
    """Run the tap once and compare its time with the least there is."""
    config = {**sandbox.settings("flow"), "files_to": url, "concurrency": IN_FLIGHT}
    lines, seconds, peak = run(folder, config, {}, env)
    rows = sum(line["type"] == "RECORD" for line in lines)
    least = rows * LATENCY / IN_FLIGHT
    print(  # noqa: T201
        f"{f'{where}, {LATENCY * 1000:.0f} ms a file':22}{seconds:9.1f}{peak:6.0f} MB{rows:7}"
        f"{rows:9}  {seconds / least:.2f} x latency x files / {IN_FLIGHT} in flight"
    )


def runs(
    sandbox: Sandbox,
    folder: Path,
    where: str,
    url: str,
    env: Mapping[str, str],
    *,
    asked: list[str] | None = None,
) -> None:
    """Run the tap three times."""
    config = {**sandbox.settings("flow"), "files_to": url, "concurrency": IN_FLIGHT}
    state: Mapping[str, Any] = {}
    for title in ("first run", "again, no state", "again, with state"):
        sandbox.clear_journal()
        if asked is not None:
            asked.clear()
        lines, seconds, peak = run(
            folder, config, state if title.endswith("with state") else {}, env
        )
        state = [line["value"] for line in lines if line["type"] == "STATE"][-1]
        rows = sum(line["type"] == "RECORD" for line in lines)
        requests = Counter(entry.route for entry in sandbox.journal.entries)
        counts = Counter(asked or [])
        fetched = requests["blob"]
        told = ", ".join(f"{count} {what}" for what, count in [*requests.items(), *counts.items()])
        print(f"{where + ', ' + title:22}{seconds:9.1f}{peak:6.0f} MB{rows:7}{fetched:9}  {told}")  # noqa: T201


def run(
    folder: Path, config: Mapping[str, Any], state: Mapping[str, Any], env: Mapping[str, str]
) -> tuple[list[dict[str, Any]], float, float]:
    """Messages, seconds, and the most memory that the tap took, in MB."""
    inputs = {"config": config, "state": state}
    inputs["catalog"] = select(discover(TapFlow, config), "files")
    for name, content in inputs.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    files = [f"--{name}={folder / name}" for name in inputs]
    began = time.monotonic()
    with (folder / "out").open("wb") as out:
        subprocess.run(  # noqa: S603  # our own
            [sys.executable, "-c", MAIN, str(folder / "status"), *files],
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **env},
            check=True,
        )
    seconds = time.monotonic() - began
    lines = read((folder / "out").read_text("utf-8").splitlines())
    status = (folder / "status").read_text("ascii")
    return lines, seconds, int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0]) / 1024


if __name__ == "__main__":
    main()
