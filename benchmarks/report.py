"""``python -m benchmarks.report``: the page of results, from what the comparison kept."""

from __future__ import annotations

import json
import sys
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.environments import CACHE
from benchmarks.page import ASSETS, grouped, renew, spread, table
from benchmarks.plot import Panel, bars, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
PLOT = ASSETS / "benchmark.svg"
GROWTH_PLOT = ASSETS / "growth.svg"
RECORDS = 100_000


def main() -> int:
    """Renew the parts of the page of which there are results."""
    if results := _kept("results"):
        renew({"comparison": _comparison(results)})
        cases = {
            case["title"]: {
                name: median(marginal_range(taken)) for name, taken in case["contestants"].items()
            }
            for case in results["cases"].values()
        }
        PLOT.write_text(bars(cases, ours={"ours"}))
    if found := _kept("evidence"):
        renew({"evidence": _evidence(found)})
    if grown := _kept("growth"):
        renew({"growth": growth(grown)})
        GROWTH_PLOT.write_text(lines([panel(curve) for curve in grown.values()]))
    return 0


def marginal_range(taken: Json, latency: str = "0") -> list[float]:
    """CPU seconds for 100 000 records of each pair of runs."""
    few, many = taken["few"], taken["many"][latency]
    return [
        (large["cpu"] - small["cpu"]) / (large["records"] - small["records"]) * RECORDS
        for small, large in zip(few, many, strict=False)
    ]


def _comparison(results: Json) -> Iterator[str]:
    cases, machine = results["cases"], results["machine"]
    some = next(iter(cases.values()))["contestants"]["ours"]
    loads = ", ".join(f"{case['load']:.1f}" for case in cases.values())
    slow = {min(map(len, case["contestants"]["ours"]["many"].values())) for case in cases.values()}
    yield (
        f"Values are medians of {len(some['few'])} runs ({' or '.join(map(str, sorted(slow)))} "
        "with latency), the range in brackets. Requests\n"
        f"in flight: {results['concurrency']}, for those who can.\n\n"
        f"Machine: {machine['cpu']}, {machine['cores']} cores shared with other work, "
        f"{machine['system']}, Python {machine['python']}; load at the\n"
        f"beginning of a case {loads}.\n"
    )
    yield "![CPU seconds for 100 000 records, by contestant](assets/benchmark.svg)\n"
    yield "Versions: " + ", ".join(results["titles"].values()) + ".\n"
    for case in cases.values():
        yield f"### {case['title'][0].upper()}{case['title'][1:]}\n"
        yield from _cpu_table(case)
        yield from _wall_table(case)


def _kept(name: str) -> Json:
    """What was measured apart from the comparison; empty if it was not."""
    path = CACHE / f"{name}.json"
    kept: Json = json.loads(path.read_text()) if path.exists() else {}
    return kept


def _evidence(found: Json) -> Iterator[str]:
    for measure in found.values():
        yield f"{measure['title']}\n"
        yield from table(
            ("", "records", "wall s", "CPU s", "peak MB"),
            [
                (
                    run["run"],
                    grouped(run["records"]),
                    *(str(run[figure]) for figure in ("wall", "cpu", "peak")),
                )
                for run in measure["runs"]
            ],
        )


def growth(curves: Json) -> Iterator[str]:
    """The figures of growth; nothing if nothing was measured."""
    if not curves:
        return
    yield "![Cost by size, both scales logarithmic](assets/growth.svg)\n"
    for curve in curves.values():
        yield f"{curve['title']}: exponent **{curve['fit']['exponent']:.2f}**. Fitted:\n"
        yield f"{formula(curve)}, within {curve['fit']['deviation']:.0%} of every row.\n"
        figures = [figure for figure in _FIGURES if figure[0] in curve["points"][0]]
        yield from table(
            (curve["axis"], *(title for _, title, _ in figures), "runs"),
            [
                (
                    grouped(point["size"]),
                    *(format(point[name], form) for name, _, form in figures),
                    str(point["runs"]),
                )
                for point in curve["points"]
            ],
        )


_FIGURES = (
    ("wall", "wall s", ".2f"),
    ("ideal", "latency x requests / in flight, s", ".2f"),
    ("cpu", "CPU s", ".2f"),
    ("peak", "peak MB", ".0f"),
)


def formula(curve: Json) -> str:
    """What was fitted, in seconds, as text."""
    fitted = curve["fit"]
    sign = "-" if curve["falling"] else ""
    return (
        f"{_NAMES[curve['cost']]} = {fitted['start']:.2f} + {fitted['factor']:.2g} x "
        f"({curve['axis']})^{sign}{fitted['exponent']:.2f}"
    )


def panel(curve: Json) -> Panel:
    """A curve as drawn: its cost, and what else tells something there."""
    fitted, points = curve["fit"], curve["points"]
    sign = -1 if curve["falling"] else 1
    first, last = points[0]["size"], points[-1]["size"]
    sizes = [first * (last / first) ** (step / 60) for step in range(61)]
    shown = (curve["cost"], "cpu" if curve["cost"] == "wall" else "peak")
    return Panel(
        curve["title"],
        formula(curve),
        curve["axis"],
        {_NAMES[name]: [(point["size"], point[name]) for point in points] for name in shown},
        [
            (size, fitted["start"] + fitted["factor"] * size ** (sign * fitted["exponent"]))
            for size in sizes
        ],
    )


_NAMES = {name: title for name, title, _ in _FIGURES}


def _cpu_table(case: Json) -> Iterator[str]:
    ours = median(marginal_range(case["contestants"]["ours"]))
    rows = []
    for name, taken in case["contestants"].items():
        seconds = marginal_range(taken)
        times = "" if name == "ours" else f"{median(seconds) / ours:.1f}"
        start = [run["cpu"] for run in taken["few"]]
        peak = max(run["peak"] for runs in taken["many"].values() for run in runs)
        rows.append((name, spread(seconds), times, spread(start), f"{peak:.0f}"))
    header = ("", "CPU s / 100 000", "times ours", "CPU s of a small run", "peak MB")
    yield from table(header, rows)


def _wall_table(case: Json) -> Iterator[str]:
    latencies = list(case["contestants"]["ours"]["many"])
    records = case["contestants"]["ours"]["many"][latencies[0]][0]["records"]
    header = ("", *(f"wall s, {latency} ms latency" for latency in latencies))
    rows = [
        (name, *(spread([run["wall"] for run in taken["many"][at]]) for at in latencies))
        for name, taken in case["contestants"].items()
    ]
    yield f"{grouped(records)} records:\n"
    yield from table(header, rows)


if __name__ == "__main__":
    sys.exit(main())
