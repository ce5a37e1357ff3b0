"""Runs Meltano's command line for the tasks of all DAGs, on whichever host they are."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import deque
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from typing_extensions import Self

PROJECT = Path(
    os.environ.get("MELTANO_PROJECT_ROOT") or Path(__file__).resolve().parent.parent
).resolve()
"""The folder of ``meltano.yml``."""

_SHARED = ("extractors", "loaders", "mappers", "utilities", "meltano.db")
"""What all runs of a project share below ``.meltano``: plugins, and the default database."""

_ERROR = re.compile(r"\[(?:error|critical) *\]|\b(?:ERROR|CRITICAL)\b")
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\S+ +")
_ERRORS_KEPT = 3
_GRACE_SECONDS = 60


class MeltanoError(Exception):
    """A command failed; the message is what it said last."""


class Meltano:
    """Commands that share a system folder of their own; use as a context manager.

    Meltano writes a run's state, catalog and logging settings to ``.meltano/run/<plugin>``, under
    the same names whatever the state ID. Two runs of a tap at once would therefore take each
    other's state and selection. Here each run has a folder, and shares plugins and database.
    """

    def __init__(self, tell: Callable[[str], None], settings: Mapping[str, str]) -> None:
        """Prepare.

        Args:
            tell: Takes each line of what commands log.
            settings: Environment variables for all commands, besides those of this process.
        """
        self._tell = tell
        self._settings = settings
        self._folder = TemporaryDirectory(prefix="meltano-", ignore_cleanup_errors=True)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        system = Path(self._folder.name)
        installed = PROJECT / ".meltano"
        installed.mkdir(exist_ok=True)
        for name in _SHARED:
            (system / name).symlink_to(installed / name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._folder.cleanup()

    def call(self, *arguments: str) -> str:
        """Run a command to its end.

        Args:
            arguments: As typed behind ``meltano``.

        Returns:
            What it wrote on stdout.

        Raises:
            MeltanoError: It failed.
        """
        errors: deque[str] = deque(maxlen=_ERRORS_KEPT)
        last = ""
        with (Path(self._folder.name) / "stdout").open("w+", encoding="utf-8") as out:
            self._process = self._start(arguments, out)
            with self._process:
                for line in self._process.stderr or ():
                    self._tell(line.rstrip("\n"))
                    last = line
                    if _ERROR.search(line):
                        errors.append(_TIME.sub("", line.strip()))
            code = self._process.returncode
            out.seek(0)
            answer = out.read()
        if code:
            said = " | ".join(errors) or _TIME.sub("", last.strip())
            msg = f"meltano {' '.join(arguments[:3])} ended with {code}: {said}"
            raise MeltanoError(msg)
        return answer

    def stop(self) -> None:
        """End the running command with all that it started, so that it can save its state."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
                return

    def _start(self, arguments: tuple[str, ...], out: IO[str]) -> subprocess.Popen[str]:
        own = {
            "MELTANO_SYS_DIR_ROOT": self._folder.name,
            "MELTANO_PROJECT_ROOT": str(PROJECT),
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "NO_COLOR": "1",
        }
        return subprocess.Popen(  # noqa: S603  # Meltano, with arguments made by our DAGs
            [_program(), *arguments],
            cwd=PROJECT,
            env={**_inherited(), **own, **self._settings},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )


def _program() -> str:
    """Meltano of the project's environment, which is another one than Airflow's."""
    local = PROJECT / ".venv" / "bin" / "meltano"
    found = os.environ.get("MELTANO_EXECUTABLE") or (
        str(local) if local.exists() else shutil.which("meltano")
    )
    if not found:
        msg = "meltano is not to be found: install it, or set MELTANO_EXECUTABLE"
        raise MeltanoError(msg)
    return found


def _inherited() -> dict[str, str]:
    """The worker's environment without what belongs to Airflow, its passwords among them."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW_", "_AIRFLOW_", "PYTHONPATH", "VIRTUAL_ENV"))
    }
