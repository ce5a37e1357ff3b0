"""``python -m benchmarks.report``: the page of results, from what the comparison kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.environments import CACHE
from benchmarks.plot import Panel, bars, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Json = dict[str, Any]
HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "pages" / "benchmark.md"
PLOT = PAGE.parent / "assets" / "benchmark.svg"
GROWTH_PLOT = PLOT.with_name("growth.svg")
RECORDS = 100_000

_TEXT = """# Benchmark

Our taps beside a plain singer-sdk tap, singer-python, dlt's `rest_api` source (extract only) and
an airbyte-cdk low-code source, against the sandbox: same requests, same bytes, same number of
records, each contestant a process of its own. `make bench` repeats it on your machine.

CPU is user and system time of the whole process. "CPU for 100 000 records" is marginal: the
difference between a large and a small run, divided by the difference in records, so start-up is
apart. Values are medians of {runs} runs ({slow_runs} with latency), the range in brackets. Requests
in flight: {concurrency}, for those who can. The sandbox answers equal requests from memory, so that
it takes little of the machine from its clients.

How to read it fairly: all taps ask for all fields and write them. Ours checks every record against
its schema, makes streams of their own out of steps, takes signatures out of links and, for CSV,
computes a `row_id`; its peers don't. Peers keep steps nested, and jobs are what is counted for all.
dlt writes its extracted files and doesn't normalize or load. Peak memory is not told apart below
what the measuring process has itself, about 55 MB.

Machine: {cpu}, {cores} cores shared with other work, {system}, Python {python}; load at the
beginning of a case {loads}.
"""


_WHERE = """## Where our time goes

Measured apart from the comparison, one thread, medians of 200, a page of 100 jobs with 813 steps
(540 KB): decoding into rows that are typed by the schema 0.9 ms, looking whether numbers are such
0.2 ms, putting steps apart 0.3 ms, encoding messages 1.0 ms, looking for signed links and dates
that are not set 0.3 ms, for characters that some readers take for the end of a line 0.1 ms. The
general way (dictionaries) takes 1.7 ms for decoding, 0.5 ms for checking, 1.3 ms for encoding. The
rest of a page is its way through sockets, threads and the pipe, with caches that are cold.

One object per request, measured in one minute, CPU for a request: http.client alone 0.15 ms,
urllib3 0.23 ms, our client with limits, retries and JSON 0.32 ms, a session of `requests` 0.81 ms.
Since answers are read with llhttp our client takes about two thirds of that. What is missing to the
figure above are eight threads that wait for each other. Of a CSV row's time, about 40 % goes to its
`row_id`, 20 % to reading CSV, 6 % to writing messages.

