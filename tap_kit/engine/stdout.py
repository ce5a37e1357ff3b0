"""Writes whole blocks to stdout, whatever it is connected to.

With ``PYTHONUNBUFFERED=1``, ``sys.stdout.buffer`` is a raw file. Its ``write`` may take a part of a
block, when a signal comes or a pipe does not block; the caller has to write the rest.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
import time
from typing import Protocol

from tap_kit.errors import OutputError, TargetGoneError

_NO_DESCRIPTOR_SECONDS = 0.01
"""Between two tries of a stream that can't say when it is ready."""


class BinaryOutput(Protocol):
    """A binary stream, raw or buffered."""

    def write(self, block: memoryview, /) -> int | None:
        """Write some of the bytes; returns how many, None for none."""

    def flush(self) -> object:
        """Send what is buffered."""

    def fileno(self) -> int:
        """The descriptor, where there is one."""


class WholeOutput(io.RawIOBase):
    """A binary stream whose ``write`` writes a whole block, or raises.

    Args:
        out: The stream to write to.
        owner: Kept alive, because it closes ``out`` when it is deleted.
    """

    def __init__(self, out: BinaryOutput, owner: object = None) -> None:
        self._out = out
        self._owner = owner

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """That of the stream within."""
        return self._out.fileno()

    def isatty(self) -> bool:
        """Whether people look at it."""
        return os.isatty(self._out.fileno())

    def write(self, block: object, /) -> int:
        """Write and send a whole block.

        Raises:
            OutputError: It can't be written.
        """
        with memoryview(block).cast("B") as view:  # type: ignore[arg-type]  # any buffer
            write_whole(self._out, view)
            return view.nbytes


def finish_writes() -> None:
    """Write all later output in whole blocks: catalogs, settings and messages."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is not None and not isinstance(buffer, WholeOutput):
        sys.stdout.flush()
        sys.stdout = io.TextIOWrapper(
            WholeOutput(buffer, owner=sys.stdout),
            encoding=sys.stdout.encoding,
            errors=sys.stdout.errors,
            write_through=True,
        )


def write_whole(out: BinaryOutput, block: memoryview) -> None:
    """Write a whole block, with as many calls as that takes.

    Raises:
        TargetGoneError: Nothing reads stdout any more.
        OutputError: It can't be written, for instance because a disk is full.
    """
    try:
        while block:
            block = block[_write_some(out, block) :]
        _flush(out)
    except OutputError:
        raise
    except BrokenPipeError:
        _drop_the_rest(out)
        msg = "the target has gone: nobody reads stdout any more"
        raise TargetGoneError(msg) from None
    except (OSError, ValueError) as error:
        _drop_the_rest(out)
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        msg = f"stdout can't be written: {why}; see where it leads to"
        raise OutputError(msg) from None


def _write_some(out: BinaryOutput, block: memoryview) -> int:
    """Write what there is room for; returns how many bytes that was."""
    try:
        taken = out.write(block)
    except BlockingIOError as error:  # a buffered stream, which has taken some all the same
        taken = error.characters_written
    if not taken:  # a raw stream without room returns None
        _wait(out)
    return taken or 0


def _flush(out: BinaryOutput) -> None:
    while not _flushed(out):
        _wait(out)


def _flushed(out: BinaryOutput) -> bool:
    try:
        out.flush()
    except BlockingIOError:
        return False
    return True


def _wait(out: BinaryOutput) -> None:
    """Until there is room; signals are noted meanwhile."""
    try:
        select.select([], [out.fileno()], [])
    except (OSError, ValueError):
        time.sleep(_NO_DESCRIPTOR_SECONDS)


def _drop_the_rest(out: BinaryOutput) -> None:
    """Send stdout to nowhere: what is flushed later, at exit too, would fail once more."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, out.fileno())
        os.close(nowhere)
