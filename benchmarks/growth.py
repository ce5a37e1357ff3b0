"""``python -m benchmarks.growth``: how the cost of our taps grows with what they are given.

Each curve runs one tap at several sizes against the sandbox, measured as a whole process, and fits
an exponent: 1 is a cost in proportion, 2 would be quadratic. ``--quick`` takes the three cheapest
sizes of each, to see that everything runs: it keeps nothing, and its exponents mean nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median, median_low
from typing import TYPE_CHECKING, Any

from benchmarks.environments import CACHE
from benchmarks.evidence import Tap, days_ago
from benchmarks.server import SandboxProcess, set_latency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from benchmarks.process import Run

Json = dict[str, Any]

RESULTS = CACHE / "growth.json"
QUICK = 3
CHEAP = 30.0
"""Seconds of wall time below which a size is run in every round."""
ROUNDS = 3
PAIRS = 640
LATENCY = 100.0
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One tap at several sizes.

    Attributes:
        name: As on the command line.
        title: What is run.
        axis: What a size counts.
        sizes: Cheapest first. Where the cost grows, the first is nearly nothing, so that it shows
            the start-up.
        at: Makes ready for a size, given a folder for files; enters with what runs the tap once.
        cost: Which figure of a run the exponent is of: ``cpu`` or ``wall``, both in seconds.
        counted: Whether the records that come are the size, as it is met only about.
        falling: Whether the cost falls as the size grows: with ``size ** -exponent``.
        ideal: Seconds that the cost would be at a size without any overhead, where that is known.
    """

    name: str
    title: str
    axis: str
    sizes: tuple[int, ...]
    at: Callable[[Path, int], AbstractContextManager[Callable[[], Run]]]
    cost: str = "cpu"
    counted: bool = False
    falling: bool = False
    ideal: Callable[[int], float] | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """``cost = start + factor * size ** exponent``.

    Attributes:
        start: Seconds that are there whatever the size; with more in flight, what can't overlap.
        factor: Seconds at size 1, start apart.
        exponent: How the rest grows.
        deviation: How far the measured cost is from the fitted one, as a part of the measured one,
            at the worst size.
    """

    start: float
    factor: float
    exponent: float
    deviation: float


def fit(points: Sequence[tuple[float, float]]) -> Fit:
    """The power law with a start-up that is nearest to what was measured.

    A straight line through logarithms alone takes start-up for slow growth. Taking a measured
    start-up off first leaves, at small sizes, a difference of two nearly equal numbers, which is
    noise or even below zero, and its logarithm would weigh as much as that of the largest size. So
    start, factor and exponent are fitted together, and what is least is the sum of squares of
    relative errors of the whole cost: as in logarithms every size weighs the same, but where
    start-up prevails a size says only what the start-up is. For a given exponent start and factor
    are linear and have a closed form (neither may be negative); the exponent is searched.

    Args:
        points: Sizes and costs in seconds, above 0; at least three sizes.

    Raises:
        ValueError: There are too few sizes.
    """
    if len({size for size, _ in points}) < 3:  # noqa: PLR2004  # as many as what is fitted
        msg = "a fit of start, factor and exponent takes three sizes"
        raise ValueError(msg)
    largest = max(size for size, _ in points)
    scaled = [(size / largest, cost) for size, cost in points]
    grid = [step / 20 for step in range(1, 81)]
    near = min(grid, key=lambda exponent: _error(scaled, exponent))
    exponent = _least(lambda exponent: _error(scaled, exponent), near - 0.05, near + 0.05)
    start, factor = _linear(scaled, exponent)
    return Fit(
        start,
        factor / largest**exponent,
        exponent,
        max(abs(error) for error in _errors(scaled, exponent)),
    )


def _linear(points: Iterable[tuple[float, float]], exponent: float) -> tuple[float, float]:
    """Start and factor of least relative squares, neither below 0."""
    aa = ab = bb = a1 = b1 = 0.0
    for size, cost in points:
        a, b = 1 / cost, size**exponent / cost
        aa, ab, bb, a1, b1 = aa + a * a, ab + a * b, bb + b * b, a1 + a, b1 + b
    determinant = aa * bb - ab * ab
    start, factor = a1 * bb - b1 * ab, b1 * aa - a1 * ab
    if start < 0 or determinant <= 0:
        return 0.0, b1 / bb
    if factor < 0:
        return a1 / aa, 0.0
    return start / determinant, factor / determinant


def _errors(points: Sequence[tuple[float, float]], exponent: float) -> Iterator[float]:
    start, factor = _linear(points, exponent)
    for size, cost in points:
        yield (start + factor * size**exponent - cost) / cost


def _error(points: Sequence[tuple[float, float]], exponent: float) -> float:
    return sum(error * error for error in _errors(points, exponent))


