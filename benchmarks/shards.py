"""``python -m benchmarks.shards``: what more workers bring to a backfill, and what a shard costs.

A backfill of tap-flow into PostgreSQL, cut as ``--plan-backfill`` cuts it. Each worker runs shard
after shard: as ``meltano run`` with the arguments that the DAG gives it, or as the bare pipe
``tap-flow | target-pg``. The vendor is the sandbox with so much latency that the machine's cores
are idle most of the time. More workers run more shards, as many for each, so what is compared is
jobs a second. Afterwards the warehouse must hold the jobs of these shards, no more and no fewer.

What a shard costs beyond its work is measured with one that has none: its dates lie before the
first job, and the vendor answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import backfill_plan
import psycopg
from backfill_plan import Plan, Shard
from meltano_commands import Meltano

from benchmarks.environments import CACHE
from benchmarks.server import SandboxProcess, set_latency
from tests.pipelines.meltano import install
from tests.services.postgres import Server, postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sandbox.remote import RemoteSandbox

Json = dict[str, Any]

TAP, TARGET = "tap-flow", "target-pg"
RESULTS = CACHE / "shards.json"
BIN = Path(sys.executable).parent
_EMPTY: Shard = {
    "id": "empty",
    "config": {"start_date": "2001-01-01", "end_date": "2001-01-02"},
    "streams": ["completed_jobs"],
}
_SETTINGS = {
    # One small page after another: a worker waits, and hardly computes.
    "TAP_FLOW_PAGE_SIZE": "5",
    "TAP_FLOW_CONCURRENCY": "1",
    "TAP_FLOW_WINDOW": "year",
}
_DAYS = 90
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that something took.

    Attributes:
        wall: From its start to its end.
        cpu: User and system seconds of all its processes.
    """

    wall: float
    cpu: float


@dataclass(frozen=True)
class Bench:
    """A vendor, a warehouse and a plan.

    Attributes:
        sandbox: The vendor.
        server: PostgreSQL.
        folder: For files of the runs.
        settings: Environment variables of all runs.
        plan: As the DAG makes it.
    """

    sandbox: RemoteSandbox
    server: Server
    folder: Path
    settings: Mapping[str, str]
    plan: Plan

    def clear(self) -> None:
        """Drop all tables, so that the shards make them at once."""
        with psycopg.connect(self.server.dsn, autocommit=True) as connection:
            connection.execute("drop schema if exists tap_flow cascade")

    def jobs(self) -> int:
        """How many jobs the warehouse holds."""
        with psycopg.connect(self.server.dsn) as connection:
            row = connection.execute("select count(*) from tap_flow.completed_jobs").fetchone()
        return int(row[0]) if row else 0

    def jobs_of(self, shards: Sequence[Shard]) -> int:
        """How many jobs the vendor has for the first shards of the plan."""
        start, end = self.settings["TAP_FLOW_START_DATE"], shards[-1]["config"]["end_date"]
        jobs = self.sandbox.truth("flow", "completed_jobs")
        return sum(start <= job["updated"] < end for job in jobs)

    def meltano(self, shard: Shard) -> None:
        """Run a shard as the DAG does."""
        run = backfill_plan.shard_run(self.plan, shard)
        catalog = self._file(shard, "catalog.json", self.plan["catalog"])
        variable = backfill_plan.catalog_setting(TAP)
        said: list[str] = []
        with Meltano(said.append, {**self.settings, **run["settings"], variable: catalog}) as one:
            one.call(*run["arguments"])

    def bare(self, shard: Shard) -> None:
        """Run a shard as a pipe from tap to loader."""
        loader = json.dumps({"schema": "tap_flow", **_connection(self.server)})
        log = self._file(shard, "log", "")
        with Path(log).open("wb") as errors:
            tap = subprocess.Popen(self.tap(shard), stdout=subprocess.PIPE, stderr=errors)
            target = subprocess.Popen(
                [BIN / TARGET, "--config", self._file(shard, "loader.json", loader)],
                stdin=tap.stdout,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            assert tap.stdout is not None  # noqa: S101  # a pipe was asked for
            tap.stdout.close()
            if target.wait() or tap.wait():
                msg = f"shard {shard['id']} failed: {Path(log).read_text()[-2000:]}"
                raise RuntimeError(msg)

    def tap(self, shard: Shard) -> list[str | Path]:
        """The tap's command for a shard."""
        given = {
            name.removeprefix("TAP_FLOW_").lower(): json.loads(value) if value.isdigit() else value
            for name, value in self.settings.items()
            if name.startswith("TAP_FLOW_")
        }
        config = {**self.sandbox.settings("flow"), **given, **shard["config"]}
        catalog = json.loads(self.plan["catalog"])
        for entry in catalog["streams"]:
            for each in entry["metadata"]:
                if not each["breadcrumb"]:
                    each["metadata"]["selected"] = entry["tap_stream_id"] in shard["streams"]
        return [
            BIN / TAP,
            *("--config", self._file(shard, "config.json", json.dumps(config))),
            *("--catalog", self._file(shard, "selected.json", json.dumps(catalog))),
        ]

    def _file(self, shard: Shard, name: str, content: str) -> str:
        path = self.folder / f"{shard['id']}-{name}"
        path.write_text(content, encoding="utf-8")
        return str(path)


@contextmanager
def bench(shards: int, scale: float) -> Iterator[Bench]:
    """A vendor with a past of some months, an empty warehouse, and a plan."""
    install(TAP, TARGET)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        (folder / "postgres").mkdir()
        server = stack.enter_context(postgres(folder / "postgres"))
        sandbox = stack.enter_context(
            SandboxProcess("flow", options={"scale": scale}, stopped=True)
        )
        now = time.time()
        start = time.strftime("%Y-%m-%d", time.gmtime(now - _DAYS * 86_400))
        settings = {
            **_SETTINGS,
            "TAP_FLOW_START_DATE": start,
            "MELTANO_ENVIRONMENT": "sandbox",
            "MELTANO_DATABASE_URI": (
                f"postgresql+psycopg://{server.user}@{server.host}:{server.port}/{server.database}"
            ),
            "SANDBOX_URL": sandbox.url,
            **{f"TARGET_PG_{name.upper()}": str(v) for name, v in _connection(server).items()},
        }
        with Meltano(lambda _: None, settings) as meltano:
            told = backfill_plan.settings_of(meltano, TAP)
            catalog = backfill_plan.catalog_of(meltano, TAP)
            document = backfill_plan.make_plan(meltano, TAP, shards)
        plan = Plan(
            tap=TAP,
            target=TARGET,
            plan=document["plan"],
            asked={},
            settings=told,
            catalog=catalog,
            shards=document["shards"],
            done=[],
            state=None,
        )
        yield Bench(sandbox, server, folder, settings, plan)


def _connection(server: Server) -> Json:
    return {
        "host": server.host,
        "port": server.port,
        "user": server.user,
        "database": server.database,
    }


def _measured(work: Callable[[], object]) -> Cost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    work()
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def costs(one: Bench) -> Json:
    """What a shard without work costs: the parts of the pipe, the pipe, and a run of Meltano's."""
    messages = one.folder / "messages"

    def tap() -> None:
        with messages.open("wb") as out:
            subprocess.run(one.tap(_EMPTY), stdout=out, stderr=subprocess.DEVNULL, check=True)

    def loader() -> None:
        config = str(one.folder / "empty-loader.json")
        command = [str(BIN / TARGET), "--config", config]
        with messages.open("rb") as given:
            subprocess.run(command, stdin=given, capture_output=True, check=True)

    kinds: dict[str, Callable[[], None]] = {
        "bare": lambda: one.bare(_EMPTY),
        "tap alone": tap,
        "loader alone": loader,
        "meltano": lambda: one.meltano(_EMPTY),
    }
    found = {}
    for name, work in kinds.items():
        work()  # compiles what is imported
        tries = [_measured(work) for _ in range(_TRIES)]
        wall, cpu = (median(getattr(each, part) for each in tries) for part in ("wall", "cpu"))
        found[name] = {"wall": round(wall, 2), "cpu": round(cpu, 2)}
        print(f"an empty shard, {name}: {wall:.2f} s, {cpu:.2f} s of CPU", flush=True)
    return found


def scaled(one: Bench, form: str, workers: int, each: int) -> Json:
    """Run the first shards of the plan, so many for each worker; jobs a second."""
    shards = one.plan["shards"][: workers * each]
    if len(shards) < workers * each:
        msg = f"the plan has {len(shards)} shards: too few for {workers} workers with {each} each"
        raise RuntimeError(msg)
    one.clear()
    run: Callable[[Shard], None] = getattr(one, form)

    def work() -> None:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, shards))

    cost = _measured(work)
    found, expected = one.jobs(), one.jobs_of(shards)
    if found != expected:
        msg = f"the warehouse has {found} jobs of these shards, the vendor {expected}"
        raise RuntimeError(msg)
    print(
        f"{form}, {workers} workers: {len(shards)} shards with {found} jobs in {cost.wall:.1f} s, "
        f"{cost.cpu:.1f} s of CPU",
        flush=True,
    )
    return {
        "shards": len(shards),
        "jobs": found,
        "wall": round(cost.wall, 2),
        "cpu": round(cost.cpu, 2),
    }


