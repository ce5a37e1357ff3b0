"""Runs taps' commands in processes of their own, so quickly that they can be killed many times.

They tell each bookmark at once and hardly pause before they try again: interruptions find more.
The processes are forks of one that has imported everything.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import tap_kit.http.client
import tap_kit.state
import tap_kit.tap
from tap_kit.cli import run
from tap_kit.clock import parse_time
from tests.behaviours.taps import TAPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path
    from typing import IO

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@contextmanager
def started(
    command: Sequence[str], now: str, folder: Path, env: Mapping[str, str]
) -> Iterator[tuple[ForkServerProcess, IO[bytes]]]:
    """A tap at work and its stdout; its stderr goes to the file ``stderr``.

    Args:
        command: Name and arguments, as from :func:`tests.singer.arguments`.
        now: The moment at which the tap believes to run.
        folder: For the pipe and stderr.
        env: Variables beyond those of the tests.
    """
    pipe = folder / "stdout"
    if not pipe.exists():
        os.mkfifo(pipe)
    process = _FORKS.Process(target=_work, args=(command, now, folder, env), daemon=True)
    process.start()
    try:
        with pipe.open("rb") as stdout:
            yield process, stdout
        process.join(60)
    finally:
        process.kill()
        process.join()


def _work(command: Sequence[str], now: str, folder: Path, env: Mapping[str, str]) -> None:
    os.environ.update(env)
    for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, stream.fileno())
        os.close(file)
    moment = parse_time(now)
    changes: dict[Any, dict[str, Any]] = {
        tap_kit.tap: {"utc_now": lambda: moment},
        tap_kit.state: {"RECORDS_BETWEEN": 0},
        tap_kit.http.client: {"_LONGEST_BACKOFF": 0.01},
    }
    for module, values in changes.items():
        for name, value in values.items():
            setattr(module, name, value)
    sys.argv = [*command]
    (tap,) = (case.tap for case in TAPS if command[0].endswith(case.name))
    run(tap)
