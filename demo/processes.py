"""The demo's child processes: none of them outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from demo.place import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PATIENCE_SECONDS = 10


@contextmanager
def child(
    command: Sequence[str], *, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process group of its own, and end the whole group at the end.

    Its stdout and stderr come as one stream of lines, ``stdout`` of what is given.
    """
    process = subprocess.Popen(  # noqa: S603  # our own commands
        command,
        cwd=PROJECT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """The lines of a child as they come."""
    out: IO[str] | None = process.stdout
    if out is not None:
        yield from (line.rstrip("\n") for line in out)


def _end(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
