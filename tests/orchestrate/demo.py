"""``make scale-demo``: two taps' backfills on Airflow with Celery, a worker lost, the next night.

Prints which worker ran which shard when, and compares the warehouse with what the vendors have.
"""

from __future__ import annotations

import signal
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.orchestrate.airflow import Airflow
from tests.orchestrate.company import Company, company
from tests.orchestrate.hosts import Host, isolated
from tests.pipelines.meltano import install
from tests.services.redis import redis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

TAPS = ("tap-flow", "tap-xoi")
NIGHTS = {"tap-flow": ("flow-hourly", "flow-daily"), "tap-xoi": ("xoi-hourly",)}
WORKERS = ("worker-1", "worker-2")
_SHARDS = 16
_AT_ONCE = 3
_SCALE = 0.3
_LATENCY_MS = 100
_PATIENCE_SECONDS = 600
_BEGAN = time.monotonic()


def main() -> int:
    """Run it; 0 only when the warehouse has what the vendors have, after backfills and night."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with ExitStack() as stack:
            return _run(stack)
    except KeyboardInterrupt:
        _say("Interrupted; all that was started has ended.")
        return 130


def _run(stack: ExitStack) -> int:
    _say("Installing the plugins (once) ...")
    install(*TAPS, "target-pg")
    firm = stack.enter_context(company(scale=_SCALE, latency_ms=_LATENCY_MS))
    broker = stack.enter_context(redis())
    database = firm.database("airflow")
    options = {
        "CELERY__BROKER_URL": f"redis://127.0.0.1:{broker}/0",
        "CELERY__RESULT_BACKEND": f"db+{database}",
        "CELERY__WORKER_CONCURRENCY": str(_AT_ONCE),
        "CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
    }
    airflow = Airflow(firm.folder / "airflow", "CeleryExecutor", database, firm.settings, options)
    _say("Starting Airflow: API server, scheduler, DAG processor ...")
    airflow.prepare()
    stack.enter_context(airflow.running())
    where = "each in a network of its own" if isolated() else "as processes of this machine"
    _say(f"Starting two workers, {where} ...")
    ports = [airflow.port, firm.server.port, broker, int(firm.sandbox.url.rpartition(":")[2])]
    workers = [stack.enter_context(_worker(airflow, name, ports)) for name in WORKERS]
    runs = {}
    for tap in TAPS:
        runs[tap] = airflow.trigger(f"backfill_{tap}", shards=_SHARDS, target="target-pg")
        _say(f"Backfill of {tap} in {_SHARDS} shards or fewer: {runs[tap]}")
    _kill_in_the_middle(airflow, workers[0], runs)
    for tap, run in runs.items():
        state = airflow.wait_for(f"backfill_{tap}", run, _PATIENCE_SECONDS)
        _say(f"Backfill of {tap}: {state}")
        _show(airflow, tap, run)
        if state != "success":
            sys.stdout.write(airflow.log(f"backfill_{tap}", run, "store_state")[-3000:])
            return 1
    _nights(airflow)
    wrong = [line for tap in TAPS for line in firm.differences(tap)]
    _tell(firm, "After the backfills, and a run from the state that they stored", wrong)
    was = {tap: firm.rows(tap) for tap in TAPS}
    firm.next_night()
    _nights(airflow)
    later = [line for tap in TAPS for line in firm.differences(tap, was=was[tap])]
    _tell(firm, "After the next night", later)
    return 1 if wrong or later else 0


def _nights(airflow: Airflow) -> None:
    """Run the schedules once."""
    for schedule in (schedule for tap in TAPS for schedule in NIGHTS[tap]):
        night = airflow.trigger(schedule)
        _say(f"A run of {schedule}: {airflow.wait_for(schedule, night, _PATIENCE_SECONDS)}")


@contextmanager
def _worker(airflow: Airflow, name: str, ports: list[int]) -> Iterator[Host]:
    host = Host(
        name,
        [
            str(airflow.programs / "airflow"),
            "celery",
            "worker",
            "--celery-hostname",
            f"{name}@%h",
            "--skip-serve-logs",
        ],
        {**airflow.environment, "C_FORCE_ROOT": "1", "WORKER": name},
        airflow.home / "logs" / f"{name}.log",
        ports,
    )
    try:
        yield host
    finally:
        host.stop()


def _kill_in_the_middle(airflow: Airflow, worker: Host, runs: dict[str, str]) -> None:
    """Kill a worker once a quarter of all shards are complete and it is at work."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        shards = [
            task
            for tap, run in runs.items()
            for task in airflow.tasks(f"backfill_{tap}", run)
            if task["task_id"] == "shard"
        ]
        done = sum(task["state"] == "success" for task in shards)
        busy = [
            task["rendered_map_index"]
            for task in shards
            if task["state"] == "running"
            and (not worker.isolated or task["hostname"] == worker.name)
        ]
        if done >= len(TAPS) * _SHARDS // 4 and busy:
            worker.kill()
            _say(f"kill -9 {worker.name}, with shards at work: {', '.join(map(str, busy))}")
            return
        time.sleep(1)
    msg = "no shard was complete in time"
    raise AssertionError(msg)


def _show(airflow: Airflow, tap: str, run: str) -> None:
    tasks = [task for task in airflow.tasks(f"backfill_{tap}", run) if task["task_id"] == "shard"]
    for task in sorted(tasks, key=lambda task: int(task["map_index"])):
        for each in airflow.tries(f"backfill_{tap}", run, task):
            begin, end = str(each["start_date"])[11:19], str(each["end_date"])[11:19]
            sys.stdout.write(
                f"    {tap} {task['rendered_map_index'] or task['map_index']} "
                f"try {each['try_number']}: {each['hostname'] or '-':<12} "
                f"{begin} to {end} {each['state']}\n"
            )
    sys.stdout.flush()


def _tell(firm: Company, when: str, wrong: list[str]) -> None:
    rows = {tap: sum(rows.total() for rows in firm.rows(tap).values()) for tap in TAPS}
    told = ", ".join(f"{count:,} rows of {tap}" for tap, count in rows.items())
    _say(f"{when}: {told}; {'the warehouse differs:' if wrong else 'all as the vendors have it'}")
    for line in wrong:
        _say(f"    {line[:1000]}")


def _say(text: str) -> None:
    sys.stdout.write(f"{time.monotonic() - _BEGAN:6.1f} s  {text}\n")
    sys.stdout.flush()


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a handler
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
