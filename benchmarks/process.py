"""One run of one contestant, as a process of its own: what it took and what it brought."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took.

    Attributes:
        wall: Seconds from its start to its end.
        cpu: User and system seconds of the process and its children.
        peak: Peak resident memory in MB (10^6 bytes).
        records: What the harness counted in its output.
        bytes_out: Length of its output.
    """

    wall: float
    cpu: float
    peak: float
    records: int
    bytes_out: int


class ContestantError(Exception):
    """A contestant failed."""


def run(
    command: Sequence[str],
    pattern: bytes,
    *,
    log: Path,
    timeout: float = 1800.0,
) -> Run:
    """Run a command to its end, drain what it writes and count lines.

    Args:
        command: Program and arguments.
        pattern: What a line begins with that counts; a group ``n``, where there is one, says how
            many records the line stands for.
        log: Takes stderr.
        timeout: Seconds after which it is ended.

    Raises:
        ContestantError: It left with another code than 0.
    """
    counted = _Counter(pattern)
    # Nothing of how this machine runs Python (unbuffered, ...) for the contestants.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with log.open("wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=env)
        timer = threading.Timer(timeout, process.send_signal, [signal.SIGKILL])
        timer.start()
        assert process.stdout is not None  # noqa: S101  # a pipe was asked for
        with process.stdout as stdout:
            while chunk := os.read(stdout.fileno(), _CHUNK):
                counted.feed(chunk)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text(errors="replace")[-2000:]
        msg = f"{' '.join(command)} left with {process.returncode}: {tail}"
        raise ContestantError(msg)
    return Run(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss * 1024 / 1e6,
        records=counted.records,
        bytes_out=counted.bytes,
    )


class _Counter:
    """Counts lines by what they begin with, without taking the rest of them apart."""

    def __init__(self, pattern: bytes) -> None:
        self._pattern = re.compile(rb"^" + pattern, re.MULTILINE)
        self._many = "n" in self._pattern.groupindex
        self._rest = b""
        self.records = 0
        self.bytes = 0

    def feed(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        whole, newline, rest = (self._rest + chunk).rpartition(b"\n")
        self._rest = rest
        if not newline:
            return
        found = self._pattern.finditer(whole)
        self.records += sum(int(line["n"]) if self._many else 1 for line in found)