What was changed, each with the same data before and after: rows of large answers are typed, not
dictionaries (a fifth less CPU for 30 000 jobs); numbers are passed on as the vendor wrote them;
records wait as lines of JSON, and threads share freed memory (with a slow reader a million rows
took 132 MB, now 109); Python's cycle collector rarely looks at records (it took a third of the
samples of a run); URLs and pools are still those of `requests`, but its `send` is
passed by. What brought nothing: a longer switch interval of threads, decoding a page job by job so
that it stays in the cache, another form of `row_id` without a look at the gaps of a row.
"""


def main() -> int:
    """Write the page."""
    results = json.loads((CACHE / "results.json").read_text())
    grown = _kept("growth")
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join([*_page(results), *growth(grown)]))
    if grown:
        GROWTH_PLOT.write_text(lines([panel(curve) for curve in grown.values()]))
    PLOT.write_text(
        bars(
            {
                case["title"]: {
                    name: median(marginal_range(taken))
                    for name, taken in case["contestants"].items()
                }
                for case in results["cases"].values()
            }
        )
    )
    return 0


def marginal_range(taken: Json, latency: str = "0") -> list[float]:
    """CPU seconds for 100 000 records of each pair of runs."""
    few, many = taken["few"], taken["many"][latency]
    return [
        (large["cpu"] - small["cpu"]) / (large["records"] - small["records"]) * RECORDS
        for small, large in zip(few, many, strict=False)
    ]


def _page(results: Json) -> Iterator[str]:
    cases = results["cases"]
    some = next(iter(cases.values()))["contestants"]["ours"]
    yield _TEXT.format(
        **results["machine"],
        runs=len(some["few"]),
        slow_runs=min(map(len, some["many"].values())),
        concurrency=results["concurrency"],
        loads=", ".join(f"{case['load']:.1f}" for case in cases.values()),
    )
    yield "![CPU seconds for 100 000 records, by contestant](assets/benchmark.svg)\n"
    yield "Versions: " + ", ".join(results["titles"].values()) + ".\n"
    for case in cases.values():
        yield f"## {case['title'][0].upper()}{case['title'][1:]}\n"
        yield from _cpu_table(case)
        yield from _wall_table(case)
    yield _WHERE
    yield from _evidence(_kept("evidence"))


def _kept(name: str) -> Json:
    """What was measured apart from the comparison; empty if it was not."""
    path = CACHE / f"{name}.json"
    kept: Json = json.loads(path.read_text()) if path.exists() else {}
    return kept


def _evidence(found: Json) -> Iterator[str]:
    if not found:
        return
    yield "## Our taps alone\n"
    yield (
        "One run each, start-up included, discovery not; `python -m benchmarks.evidence` repeats "
        "them.\n"
    )
    for measure in found.values():
        yield f"{measure['title']}\n"
        yield from _table(
            ("", "records", "wall s", "CPU s", "peak MB"),
            [
                (
                    run["run"],
                    _grouped(run["records"]),
                    *(str(run[figure]) for figure in ("wall", "cpu", "peak")),
                )
                for run in measure["runs"]
            ],
        )


def growth(curves: Json) -> Iterator[str]:
    """The section on growth; nothing if nothing was measured."""
    if not curves:
        return
    yield "## Growth\n"
    yield (
        "Our taps at several sizes, start-up included, discovery not; medians of three runs where\n"
        "one takes less than 10 s. Start-up, factor and exponent are fitted together, by least\n"
        "squares of relative errors: 1 is a cost in proportion, apart from start-up.\n"
        "`python -m benchmarks.growth` repeats it.\n"
    )
    yield "![Cost by size, both scales logarithmic](assets/growth.svg)\n"
    for curve in curves.values():
        yield f"{curve['title']}: exponent **{curve['fit']['exponent']:.2f}**. Fitted:\n"
        yield f"{formula(curve)}, within {curve['fit']['deviation']:.0%} of every row.\n"
        figures = [figure for figure in _FIGURES if figure[0] in curve["points"][0]]
        yield from _table(
            (curve["axis"], *(title for _, title, _ in figures), "runs"),
            [
                (
                    _grouped(point["size"]),
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
        rows.append((name, _spread(seconds), times, _spread(start), f"{peak:.0f}"))
    header = ("", "CPU s / 100 000", "times ours", "CPU s of a small run", "peak MB")
    yield from _table(header, rows)


def _wall_table(case: Json) -> Iterator[str]:
    latencies = list(case["contestants"]["ours"]["many"])
    records = case["contestants"]["ours"]["many"][latencies[0]][0]["records"]
    header = ("", *(f"wall s, {latency} ms latency" for latency in latencies))
    rows = [
        (name, *(_spread([run["wall"] for run in taken["many"][at]]) for at in latencies))
        for name, taken in case["contestants"].items()
    ]
    yield f"{_grouped(records)} records:\n"
    yield from _table(header, rows)


def _spread(values: Iterable[float]) -> str:
    ordered = sorted(values)
    middle = f"{median(ordered):.2f}"
    return middle if len(ordered) == 1 else f"{middle} ({ordered[0]:.2f}-{ordered[-1]:.2f})"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|---|" + "---:|" * (len(header) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


if __name__ == "__main__":
    sys.exit(main())
