"""``python -m benchmarks.pipeline.report``: the page's first part and its plot."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.page import ASSETS, grouped, renew, spread, table
from benchmarks.pipeline.__main__ import RESULTS
from benchmarks.pipeline.pipelines import PIPELINES
from benchmarks.pipeline.vendor import NIGHTS
from benchmarks.plot import bars

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
Runs = dict[tuple[str, str, str], list[Json]]
"""Runs by warehouse, pipeline and night."""

PLOT = ASSETS / "pipeline.svg"
FIRST, AFTER = NIGHTS


def main() -> int:
    """Write both."""
    results = json.loads(RESULTS.read_text())
    runs: Runs = defaultdict(list)
    for taken in results["rounds"]:
        for run in taken["runs"]:
            runs[run["warehouse"], run["pipeline"], run["night"]].append(run)
    PLOT.write_text(plot(runs))
    renew({"pipeline": _part(results, runs)})
    return 0


def plot(runs: Runs) -> str:
    """Wall seconds of both nights, by warehouse."""
    cases = {
        f"{_title(runs, warehouse, night)}: wall seconds": {
            name: median(run["wall"] for run in runs[warehouse, name, night])
            for name in _names(runs, warehouse)
        }
        for night in NIGHTS
        for warehouse in _warehouses(runs)
    }
    return bars(cases, ours={pipeline.name for pipeline in PIPELINES if pipeline.is_ours})


def _part(results: Json, runs: Runs) -> Iterator[str]:
    yield "![Wall seconds from vendor to warehouse, by pipeline](assets/pipeline.svg)\n"
    for warehouse in _warehouses(runs):
        yield f"### Into {warehouse}\n"
        for night in NIGHTS:
            yield f"{_title(runs, warehouse, night)}:\n"
            yield from _table(runs, warehouse, night)
    machine = results["machine"]
    count = min(len(taken) for taken in runs.values())
    loads = [taken["load"] for taken in results["rounds"]]
    taps = [
        run["peaks"][0] for (_, name, _), taken in runs.items() for run in taken if "target" in name
    ]
    yield (
        f"Medians of {count} runs, the range in brackets. The tap alone took at most "
        f"{max(taps):.0f} MB.\n\nMachine: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}, Python {machine['python']}; load at the beginning of a round "
        f"{min(loads):.1f} to {max(loads):.1f}.\nVersions: {', '.join(results['versions'])}."
    )


def _table(runs: Runs, warehouse: str, night: str) -> Iterator[str]:
    names = _names(runs, warehouse)
    best = median(run["wall"] for run in runs[warehouse, names[0], night])
    has_server = any(run["cpu"]["server"] for run in runs[warehouse, names[0], night])
    parts = {"extraction": "CPU s: extraction", "loading": "loading"}
    if has_server:
        parts["server"] = "database"
    rows = []
    for name in names:
        taken = runs[warehouse, name, night]
        wall = [run["wall"] for run in taken]
        rows.append(
            (
                name,
                spread(wall),
                "" if name == names[0] else f"{median(wall) / best:.1f}",
                *(f"{median(run['cpu'][part] for run in taken):.2f}" for part in parts),
                f"{median(run['peak'] for run in taken):.0f}",
            )
        )
    header = ("", "wall s", f"times {names[0]}", *parts.values(), "peak MB")
    yield from table(header, rows)


def _title(runs: Runs, warehouse: str, night: str) -> str:
    rows = {
        at: next(iter(taken))["rows"]
        for (place, _, at), taken in runs.items()
        if place == warehouse
    }
    if night == FIRST:
        return f"First load into {warehouse}, {grouped(rows[FIRST])} jobs"
    new = rows[AFTER] - rows[FIRST]
    return f"A night after it into {warehouse}, {grouped(new)} new jobs besides edits"


def _warehouses(runs: Runs) -> list[str]:
    return list(dict.fromkeys(warehouse for warehouse, _, _ in runs))


def _names(runs: Runs, warehouse: str) -> list[str]:
    """As they stand in the list of pipelines."""
    found = {name for place, name, _ in runs if place == warehouse}
    return [one.name for one in PIPELINES if one.warehouse == warehouse and one.name in found]


if __name__ == "__main__":
    sys.exit(main())
