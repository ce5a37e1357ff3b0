"""One run of a pipeline: programs joined by pipes, and what all of their processes took."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from benchmarks.process import ContestantError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_EVERY = 0.1
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a pipeline took. Memory is looked at every 0.1 s; shared pages count once.

    Attributes:
        wall: Seconds from the start of the first program to the end of the last.
        cpu: By program, user and system seconds of it and its children.
        peaks: By program, peak of resident memory of it and its children in MB (10^6 bytes).
        peak: Peak of all of them together.
        server: User and system seconds of the database's server, where there is one.
        output: What the last program wrote to stdout.
    """

    wall: float
    cpu: list[float]
    peaks: list[float]
    peak: float
    server: float
    output: str


def run(
    commands: Sequence[Sequence[str]],
    folder: Path,
    *,
    server_cpu: Callable[[], float],
    timeout: float = 600.0,
) -> Taken:
    """Run programs, each writing to the next one, to their end.

    Args:
        commands: The programs with their arguments.
        folder: Takes what they write to stderr, and what the last one writes to stdout.
        server_cpu: Tells the processor time of the database's server up to now.
        timeout: Seconds after which they are ended.

    Raises:
        ContestantError: One left with another code than 0.
    """
    # Nothing of how this machine runs Python (unbuffered, ...) for the contestants.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    out = folder / "stdout"
    before = server_cpu()
    processes: list[subprocess.Popen[bytes]] = []
    with out.open("wb") as last:
        began = time.monotonic()
        for number, command in enumerate(commands):
            with (folder / f"{number}.log").open("wb") as errors:
                process = subprocess.Popen(
                    command,
                    stdin=processes[-1].stdout if processes else subprocess.DEVNULL,
                    stdout=last if number == len(commands) - 1 else subprocess.PIPE,
                    stderr=errors,
                    cwd=folder,
                    env=env,
                )
            if processes:
                reading = processes[-1].stdout
                assert reading is not None  # noqa: S101  # a pipe was asked for
                reading.close()
            processes.append(process)
        watch = _Watch([process.pid for process in processes])
        timer = threading.Timer(timeout, _kill, [processes])
        timer.start()
        usages = []
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            usages.append(usage)
        wall = time.monotonic() - began
        timer.cancel()
    watch.end()
    for number, process in enumerate(processes):
        if process.returncode:
            tail = (folder / f"{number}.log").read_text(errors="replace")[-3000:]
            msg = f"{' '.join(commands[number])} left with {process.returncode}: {tail}"
            raise ContestantError(msg)
    return Taken(
        wall=wall,
        cpu=[usage.ru_utime + usage.ru_stime for usage in usages],
        peaks=watch.peaks,
        peak=watch.peak,
        server=server_cpu() - before,
        output=out.read_text(),
    )


def cpu_of_all(pid: int) -> float:
    """User and system seconds of a process and all below it, those that have ended too."""
    spent = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent += times.user + times.system + times.children_user + times.children_system
    return spent


def _kill(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)


class _Watch:
    """Looks at the memory of processes and of those below them while they run."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.peaks = [0.0] * len(pids)
        self.peak = 0.0
        self._pids = pids
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> None:
        """Stop looking."""
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(_EVERY):
            found = [_memory(pid) / 1e6 for pid in self._pids]
            self.peaks = list(map(max, self.peaks, found))
            self.peak = max(self.peak, sum(found))


def _memory(pid: int) -> int:
    found = 0
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
                found += process.memory_full_info().pss
    return found