def _least(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is least, by thirds."""
    while high - low > 1e-9:  # noqa: PLR2004  # far below what a measurement can tell
        third = (high - low) / 3
        if function(low + third) < function(high - third):
            high -= third
        else:
            low += third
    return (low + high) / 2


@contextmanager
def csv_rows(folder: Path, rows: int) -> Iterator[Callable[[], Run]]:
    """Rows of CSV in one answer."""
    with SandboxProcess("crewmojo", options={}) as sandbox:
        report = {"report": f"bench.rows.{rows}", "format": "csv", "date_range": False}
        tap = Tap("crewmojo", sandbox, folder, "bench_rows")
        yield partial(tap.run, reports=[{**report, "name": "bench_rows"}])


@contextmanager
def flow_records(folder: Path, records: int) -> Iterator[Callable[[], Run]]:
    """About so many completed jobs, steps and attachments together.

    The sandbox answers from memory: beside a server that makes a million records on the same two
    cores, the tap takes a sixth to a third more CPU for the same work, which is no cost of its own.
    """
    options = {"scale": records / _RECORDS_AT_SCALE_1}
    with SandboxProcess("flow", options=options, remember=True, stopped=True) as sandbox:
        tap = Tap("flow", sandbox, folder, "completed_jobs", "job_steps", "job_attachments")
        once = partial(tap.run, start_date=days_ago(sandbox, 92), window="week", concurrency=4)
        once()
        yield once


_RECORDS_AT_SCALE_1 = 3126


@contextmanager
def partitions(folder: Path, count: int) -> Iterator[Callable[[], Run]]:
    """Event rows of so many partitions, about three each, with a bookmark each."""
    options = {"variant": f"giosg.shape=partitions_{count}"}
    with SandboxProcess("giosg", options=options) as sandbox:
        tap = Tap("giosg", sandbox, folder, "step_source_data")
        yield partial(tap.run, window="year")


@contextmanager
def in_flight(folder: Path, concurrency: int) -> Iterator[Callable[[], Run]]:
    """The same reports, one request each, with so many requests at a time."""
    with SandboxProcess("xoi", options={"scale": PAIRS / 320}) as sandbox:
        tap = Tap("xoi", sandbox, folder, "workflow_job_reports")
        pairs = [
            {"job_id": report["jobId"], "workflow_job_id": report["workflowJobId"]}
            for report in sandbox.truth("xoi", "workflow_job_reports")[:PAIRS]
        ]
        set_latency(sandbox, LATENCY)
        yield partial(
            tap.run,
            workflow_job_source="config",
            workflow_jobs=pairs,
            concurrency=concurrency,
        )


CURVES = (
    Curve(
        "csv_rows",
        "tap-crewmojo, rows of CSV in one answer",
        "rows",
        (1, 1_000, 10_000, 100_000, 1_000_000),
        csv_rows,
        counted=True,
    ),
    Curve(
        "flow_records",
        "tap-flow, jobs with steps and attachments",
        "records",
        (30, 1_000, 10_000, 100_000, 1_000_000),
        flow_records,
        counted=True,
    ),
    Curve(
        "partitions",
        "tap-giosg, partitions with a bookmark each",
        "partitions",
        (10, 100, 1_000, 10_000),
        partitions,
    ),
    Curve(
        "in_flight",
        f"tap-xoi, {PAIRS} reports at {LATENCY:g} ms latency",
        "requests in flight",
        (32, 16, 8, 4, 2, 1),
        in_flight,
        cost="wall",
        falling=True,
        ideal=lambda concurrency: LATENCY / 1000 * PAIRS / concurrency,
    ),
)


def measure(curve: Curve, sizes: Sequence[int]) -> Json:
    """A curve as it is kept: points in the order of their sizes, and the fit."""
    runs = _in_turn(curve, sizes)
    points = sorted(
        (_point(curve, size, taken) for size, taken in runs.items()),
        key=lambda point: point["size"],
    )
    fitted = fit([(_abscissa(curve, point["size"]), point[curve.cost]) for point in points])
    print(curve.name, fitted, flush=True)
    return {
        "title": curve.title,
        "axis": curve.axis,
        "cost": curve.cost,
        "falling": curve.falling,
        "points": points,
        "fit": asdict(fitted),
    }


def _abscissa(curve: Curve, size: int) -> float:
    return 1 / size if curve.falling else size


def _in_turn(curve: Curve, sizes: Sequence[int]) -> dict[int, list[Run]]:
    """Runs of each size, in rounds over all: a machine is not as fast at all times."""
    runs: dict[int, list[Run]] = {size: [] for size in sizes}
    with ExitStack() as stack:
        made = {}
        for size in sizes:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            made[size] = stack.enter_context(curve.at(Path(folder), size))
        for _ in range(ROUNDS):
            for size, once in made.items():
                if not runs[size] or runs[size][0].wall < CHEAP:
                    runs[size].append(once())
                    print(curve.name, size, runs[size][-1], flush=True)
    return runs


def _point(curve: Curve, size: int, runs: Sequence[Run]) -> Json:
    records = median_low(run.records for run in runs)
    point = {
        "size": records if curve.counted else size,
        "runs": len(runs),
        "records": records,
        "wall": round(median(run.wall for run in runs), 3),
        "cpu": round(median(run.cpu for run in runs), 3),
        "peak": round(median(run.peak for run in runs), 1),
    }
    return {**point, "ideal": round(curve.ideal(size), 3)} if curve.ideal else point


def main() -> int:
    """Take the curves that are asked for; print and keep them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    names = [curve.name for curve in CURVES]
    parser.add_argument("--curves", nargs="*", choices=names, default=names)
    parser.add_argument("--quick", action="store_true", help="three cheap sizes; keeps nothing")
    options = parser.parse_args()
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for curve in CURVES:
        if curve.name not in options.curves:
            continue
        kept[curve.name] = measure(curve, curve.sizes[: QUICK if options.quick else None])
        if not options.quick:
            RESULTS.parent.mkdir(parents=True, exist_ok=True)
            RESULTS.write_text(json.dumps(kept, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
