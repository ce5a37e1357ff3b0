"""Blocks leave whole or not at all: raw, buffered and non-blocking outputs, and those that fail."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine.output import MessageWriter
from tap_kit.engine.stdout import WholeOutput, finish_writes, write_whole
from tap_kit.errors import OutputError, TargetGoneError

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = bytes(range(256)) * 4096
"""Larger than any pipe's buffer."""


class Piecemeal(io.RawIOBase):
    """Takes as much at a time as it is told; None is no room."""

    def __init__(self, amounts: list[int | None]) -> None:
        self.amounts = iter(amounts)
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> Any:  # noqa: ANN401  # as io has it
        amount = next(self.amounts, len(block))
        if amount is not None:
            self.taken += block[:amount]
            return min(amount, len(block))
        return None


@given(st.binary(), st.lists(st.none() | st.integers(1, 5), max_size=3), st.booleans())
def test_an_output_that_takes_parts_gets_all(
    block: bytes,
    amounts: list[int | None],
    buffered: bool,  # noqa: FBT001  # from hypothesis
) -> None:
    raw = Piecemeal(amounts)
    out = io.BufferedWriter(raw, buffer_size=4) if buffered else raw
    write_whole(out, memoryview(block))
    assert raw.taken == block


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        os.close(end)


def slowly(reader: int, pieces: list[bytes], size: int) -> None:
    while len(b"".join(pieces)) < size:
        time.sleep(0.0005)
        pieces.append(os.read(reader, 1 << 14))


@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize("buffering", [0, -1])
def test_a_block_passes_a_pipe_whole_whatever_signals_come(
    pipe: tuple[int, int], *, blocking: bool, buffering: int
) -> None:
    reader, writer = pipe
    os.set_blocking(writer, blocking)
    noted: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _: noted.append(number))
    pieces: list[bytes] = []
    thread = threading.Thread(target=slowly, args=(reader, pieces, len(BLOCK)))
    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
    try:
        thread.start()
        with open(writer, "wb", buffering=buffering, closefd=False) as out:
            write_whole(out, memoryview(BLOCK))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    thread.join()
    assert b"".join(pieces) == BLOCK
    assert noted


class Failing(io.RawIOBase):
    """Takes half of a block, then fails."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:  # noqa: ANN401  # as io has it
        if self.taken:
            raise self.error
        self.taken += block[: len(block) // 2]
        return len(block) // 2


@pytest.mark.parametrize(
    ("error", "raised", "message"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), TargetGoneError, "the target has gone"),
        (OSError(errno.ENOSPC, "No space left on device"), OutputError, "No space left on device"),
        (OSError(errno.EIO, "Input/output error"), OutputError, "stdout can't be written"),
    ],
)
def test_what_can_not_be_written_is_an_error_in_words(
    error: OSError, raised: type[OutputError], message: str
) -> None:
    with pytest.raises(raised, match=message):
        write_whole(Failing(error), memoryview(b"a line\n"))


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_after_half_a_line_nothing_follows(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    raw = Failing(error)
    out = io.TextIOWrapper(raw, write_through=True)  # type: ignore[type-var]  # as Python has it
    monkeypatch.setattr(sys, "stdout", out)
    writer = MessageWriter()
    writer.write_lines(b'{"type":"RECORD"}\n')
    with pytest.raises((OutputError, KeyboardInterrupt)):
        writer.flush()
    half = bytes(raw.taken)
    writer.write_lines(b'{"type":"RECORD"}\n')
    writer.write_state({})
    assert raw.taken == half


def test_printed_texts_leave_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Piecemeal([3, None, 1])
    out = io.TextIOWrapper(raw, write_through=True)  # type: ignore[type-var]  # as Python has it
    monkeypatch.setattr(sys, "stdout", out)
    finish_writes()
    assert isinstance(sys.stdout.buffer, WholeOutput)
    print("a catalog of several lines")  # noqa: T201  # as the SDK does
    assert raw.taken == b"a catalog of several lines\n"
