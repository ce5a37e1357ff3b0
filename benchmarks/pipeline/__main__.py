"""``python -m benchmarks.pipeline``: vendor to warehouse, a first load and a night after it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.__main__ import cpu_name
from benchmarks.environments import CACHE
from benchmarks.pipeline import piped
from benchmarks.pipeline.pipelines import DUCKDB, PIPELINES, POSTGRES
from benchmarks.pipeline.vendor import NIGHTS, Vendor, vendor_of
from benchmarks.pipeline.warehouses import DuckWarehouse, PostgresWarehouse
from tests.services.postgres import postgres

if TYPE_CHECKING:
    from benchmarks.pipeline.pipelines import Pipeline
    from benchmarks.pipeline.warehouses import Warehouse
    from tests.services.postgres import Server

RESULTS = CACHE / "pipeline.json"


class WrongRowsError(Exception):
    """A warehouse does not hold what the vendor has."""


def main() -> int:
    """Run the rounds; each that is done is kept with those of earlier runs."""
    options = _options()
    chosen = [
        pipeline
        for pipeline in PIPELINES
        if pipeline.name in (options.pipelines or [pipeline.name])
        and pipeline.warehouse in (options.warehouse or pipeline.warehouse)
    ]
    for pipeline in chosen:
        _ = pipeline.python  # makes its environment
    results = _kept(options)
    # Not below a user's own folder: the account that runs PostgreSQL may not enter it.
    with (
        tempfile.TemporaryDirectory() as place,
        postgres(Path(place)) as server,
        vendor_of(options.jobs) as vendor,
        tempfile.TemporaryDirectory() as work,
    ):
        rounds = _Rounds(vendor, server, Path(place), Path(work))
        rounds.run(chosen[0])  # the sandboxes make their answers
        for number in range(options.rounds):
            results["rounds"].append({"at": _now(), "load": os.getloadavg()[0], "runs": []})
            for pipeline in chosen:
                for run in rounds.run(pipeline):
                    results["rounds"][-1]["runs"].append(run)
                    _tell(number, run)
                RESULTS.parent.mkdir(parents=True, exist_ok=True)
                RESULTS.write_text(json.dumps(results, indent=1))
    return 0


class _Rounds:
    """Runs pipelines, each into a warehouse that is empty before its first night."""

    def __init__(self, vendor: Vendor, server: Server, place: Path, work: Path) -> None:
        self._vendor, self._server, self._place, self._work = vendor, server, place, work
        self._catalog = vendor.catalog(work)

    def run(self, pipeline: Pipeline) -> list[dict[str, Any]]:
        """Both nights of a pipeline.

        Raises:
            WrongRowsError: The warehouse has other rows than the vendor after one.
        """
        folder = self._work / "run"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        warehouse = self._warehouse(pipeline, folder)
        runs = []
        for night, evening in zip(NIGHTS, self._vendor.evenings, strict=True):
            commands = pipeline.commands(evening, warehouse, self._catalog, folder)
            taken = piped.run(commands, folder, server_cpu=warehouse.cpu)
            found = warehouse.found(pipeline.key)
            if found != evening.truth:
                msg = f"{pipeline.name}, {night}: {found} instead of {evening.truth}"
                raise WrongRowsError(msg)
            runs.append(
                {
                    "pipeline": pipeline.name,
                    "warehouse": pipeline.warehouse,
                    "night": night,
                    "wall": taken.wall,
                    "cpu": pipeline.after(taken, folder),
                    "peak": taken.peak,
                    "peaks": taken.peaks,
                    "rows": found.rows,
                }
            )
        return runs

    def _warehouse(self, pipeline: Pipeline, folder: Path) -> Warehouse:
        if pipeline.warehouse == POSTGRES:
            return PostgresWarehouse.made(self._server, self._place, "bench")
        return DuckWarehouse(folder / "warehouse.duckdb", pipeline.python)


def _kept(options: argparse.Namespace) -> dict[str, Any]:
    """What earlier runs found with as many jobs, or what to begin with."""
    kept: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if options.anew or kept.get("jobs") != options.jobs:
        kept = {"jobs": options.jobs, "rounds": []}
    kept["versions"] = sorted({pipeline.title for pipeline in PIPELINES})
    kept["machine"] = {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }
    return kept


def _tell(number: int, run: dict[str, Any]) -> None:
    cpu = " ".join(f"{part} {seconds:.2f}" for part, seconds in run["cpu"].items())
    print(
        f"#{number + 1} {run['warehouse']:10} {run['pipeline']:30} {run['night']:17} "
        f"wall {run['wall']:6.2f} s, cpu s: {cpu}, peak {run['peak']:.0f} MB, {run['rows']} rows",
        flush=True,
    )


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="minutes")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("--jobs", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    names = list(dict.fromkeys(pipeline.name for pipeline in PIPELINES))
    parser.add_argument(
        "--pipelines", nargs="*", choices=names, metavar="NAME", help="by default all"
    )
    parser.add_argument("--warehouse", choices=(POSTGRES, DUCKDB), help="by default both")
    parser.add_argument("--anew", action="store_true", help="forget the rounds of earlier runs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
