"""A PostgreSQL server of the tests' own: found or installed, made anew, stopped at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.services.debian import install

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Server:
    """Where to connect; the database is empty."""

    port: int
    host: str = "127.0.0.1"
    user: str = "tester"
    database: str = "postgres"

    @property
    def dsn(self) -> str:
        """As libpq takes it."""
        return f"host={self.host} port={self.port} user={self.user} dbname={self.database}"


@contextmanager
def postgres(folder: Path) -> Iterator[Server]:
    """Run a server on a free port with its data in a folder, which others may enter.

    Raises:
        RuntimeError: PostgreSQL is neither there nor can it be installed.
    """
    binaries = _binaries()
    account = _account()
    data = folder / "data"
    folder.chmod(0o755)
    data.mkdir()
    if account:
        shutil.chown(data, account)
    server = Server(_free_port())
    _run(
        [f"{binaries}/initdb", "-D", str(data), "-U", server.user, "-A", "trust", "-E", "UTF8"],
        account,
    )
    options = f"-p {server.port} -c listen_addresses={server.host} -c unix_socket_directories=''"
    speed = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    control = [f"{binaries}/pg_ctl", "-D", str(data), "-w"]
    _run([*control, "-l", str(data / "log"), "-o", f"{options} {speed}", "start"], account)
    try:
        yield server
    finally:
        _run([*control, "-m", "immediate", "stop"], account)


def _binaries() -> Path:
    """The folder of the server's programs; Debian keeps them out of PATH."""
    for attempt in range(2):
        found = shutil.which("initdb")
        if found:
            return Path(found).resolve().parent
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if versions:
            return versions[-1].parent
        if attempt == 0:
            install("postgresql")
    msg = "PostgreSQL's server programs (initdb, pg_ctl) are not to be found; install PostgreSQL"
    raise RuntimeError(msg)


def _account() -> str | None:
    """Who runs the server: it refuses root."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("postgres").pw_name


def _run(command: Sequence[str], account: str | None) -> None:
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own programs
        command,
        user=account,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )
    if done.returncode:
        msg = f"{' '.join(command)}: {done.stderr}"
        raise RuntimeError(msg)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
