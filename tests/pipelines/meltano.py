"""Runs the project's pipelines through Meltano's own command, with state of their own."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

PROJECT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
_PATIENCE_SECONDS = 200


@dataclass(frozen=True)
class Run:
    """A finished run of Meltano: its exit code, and what it and its plugins said."""

    code: int
    output: str


class Project:
    """The project as it is checked out, with bookmarks and run files in a folder elsewhere."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        """Take an empty folder, and environment variables for all runs."""
        self._folder = folder
        self._settings = settings
        self._system = folder / ".meltano"
        self._system.mkdir()
        for kind in ("extractors", "loaders", "utilities"):
            (self._system / kind).symlink_to(PROJECT / ".meltano" / kind)

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment variables of a run."""
        own = {"MELTANO_SYS_DIR_ROOT": str(self._system), "MELTANO_ENVIRONMENT": "sandbox"}
        return bare_environment() | own | dict(self._settings) | settings

    def meltano(self, *arguments: str, **settings: str) -> Run:
        """Run Meltano to its end."""
        with self.started(*arguments, **settings) as started:
            return started.ended()

    def run(self, *arguments: str, **settings: str) -> str:
        """Run pipelines that must succeed; what they said."""
        done = self.meltano("run", *arguments, **settings)
        assert done.code == 0, done.output[-5000:]
        return done.output

    @contextmanager
    def started(self, *arguments: str, **settings: str) -> Iterator[Started]:
        """Meltano at work; whatever it started has ended afterwards."""
        log = self._folder / f"{len(list(self._folder.iterdir()))}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603  # our own command
                [BIN / "meltano", *arguments],
                cwd=PROJECT,
                env=self.environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield Started(process, log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@dataclass(frozen=True)
class Started:
    """A run of Meltano that goes on; what it says is in a file."""

    process: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> Run:
        """Wait for the end."""
        code = self.process.wait(_PATIENCE_SECONDS)
        return Run(code, self.log.read_text(encoding="utf-8"))

    def plugin(self, name: str) -> psutil.Process | None:
        """The process of a plugin that syncs, once Meltano has started it."""
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.process.pid).children(recursive=True):
                words = process.cmdline()
                if any(Path(word).name == name for word in words[:2]) and "--discover" not in words:
                    return process
        return None

    def wait_for(self, condition: Callable[[], T | None], what: str) -> T:
        """The first value that a condition has while this goes on."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if found := condition():
                return found
            time.sleep(0.02)
        msg = f"{what}: not in this run. {self.log.read_text(encoding='utf-8')[-3000:]}"
        raise AssertionError(msg)


def install(*plugins: str) -> None:
    """Make plugins' environments in the project, one process at a time; again it is quick."""
    (PROJECT / ".meltano").mkdir(exist_ok=True)
    with (PROJECT / ".meltano" / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(  # noqa: S603  # our own command
            [BIN / "meltano", "install", *plugins],
            cwd=PROJECT,
            env=bare_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr


def bare_environment() -> dict[str, str]:
    """The environment variables without any that would configure pipelines."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MELTANO", "TAP_", "TARGET_", "SANDBOX_", "PG"))
    }
    own = {"MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_COLOR": "1", "COLUMNS": "200"}
    return inherited | own
