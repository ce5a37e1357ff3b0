"""Runs the demo: environment, sandbox, four pipelines, models, what arrived, what to do next."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from demo.loads import count_arrivals, read_summary, table_sizes
from demo.place import DATABASE, FOLDER, LOGS, InUseError, Place
from demo.processes import child, lines
from demo.progress import RunProgress
from demo.show import goodbye, queries, result
from sandbox.vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from demo.loads import Load

BIN = Path(sys.executable).parent
MELTANO = str(BIN / "meltano")
MODELS = "dbt-duckdb"
HAS_MODELS = sys.version_info < (3, 14)
"""dbt-core 1.11 is not for Python 3.14."""
PORT = int(os.environ.get("SANDBOX_PORT", "8765"))
_HOURS_BEFORE = 24
"""The first run sees the company as it was yesterday, so that a second one finds a new day."""

_DAYS_OF_HISTORY = 90
"""What the sandbox generates; only reports by date range need to be told where to begin."""

console = Console()


class DemoError(Exception):
    """The demo can't go on; the message says why and what to do."""


def main() -> int:
    """Run the demo; 0 only when every row that was sent arrived."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Place() as place:
            return _run(place)
    except InUseError:
        console.print("[red]Another demo is running in this folder; wait for it to end.[/]")
    except DemoError as error:
        console.print(f"[red]{error}[/]")
    except KeyboardInterrupt:
        console.print("Interrupted; all of its processes have ended.")
        return 130
    return 1


def _run(place: Place) -> int:
    memory = place.recall()
    first = not memory
    began = time.monotonic()
    _install()
    epoch = memory.get("epoch") or (_now() - timedelta(hours=_HOURS_BEFORE)).isoformat()
    with _sandbox(epoch, fresh=first) as url:
        place.remember(epoch=epoch)
        before = table_sizes()
        since = _now()
        start = datetime.fromisoformat(epoch) - timedelta(days=_DAYS_OF_HISTORY)
        loads = _run_pipelines(url, start.date().isoformat())
    count_arrivals(loads, since=since, before=before)
    console.print()  # where there is no terminal, progress ends without a line end
    console.print(result(loads, first=first))
    _check(loads)
    if HAS_MODELS:
        queries(console)
    else:
        console.print("dbt does not run on this version of Python: no models were built.")
    goodbye(console, seconds=time.monotonic() - began, first=first)
    return 0


def _install() -> None:
    """Have Meltano make the plugins' environments, where they are not there yet."""
    mark = FOLDER / "installed"
    names = [*(f"tap-{name}" for name in VENDORS), "target-duck", *([MODELS] if HAS_MODELS else [])]
    stamp = f"{_age('pyproject.toml')} {_age('meltano.yml')} {' '.join(names)}"
    if mark.exists() and mark.read_text(encoding="utf-8") == stamp:
        return
    log = LOGS / "install.log"
    with (
        _with_clock("Installing the taps, the loader and dbt (once) ..."),
        child([MELTANO, "install", *names]) as process,
        log.open("w", encoding="utf-8") as out,
    ):
        out.writelines(f"{line}\n" for line in lines(process))
        if process.wait():
            msg = f"Installing the plugins failed; see {log}"
            raise DemoError(msg)
    mark.write_text(stamp, encoding="utf-8")


def _with_clock(text: str) -> Progress:
    """Shows a text and, on a terminal, how long it has stood there."""
    columns = (SpinnerColumn(), TextColumn(text), TimeElapsedColumn())
    shown = Progress(*columns, console=console, transient=True)
    shown.add_task(text, total=None)
    return shown


@contextmanager
def _sandbox(epoch: str, *, fresh: bool) -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--port", str(PORT), "--epoch", epoch]
    command += ["--now", epoch] if fresh else []
    # Where both ends of an interval count, rows on an edge come twice, with one key: right, but
    # then rows sent and rows loaded could not be compared.
    command += ["--variant", "giosg.edges=half_open"]
    with child(command) as process:
        for line in lines(process):
            if line.startswith("http"):
                yield line.strip()
                return
            msg = f"The sandbox did not start: {line}. Set SANDBOX_PORT to a free port."
            raise DemoError(msg)
        msg = "The sandbox ended before it listened."
        raise DemoError(msg)


def _run_pipelines(url: str, start_date: str) -> list[Load]:
    """Run the four pipelines one after the other (DuckDB has one writer), then dbt's models.

    Shows how they go.
    """
    taps = [f"tap-{name}" for name in VENDORS]
    plugins = [*taps, *([MODELS] if HAS_MODELS else [])]
    output: dict[str, list[str]] = {plugin: [] for plugin in plugins}
    blocks = [name for tap in taps for name in (tap, "target-duck")]
    blocks += [f"{MODELS}:build"] if HAS_MODELS else []
    env = {
        "SANDBOX_URL": url,
        "SANDBOX_START_DATE": start_date,
        "DEMO_DATABASE": str(DATABASE),
        "TARGET_DUCK_PATH": str(DATABASE),
        "DBT_TARGET_PATH": str(FOLDER / "dbt"),
        "DBT_LOG_PATH": str(LOGS),
        # Bookmarks go with the data that they speak of.
        "MELTANO_DATABASE_URI": f"sqlite:///{FOLDER / 'meltano.db'}",
        "NO_COLOR": "1",
        "FORCE_COLOR": "",
    }
    log = LOGS / "run.log"
    work = RunProgress(plugins)
    with (
        child([MELTANO, "--environment=sandbox", "run", *blocks], env=env) as process,
        log.open("w", encoding="utf-8") as out,
        Live(console=console, refresh_per_second=8, get_renderable=work.table),
    ):
        for line in lines(process):
            out.write(f"{line}\n")
            work.see(line)
            for plugin in plugins:
                if f" {plugin} " in line:
                    output[plugin].append(line)
        code = process.wait()
    if code:
        models = output.get(MODELS)  # they come last
        msg = f"{'Building the models' if models else 'A pipeline'} failed; see {log}"
        raise DemoError(msg)
    return [load for name in VENDORS for load in read_summary(name, output[f"tap-{name}"])]


def _check(loads: list[Load]) -> None:
    lost = [load for load in loads if load.sent != load.loaded or load.status != "complete"]
    if lost:
        names = ", ".join(load.table for load in lost)
        msg = f"What was sent and what was loaded differ: {names}. Logs are in {LOGS}."
        raise DemoError(msg)


def _age(name: str) -> str:
    return str((FOLDER.parent / name).stat().st_mtime_ns)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a handler
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
