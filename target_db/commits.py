"""Commits in a thread: while the database takes rows, the loader takes the next ones."""

from __future__ import annotations

import os
import select
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from target_db.errors import DataError, LoadError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from target_db.database import Database
    from target_db.row_file import RowFile
    from target_db.rows import Rows

_EVERY = 0.1
"""Seconds between two attempts to have the database, or a reader of STATEs, give up."""
_WAITS = os.name == "posix"
_PIPE_BYTES = getattr(select, "PIPE_BUF", 512)
"""What a pipe that is ready takes without waiting."""


@dataclass
class Commit:
    """What goes into the database in one transaction.

    Attributes:
        parts: Streams with their rows, in the order of their tables' names: two loaders that lock
            the same tables do not wait for each other.
        received: When the first of the rows came.
        state: What the loader says when they are in, a STATE's value; nothing where None.
    """

    parts: Sequence[tuple[Rows, RowFile]]
    received: datetime
    state: bytes | None


class _RefusedError(DataError):
    """The database did not take a stream's rows."""

    def __init__(self, reason: str, rows: Rows, file: RowFile) -> None:
        super().__init__(reason)
        self.rows, self.file = rows, file


class Commits:
    """One commit after another, in a thread.

    The database may be used by nobody else before :meth:`settle` has returned.

    Attributes:
        loaded: How many rows are in.
    """

    def __init__(self, database: Database, output: int, *, hard: bool) -> None:
        """Begin without commits.

        Args:
            database: Where rows go.
            output: A file descriptor for STATE lines.
            hard: Delete the rows of older versions; else mark them.
        """
        self.loaded = 0
        self._database = database
        self._output = output
        self._hard = hard
        self._thread = ThreadPoolExecutor(1, "commit")
        self._running: Commit | None = None
        self._future: Future[None] | None = None
        self._due: Commit | None = None
        """The commit that is not in yet."""
        self._telling = threading.Lock()
        self._given_up = False

    @property
    def idle(self) -> bool:
        """Whether the database has nothing to do."""
        return self._future is None or self._future.done()

    def begin(self, commit: Commit) -> None:
        """Begin a commit; the one before must be settled."""
        self._running = self._due = commit
        self._future = self._thread.submit(self._commit, commit)

    def tell(self, state: bytes) -> None:
        """Write a STATE's value as soon as all rows are in that were given to commits.

        Raises:
            LoadError: Nobody reads it.
        """
        with self._telling:
            if self._due is None:
                self._write(state)
            else:
                self._due.state = state

    def settle(self) -> None:
        """See the commit that has begun to its end.

        Where the database refuses rows, each of their values is looked at, and they are tried
        again.

        Raises:
            LoadError: They can't be loaded, and none of them is.
        """
        commit, self._running = self._running, None
        if commit is None or self._future is None:
            return
        attempt: Callable[[], None] = self._future.result
        mended: set[str] = set()
        while True:
            try:
                attempt()
            except _RefusedError as refused:  # noqa: PERF203  # seldom
                stream = refused.rows.table.stream
                if stream in mended:
                    raise refused.rows.culprit(refused.file, refused.reason) from None
                mended.add(stream)
                refused.rows.mend(refused.file)
                attempt = partial(self._commit, commit)
            except DataError as error:
                raise LoadError(error.reason) from None
            else:
                break
        for _, file in commit.parts:
            self.loaded += file.count
            file.close()

    def end(self, *, at_once: bool) -> None:
        """Wait for the commit that has begun, until a signal comes; or have it given up at once."""
        try:
            if self._future is not None and not at_once:
                wait([self._future])
        finally:
            self._given_up = True
            while self._future is not None and not self._future.done():
                self._database.interrupt()  # of no use between two statements
                wait([self._future], _EVERY)
            self._thread.shutdown()

    def _commit(self, commit: Commit) -> None:
        part: tuple[Rows, RowFile] | None = None
        try:
            with self._database.transaction():
                for part in commit.parts:
                    self._load(*part, commit.received)
        except DataError as error:
            if part is None:
                raise
            raise _RefusedError(error.reason, *part) from None
        with self._telling:
            self._due = None
            if commit.state is not None:
                self._write(commit.state)

    def _load(self, rows: Rows, file: RowFile, received: datetime) -> None:
        if file.count:
            self._database.load(rows.table, file.latest(), version=file.version, received=received)
        if file.activated is not None:
            self._database.activate(rows.table, file.activated, hard=self._hard)

    def _write(self, state: bytes) -> None:
        """Write a STATE's value as a line, unless nobody reads it until the load is given up."""
        line = memoryview(state + b"\n")
        try:
            while line and not self._given_up:
                # No signal ends a write in a thread, so none may begin that waits for a reader.
                if not _WAITS or select.select((), [self._output], (), _EVERY)[1]:
                    line = line[os.write(self._output, line[:_PIPE_BYTES]) :]
        except OSError as error:
            msg = f"a STATE can't be written to stdout: {error.strerror}"
            raise LoadError(msg) from None
