"""Workers' hosts: a network, a host name and a process tree of their own, where Linux allows it.

Elsewhere (without root, say) a host is a process with its children on this machine.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_UNSHARE = ("--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
_CLONE_NEWNET = 0x40000000
_PATIENCE_SECONDS = 30
_CHUNK = 65536


def isolated() -> bool:
    """Whether hosts can have a network of their own here."""
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or unshare is None or not shutil.which("ip"):
        return False
    done = subprocess.run([unshare, *_UNSHARE, "true"], check=False, capture_output=True)  # noqa: S603  # a probe
    return done.returncode == 0


class Host:
    """A host with one command at work."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        ports: Sequence[int],
    ) -> None:
        """Start the command.

        Args:
            name: The host's name.
            command: What runs there.
            environment: All of its environment variables.
            log: Takes its output.
            ports: Ports of this machine that the host reaches under its own 127.0.0.1.
        """
        self.name = name
        self._doors: Doors | None = None
        self.isolated = isolated()
        if self.isolated:
            # The host is there before its command: first the doors open, then a line comes.
            script = f'hostname {name} && ip link set lo up && echo up && read -r _ && exec "$@"'
            command = ["unshare", *_UNSHARE, "sh", "-c", script, "sh", *command]
        with log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603  # our own command
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if self.isolated else out,
                stderr=out,
                start_new_session=True,
            )
        if self.isolated:
            self._open(ports, log)

    def _open(self, ports: Sequence[int], log: Path) -> None:
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        assert self.process.stdout.readline() == b"up\n", log.read_text(encoding="utf-8")
        (shell,) = psutil.Process(self.process.pid).children()
        self._doors = Doors(shell.pid, ports)
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        pipe = self.process.stdout
        threading.Thread(target=_copy, args=(pipe, log), daemon=True).start()

    def kill(self) -> None:
        """Lose the host: all of its processes end at once (SIGKILL), and its connections."""
        if self.isolated:  # the death of a process tree's first process is that of all
            for child in psutil.Process(self.process.pid).children():
                child.kill()
        else:
            for process in (*psutil.Process(self.process.pid).children(recursive=True),):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.kill()
        self._gone()

    def stop(self) -> None:
        """End the host in good order, or by force where that takes too long."""
        if self.process.poll() is not None:
            return
        for child in psutil.Process(self.process.pid).children():
            if self.isolated:
                child.terminate()
        if not self.isolated:
            self.process.terminate()
        try:
            self.process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            self._gone()

    def _gone(self) -> None:
        self.process.wait(_PATIENCE_SECONDS)
        if self._doors is not None:
            self._doors.close()


class Doors:
    """Ports on 127.0.0.1 of another network that lead to the same ports of this machine."""

    def __init__(self, pid: int, ports: Sequence[int]) -> None:
        """Listen in the network of a process."""
        self._sockets = _listening(pid, ports)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(tuple(ports),), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more, and cut all connections."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for each in self._sockets:
            each.close()

    def _serve(self, ports: Sequence[int]) -> None:
        asyncio.set_event_loop(self._loop)
        for port, listening in zip(ports, self._sockets, strict=True):
            self._loop.run_until_complete(asyncio.start_server(_Door(port).pass_on, sock=listening))
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(asyncio.sleep(0))


class _Door:
    def __init__(self, port: int) -> None:
        self._port = port

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, here = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, here), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.close()


def _listening(pid: int, ports: Sequence[int]) -> list[socket.socket]:
    """Listening sockets in the network of a process; sockets stay where they were made."""
    made: list[socket.socket] = []

    def listen() -> None:  # in a thread of its own, whose network changes for good
        with open(f"/proc/{pid}/ns/net", "rb") as network:  # noqa: PTH123  # no file of ours
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        made.extend(socket.create_server(("127.0.0.1", port)) for port in ports)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert len(made) == len(ports), "no sockets in the host's network"
    return made


def _copy(pipe: object, log: Path) -> None:
    with log.open("ab") as out:
        for line in iter(pipe.readline, b""):  # type: ignore[attr-defined]  # a pipe of bytes
            out.write(line)
            out.flush()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, in good order if it can."""
    family = [process.pid]
    with suppress(psutil.NoSuchProcess):
        family += [each.pid for each in psutil.Process(process.pid).children(recursive=True)]
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE_SECONDS)
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(_PATIENCE_SECONDS)


@contextmanager
def service(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process on this machine that ends with all of its children."""
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end_group(process)
