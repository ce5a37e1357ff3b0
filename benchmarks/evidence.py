"""``python -m benchmarks.evidence``: figures that the documentation claims of our taps alone.

Each is one run of a command against the sandbox, measured as a whole process; what is compared is
compared within one run of this program.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environments import CACHE
from benchmarks.process import run
from benchmarks.server import SandboxProcess, set_latency
from tests.singer import BIN, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.process import Run
    from sandbox.remote import RemoteSandbox

RESULTS = CACHE / "evidence.json"
_RECORD = rb'\{"type":"RECORD"'


class Tap:
    """A tap against a running sandbox, with the streams that count."""

    def __init__(self, vendor: str, sandbox: RemoteSandbox, folder: Path, *streams: str) -> None:
        self._command = str(BIN / f"tap-{vendor}")
        self._folder = folder
        self._settings = sandbox.settings(vendor)
        self._streams = streams

    def run(self, **settings: object) -> Run:
        """Run it with these settings besides; discovery is not part of the run."""
        config = self._write("config", {**self._settings, **settings})
        log = self._folder / "log"
        found = self._folder / "found.json"
        with found.open("wb") as out:
            _capture([self._command, "--config", config, "--discover"], out)
        catalog = select(json.loads(found.read_bytes()), *self._streams)
        options = ["--config", config, "--catalog", self._write("catalog", catalog)]
        return run([self._command, *options], _RECORD, log=log)

    def _write(self, name: str, value: object) -> str:
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return str(path)


def _capture(command: list[str], out: Any) -> None:  # noqa: ANN401  # a binary file
    subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=True)


def flow_backfill(folder: Path) -> Iterator[tuple[str, Run]]:
    """10 000 jobs, 10 on a page, at 50 ms: windows side by side, against one cursor."""
    with SandboxProcess("flow", options={"scale": 40}) as sandbox:
        tap = Tap("flow", sandbox, folder, "completed_jobs")
        # The guide's sample jobs are years old: their windows would be most of the requests.
        start = {"start_date": days_ago(sandbox, 92), "page_size": 10}
        set_latency(sandbox, 50)
        yield "one after the other", tap.run(**start, window="year", concurrency=1)
        yield "8 in flight, windows of a day", tap.run(**start, window="day", concurrency=8)


def flow_memory(folder: Path) -> Iterator[tuple[str, Run]]:
    """100 000 completed jobs with steps and attachments."""
    with SandboxProcess("flow", options={"scale": 400}) as sandbox:
        tap = Tap("flow", sandbox, folder, "completed_jobs", "job_steps", "job_attachments")
        start = days_ago(sandbox, 92)
        yield "100 000 jobs", tap.run(start_date=start, window="week", concurrency=4)


def xoi_pairs(folder: Path) -> Iterator[tuple[str, Run]]:
    """5 000 pairs at 100 ms, 16 in flight, from a list in the settings."""
    with SandboxProcess("xoi", options={"scale": 17}) as sandbox:
        events = Tap("xoi", sandbox, folder, "workflow_job_reports")
        reports = sandbox.truth("xoi", "workflow_job_reports")
        pairs = [
            {"job_id": report["jobId"], "workflow_job_id": report["workflowJobId"]}
            for report in reports[:5000]
        ]
        source = {"workflow_job_source": "config", "workflow_jobs": pairs, "concurrency": 16}
        set_latency(sandbox, 100)
        yield f"{len(pairs):,} pairs".replace(",", " "), events.run(**source)


def rows(folder: Path) -> Iterator[tuple[str, Run]]:
    """1 000 000 rows of CSV in one answer."""
    with SandboxProcess("crewmojo", options={}) as sandbox:
        report = {"report": "bench.rows", "format": "csv", "date_range": False}
        tap = Tap("crewmojo", sandbox, folder, "bench_rows")
        yield (
            "tap-crewmojo, 10 000 rows",
            tap.run(reports=[{**report, "report": "bench.rows.10000", "name": "bench_rows"}]),
        )
        yield "tap-crewmojo, 1 000 000 rows", tap.run(reports=[report])
    with SandboxProcess("giosg", options={"variant": "giosg.shape=million_rows"}) as sandbox:
        tap = Tap("giosg", sandbox, folder, "step_source_data")
        yield "tap-giosg, 1 000 000 rows", tap.run(window="year")


def partitions(folder: Path) -> Iterator[tuple[str, Run]]:
    """Event rows of 100 to 10 000 partitions with a bookmark each."""
    for count in (100, 1000, 10000):
        options = {"variant": f"giosg.shape=partitions_{count}"}
        with SandboxProcess("giosg", options=options) as sandbox:
            tap = Tap("giosg", sandbox, folder, "step_source_data")
            yield f"{count:,} partitions".replace(",", " "), tap.run(window="year")


EVIDENCE: tuple[Callable[[Path], Iterator[tuple[str, Run]]], ...] = (
    flow_backfill,
    flow_memory,
    xoi_pairs,
    rows,
    partitions,
)


def days_ago(sandbox: RemoteSandbox, days: int) -> str:
    """A day before the sandbox's present, as an ISO date."""
    return (sandbox.now() - timedelta(days=days)).date().isoformat()


def main() -> int:
    """Take the measurements named on the command line, or all; print and keep them."""
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for measure in EVIDENCE:
        if sys.argv[1:] and measure.__name__ not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            table = []
            for name, taken in measure(Path(folder)):
                row = {
                    "run": name,
                    "records": taken.records,
                    "wall": round(taken.wall, 1),
                    "cpu": round(taken.cpu, 1),
                    "peak": round(taken.peak),
                }
                print(measure.__name__, row, flush=True)
                table.append(row)
            found[measure.__name__] = {"title": (measure.__doc__ or "").strip(), "runs": table}
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
