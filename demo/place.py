"""Where the demo keeps things, and that only one runs at a time."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / ".demo"
DATABASE = FOLDER / "demo.duckdb"
LOGS = FOLDER / "logs"


class InUseError(Exception):
    """Another demo runs in this folder."""


class Place:
    """The demo's folder, held by one process; use as a context manager.

    Raises:
        InUseError: Another demo holds it.
    """

    def __init__(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        self._lock = (FOLDER / "lock").open("w")
        self._memory = FOLDER / "memory.json"

    def __enter__(self) -> Self:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUseError from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.close()

    def recall(self) -> dict[str, Any]:
        """What an earlier demo left to know: the sandbox's first moment and seed."""
        if self._memory.exists() and DATABASE.exists():
            memory: dict[str, Any] = json.loads(self._memory.read_text(encoding="utf-8"))
            return memory
        return {}

    def remember(self, **what: object) -> None:
        """Keep things for the next demo."""
        self._memory.write_text(json.dumps({**self.recall(), **what}), encoding="utf-8")