def table(points: Mapping[str, Json]) -> list[str]:
    """The lines of a table, with what each number of workers brings beside one worker."""
    one = points["1"]["jobs"] / points["1"]["wall"]
    lines = ["| workers | shards | jobs | seconds | jobs/s | of linear | CPU s a shard |"]
    lines.append("|---:" * 7 + "|")
    for workers, point in sorted(points.items(), key=lambda item: int(item[0])):
        rate = point["jobs"] / point["wall"]
        cells = [
            workers,
            point["shards"],
            point["jobs"],
            f"{point['wall']:.1f}",
            f"{rate:.2f}",
            f"{rate / one / int(workers):.2f}",
            f"{point['cpu'] / point['shards']:.1f}",
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def main() -> int:
    """Measure what is asked for; print and keep it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shards", description=__doc__)
    parser.add_argument("--forms", nargs="*", choices=["meltano", "bare"], default=["meltano"])
    parser.add_argument("--workers", nargs="*", type=int, default=[1, 2, 4, 8])
    parser.add_argument("--shards", type=int, default=16, help="into how many the past is cut")
    parser.add_argument("--each", type=int, default=2, help="shards for each worker")
    parser.add_argument("--latency", type=float, default=2000.0, help="milliseconds")
    parser.add_argument("--scale", type=float, default=18.0, help="1: about 250 jobs")
    parser.add_argument("--costs", action="store_true", help="of a shard without work, too")
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        del os.environ[name]  # nothing of how this machine runs Python
    kept: Json = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with bench(options.shards, options.scale) as one:
        if options.costs:
            kept["costs"] = costs(one)
        set_latency(one.sandbox, options.latency)
        for form in options.forms:
            points = kept.setdefault(f"{form}, {options.latency:g} ms", {})
            for workers in options.workers:
                points[str(workers)] = scaled(one, form, workers, options.each)
            if "1" in points:
                print("\n".join(table(points)), flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
