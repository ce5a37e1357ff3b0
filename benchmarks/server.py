"""The sandbox as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from sandbox.remote import RemoteSandbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


class SandboxProcess:
    """``python -m sandbox`` with the data that a case wants; use as a context manager."""

    def __init__(
        self,
        vendor: str,
        *,
        options: Mapping[str, object],
        remember: bool = False,
        stopped: bool = False,
    ) -> None:
        """Start nothing yet.

        Args:
            vendor: Whose API.
            options: Of the command, without dashes.
            remember: Answer equal requests from memory, so that the server takes little of the
                machine from its clients.
            stopped: The clock stands still.
        """
        self._command = [
            sys.executable,
            *("-m", "sandbox", "--port", "0", "--no-journal", "--vendors", vendor),
            *(["--remember"] if remember else []),
            *(["--stopped"] if stopped else []),
            *(part for name, value in options.items() for part in (f"--{name}", str(value))),
        ]

    def __enter__(self) -> RemoteSandbox:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None  # noqa: S101  # a pipe was asked for
        url = self._process.stdout.readline().strip()
        if not url:
            msg = "the sandbox did not start"
            raise RuntimeError(msg)
        return RemoteSandbox(url)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.communicate()


def set_latency(sandbox: RemoteSandbox, milliseconds: float) -> None:
    """Let every request wait so long."""
    sandbox.clear_faults()
    if milliseconds:
        sandbox.fault("latency", milliseconds=milliseconds, times=None)
