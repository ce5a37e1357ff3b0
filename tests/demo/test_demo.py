"""``make demo`` in a fresh copy of the project: twice, interrupted, and where it can't run."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import psutil
import pytest

from demo.__main__ import HAS_MODELS
from sandbox.vendors import VENDORS
from tests.checkout import check_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.xdist_group("meltano")

_PATIENCE_SECONDS = 240


class Shown(NamedTuple):
    """What a demo printed, and its exit code."""

    text: str
    code: int


class Clone:
    """A copy of the project, where no demo has run yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = check_out(folder)
        self.port = _free_port()

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[str]]:
        """A demo at work."""
        process = subprocess.Popen(  # our own command
            [sys.executable, "-m", "demo"],
            cwd=self.folder,
            env={**os.environ, "SANDBOX_PORT": str(self.port), "COLUMNS": "160"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(_PATIENCE_SECONDS)

    def demo(self) -> Shown:
        """A demo from its beginning to its end."""
        with self.started() as process:
            text, _ = process.communicate(timeout=_PATIENCE_SECONDS)
            return Shown(text, process.returncode)

    def rows(self, table: str) -> int:
        """How many rows a table of the demo's database has."""
        ((count,),) = self.query(f"select count(*) from {table}")  # noqa: S608  # our own name
        return int(count)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the demo's database."""
        with duckdb.connect(str(self.folder / ".demo" / "demo.duckdb"), read_only=True) as database:
            rows: list[tuple[Any, ...]] = database.execute(sql).fetchall()
            return rows


@pytest.fixture(scope="module")
def clone() -> Iterator[Clone]:
    with TemporaryDirectory() as folder:
        yield Clone(Path(folder))


def test_a_taken_port_is_told(clone: Clone) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", clone.port))
        taken.listen()
        shown = clone.demo()
    assert shown.code == 1
    assert "Set SANDBOX_PORT to a free port" in shown.text
    assert "Traceback" not in shown.text


def test_two_runs_load_all_and_then_what_is_new(clone: Clone) -> None:
    first = clone.demo()
    assert first.code == 0, first.text
    loads = _loads(first.text)
    assert {name.split(".")[0] for name in loads} == {f"tap_{vendor}" for vendor in VENDORS}
    assert all(sent == loaded for sent, loaded in loads.values())
    jobs = loads["tap_flow.completed_jobs"][0]
    assert 0 < jobs == clone.rows("tap_flow.completed_jobs")
    assert "Done in" in first.text
    _check_answers(clone, first.text)
    second = clone.demo()
    assert second.code == 0, second.text
    again = _loads(second.text)
    assert 0 < again["tap_flow.completed_jobs"][0] < jobs
    assert clone.rows("tap_flow.completed_jobs") > jobs
    assert "new" in second.text
    _check_answers(clone, second.text)


@pytest.mark.skipif(not HAS_MODELS, reason="dbt-core 1.11 is not for Python 3.14")
def test_a_model_that_fails_is_told(clone: Clone) -> None:
    """The figures would be those of the day before."""
    broken = clone.folder / "dbt" / "models" / "xoi" / "marts" / "xoi_readings.sql"
    text = broken.read_text(encoding="utf-8")
    broken.write_text("select no_such_column", encoding="utf-8")
    shown = clone.demo()
    broken.write_text(text, encoding="utf-8")
    assert shown.code == 1
    assert "Building the models failed" in shown.text
    assert "Which" not in shown.text


def test_another_demo_and_an_interruption_are_told_and_leave_nothing_behind(clone: Clone) -> None:
    with clone.started() as process:
        children = _wait_for(lambda: _working(process.pid))
        other = clone.demo()
        assert other.code == 1
        assert "Another demo is running in this folder" in other.text
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=_PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Interrupted; all of its processes have ended." in text
    assert "Traceback" not in text
    gone, alive = psutil.wait_procs(children, timeout=0)
    assert not alive
    assert gone


def number(cell: str) -> float:
    """A number as the demo shows it."""
    return float(cell.replace(",", ""))


def _check_answers(clone: Clone, text: str) -> None:
    """The three questions have answers, of what the taps have brought by now."""
    if not HAS_MODELS:
        assert "no models were built" in text
        return
    steps, events, readings = (
        [tuple(map(str.strip, row.split("│")[1:-1])) for row in table.splitlines() if "│" in row]
        for table in re.split(r"^(?:Which|How|What) .+\?\s*$", text, flags=re.MULTILINE)[1:]
    )
    taken = clone.query(
        """
        select workflow.name, step.stepId, max(step.stepTitle), count(*)
        from tap_flow.job_steps step join tap_flow.completed_jobs job using (jobId)
        join tap_flow.workflows workflow using (workflowId) group by all
        """
    )
    assert len(steps) == 5
    assert {(name, step, number(count)) for name, step, _, count, _ in steps} <= {
        (name, title, count) for name, _, title, count in taken
    }
    happened = clone.query(
        """
        select workflow.name, count(*)
        from tap_giosg.step_source_data event join tap_giosg.workflows workflow
        on workflow.id = event.workflow_id where event.target = 'default' group by all
        """
    )
    assert {(name, number(count)) for name, count, *_ in events} == {
        (name, count) for name, count in happened if count > 20
    }
    values = dict(
        clone.query(
            """
            select (reference_key, unit), count(*) from tap_xoi.workflow_job_step_values
            where value_type = 'number' group by all
            """
        )
    )
    assert readings
    for key, count, lowest, mean, highest, unit in readings:
        assert number(lowest) <= number(mean) <= number(highest)
        assert 20 < number(count) <= values[key, unit]  # those of deleted jobs are left out


def _working(demo: int) -> list[psutil.Process]:
    """All processes of a demo, once a tap is at work in it."""
    children: list[psutil.Process] = psutil.Process(demo).children(recursive=True)
    for child in children:
        try:
            words = child.cmdline()
        except psutil.Error:
            continue
        if any(Path(word).name == "tap-flow" for word in words[:2]):
            return children
    return []


def _wait_for(condition: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    msg = "no tap began to work"
    raise AssertionError(msg)


def _loads(text: str) -> dict[str, tuple[int, int]]:
    """Rows sent and loaded by table, from the demo's own table."""
    found = re.findall(r"│ (tap_\w+\.\w+) +│ +([\d,]+) │ +([\d,]+) │", text)
    return {
        name: (int(sent.replace(",", "")), int(loaded.replace(",", "")))
        for name, sent, loaded in found
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
