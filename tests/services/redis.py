"""A Redis server of the tests' own: found or installed, without data on disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.services.debian import install

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_SECONDS = 20


@contextmanager
def redis() -> Iterator[int]:
    """Run a server on a free port of this machine; gives the port.

    Raises:
        RuntimeError: Redis is neither there nor can it be installed, or does not listen.
    """
    if not shutil.which("redis-server"):
        install("redis-server")
    program = shutil.which("redis-server")
    if not program:
        msg = "redis-server is not to be found; install Redis"
        raise RuntimeError(msg)
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen(  # noqa: S603  # Redis, with our own options
        [*command, "--save", "", "--appendonly", "no"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    msg = "redis-server does not listen"
    raise RuntimeError(msg)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
