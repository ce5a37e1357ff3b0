"""``python -m benchmarks``: our taps beside their peers, in one run on one machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.arena import Arena
from benchmarks.cases import CASES
from benchmarks.contestants import PEERS_OF_OURS, Ours
from benchmarks.environments import CACHE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.cases import Case
    from benchmarks.contestants import Peer
    from benchmarks.process import Run

RESULTS = CACHE / "results.json"
CONCURRENCY = 8


class InvalidError(Exception):
    """The contestants did not do the same."""


def main() -> int:
    """Run what is asked for; each case that is done is kept."""
    options = _options()
    contestants: list[Ours | Peer] = [
        Ours(),
        *(peer for peer in PEERS_OF_OURS if not options.peers or peer.name in options.peers),
    ]
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }
    results["concurrency"] = CONCURRENCY
    results["titles"] = {contestant.name: contestant.title for contestant in contestants}
    for case in CASES:
        if options.cases and case.name not in options.cases:
            continue
        runs = {
            latency: options.runs if latency == options.latency[0] else options.slow_runs
            for latency in options.latency
        }
        results.setdefault("cases", {})[case.name] = compare(case, contestants, runs)
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1))
    return 0


def compare(
    case: Case, contestants: Sequence[Ours | Peer], runs: Mapping[float, int]
) -> dict[str, Any]:
    """All runs of a case: so many for each latency in ms; processor time is that of the first.

    Raises:
        InvalidError: A contestant brought another number of records than the others.
    """
    few, many = case.records
    first = next(iter(runs))
    folder = CACHE / "runs" / case.name
    found: dict[str, Any] = {
        "title": case.title,
        "at": datetime.now(timezone.utc).isoformat(timespec="minutes"),
        "load": os.getloadavg()[0],
        "contestants": {one.name: {"few": [], "many": {}} for one in contestants},
    }
    with (
        Arena(case, few, folder / "few", concurrency=CONCURRENCY) as small,
        Arena(case, many, folder / "many", concurrency=CONCURRENCY) as large,
    ):
        _agree(case, {one.name: small.run(one) for one in contestants})  # to get warm
        for latency, rounds in runs.items():
            large.latency(latency)
            for number in range(rounds):
                at_large: dict[str, Run] = {}
                for one in contestants:
                    taken = found["contestants"][one.name]
                    at_large[one.name] = large.run(one)
                    taken["many"].setdefault(f"{latency:g}", []).append(asdict(at_large[one.name]))
                    if latency == first:
                        taken["few"].append(asdict(small.run(one)))
                    _tell(case, one, latency, number, at_large[one.name])
                _agree(case, at_large)
    for name, taken in found["contestants"].items():
        print(f"{case.name:8} {name:18} {marginal(taken, f'{first:g}'):8.2f} s / 100 000")
    return found


def marginal(taken: dict[str, Any], latency: str = "0") -> float:
    """CPU seconds for 100 000 records, start-up apart."""
    few, many = taken["few"], taken["many"][latency]
    seconds = median(run["cpu"] for run in many) - median(run["cpu"] for run in few)
    return float(seconds / (many[0]["records"] - few[0]["records"]) * 1e5)


def _agree(case: Case, runs: dict[str, Run]) -> None:
    counts = {name: run.records for name, run in runs.items()}
    if len(set(counts.values())) != 1 or not all(counts.values()):
        msg = f"{case.name}: not the same records: {counts}"
        raise InvalidError(msg)


def _tell(case: Case, one: Ours | Peer, latency: float, number: int, run: Run) -> None:
    print(
        f"{case.name:8} {latency:4g} ms #{number + 1} {one.name:18} wall {run.wall:7.2f} s "
        f"cpu {run.cpu:7.2f} s peak {run.peak:6.1f} MB {run.records} records",
        flush=True,
    )


def cpu_name() -> str:
    """The processor of this machine."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cases", nargs="*", choices=[case.name for case in CASES])
    parser.add_argument("--peers", nargs="*", choices=[peer.name for peer in PEERS_OF_OURS])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--slow-runs", type=int, default=2, help="at all latencies but the first", metavar="RUNS"
    )
    parser.add_argument("--latency", nargs="*", type=float, default=[0, 50, 100], metavar="MS")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
