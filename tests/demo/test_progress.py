"""What the demo shows while Meltano runs."""

from __future__ import annotations

from rich.console import Console

from demo.progress import RunProgress

_END = "2026-11-29T21:57:23Z [info     ] meltano      Block run completed"


class Clock:
    """Seconds that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_plugin_tells_what_it_does_and_since_when() -> None:
    clock = Clock()
    progress = RunProgress(["tap-flow", "tap-xoi", "dbt-duckdb"], clock=clock)
    assert _shown(progress) == [
        "tap-flow starting ... 0:00",
        "tap-xoi to come",
        "dbt-duckdb to come",
        "0:00",
    ]
    clock.now += 12
    progress.see("now [info ] tap-flow     stream jobs: 10 s, 3000 records (300/s), 9 req")
    progress.see("now [info ] tap-xoi      stream users: 1 records, complete")  # not its turn
    assert _shown(progress)[0] == "tap-flow jobs: 3,000 records ... 0:12"
    progress.see("now [info ] tap-flow     stream jobs: 4100 records, complete")
    progress.see("now [info ] tap-flow     stream groups: 14 records, complete")
    clock.now += 47.9
    progress.see(_END)
    clock.now += 5
    assert _shown(progress) == [
        "tap-flow 4,114 records of 2 streams 0:59",
        "tap-xoi starting ... 0:05",
        "dbt-duckdb to come",
        "1:04",
    ]
    progress.see(_END)
    progress.see("now [info ] dbt-duckdb   21:57:38  3 of 214 START test a_key [RUN]")
    progress.see("now [info ] dbt-duckdb   21:57:38  3 of 214 PASS a_key [PASS in 1s]")
    assert _shown(progress)[2] == "dbt-duckdb 3 of 214 models and tests ... 0:00"
    progress.see(_END)
    clock.now += 5
    assert _shown(progress)[1:] == [
        "tap-xoi 0 records of 0 streams 0:05",
        "dbt-duckdb 214 models and tests 0:00",
        "1:09",
    ]


def test_it_fits_a_terminal_of_80_columns() -> None:
    progress = RunProgress(["tap-crewmojo"])
    progress.see(f"now [info ] tap-crewmojo stream {'a' * 100}: 1234567 records, complete")
    console = Console(width=80)
    with console.capture() as capture:
        console.print(progress.table())
    lines = capture.get().splitlines()
    assert len(lines) == 2
    assert lines[0].rstrip().endswith("0:00")


def _shown(progress: RunProgress) -> list[str]:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(progress.table())
    return [" ".join(line.split()) for line in capture.get().splitlines()]
