"""Runs taps' commands in processes of their own, so quickly that they can be killed many times.

They tell each bookmark at once and hardly pause before they try again: interruptions find more.
The processes are forks of one that has imported everything.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import tap_kit.engine.state
import tap_kit.http.retry
from tap_kit.cli import run
from tap_kit.tap import KitTap
from tap_kit.time.clock import parse_time
from tests.behaviours.taps import TAPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path
    from typing import IO

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@contextmanager
def started(
    command: Sequence[str],
    now: str,
    folder: Path,
    env: Mapping[str, str],
    *,
    unbuffered: bool = False,
    blocking: bool = True,
) -> Iterator[tuple[ForkServerProcess, IO[bytes]]]:
    """A tap at work and its stdout; its stderr goes to the file ``stderr``.

    Args:
        command: Name and arguments, as from :func:`tests.singer.arguments`.
        now: The moment at which the tap believes to run.
        folder: For stderr.
        env: Variables beyond those of the tests.
        unbuffered: Stdout is a raw file, as ``PYTHONUNBUFFERED=1`` makes it.
        blocking: Stdout waits for its reader.
    """
    reader, writer = _FORKS.Pipe(duplex=False)
    os.set_blocking(writer.fileno(), blocking)
    process = _FORKS.Process(
        target=_work,
        args=(command, now, folder, env, writer),
        kwargs={"unbuffered": unbuffered},
        daemon=True,
    )
    process.start()
    writer.close()
    try:
        with os.fdopen(os.dup(reader.fileno()), "rb") as stdout:
            reader.close()
            yield process, stdout
        process.join(60)
    finally:
        process.kill()
        process.join()


def _work(
    command: Sequence[str],
    now: str,
    folder: Path,
    env: Mapping[str, str],
    stdout: Connection,
    *,
    unbuffered: bool,
) -> None:
    os.environ.update(env)
    os.dup2(stdout.fileno(), sys.stdout.fileno())
    stdout.close()
    if unbuffered:
        raw = io.FileIO(sys.stdout.fileno(), "w", closefd=False)
        sys.stdout = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    with (folder / "stderr").open("wb") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    moment = parse_time(now)
    changes: dict[Any, dict[str, Any]] = {
        KitTap: {"clock": staticmethod(lambda: moment)},
        tap_kit.engine.state: {"RECORDS_BETWEEN": 0},
        tap_kit.http.retry: {"LONGEST_BACKOFF": 0.01},
    }
    for owner, values in changes.items():
        for name, value in values.items():
            getattr(owner, name)  # one that was renamed must not go unnoticed
            setattr(owner, name, value)
    sys.argv = [*command]
    (tap,) = (case.tap for case in TAPS if command[0].endswith(case.name))
    run(tap)
