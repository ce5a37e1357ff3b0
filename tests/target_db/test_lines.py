"""Blocks of the input."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_db.lines import AHEAD, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_SECONDS = 60


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    source, sink = os.pipe()
    yield source, sink
    for end in (sink, source):
        with suppress(OSError):
            os.close(end)


@given(st.lists(st.text("ab\n", max_size=6).map(str.encode), max_size=12))
def test_blocks_are_the_input_in_whole_lines(parts: list[bytes]) -> None:
    source, sink = os.pipe()
    for part in parts:
        os.write(sink, part)
    os.close(sink)
    found = [*blocks(source, _PATIENCE_SECONDS)]
    os.close(source)
    assert b"".join(found) == b"".join(parts)
    assert all(block.endswith(b"\n") for block in found[:-1])


def test_the_input_is_read_while_a_block_is_worked_on(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    taken = blocks(source, _PATIENCE_SECONDS)
    os.write(sink, b"first\n")
    assert next(taken) == b"first\n"
    rest = b"x" * 99 + b"\n"
    # Nobody asks for a block, and a pipe holds far less.
    writer = threading.Thread(
        target=lambda: [os.write(sink, rest * 100) for _ in range(AHEAD // 2 // 10_000)],
        daemon=True,
    )
    writer.start()
    writer.join(_PATIENCE_SECONDS)
    assert not writer.is_alive()
    os.close(sink)
    assert sum(map(len, taken)) == AHEAD // 2 // 10_000 * 10_000


def test_no_more_is_read_ahead_than_there_is_room_for(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    taken = blocks(source, 0.01)
    assert next(taken) == b""
    os.set_blocking(sink, False)
    written, refused = 0, 0
    while written < 2 * AHEAD and (written < AHEAD or refused < 20):
        try:
            written += os.write(sink, b"x" * 4095 + b"\n")
            refused = 0
        except BlockingIOError:  # noqa: PERF203  # a pipe has no other way to say so
            refused += 1
            time.sleep(0.02)
    assert AHEAD <= written < 2 * AHEAD


def test_a_block_is_empty_where_nothing_comes(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    taken = blocks(source, 0.05)
    os.write(sink, b"one\nha")
    assert next(taken) == b"one\n"
    assert next(taken) == b""
    os.write(sink, b"lf\n")
    assert next(block for block in taken if block) == b"half\n"


def test_input_that_cannot_be_read_is_an_error() -> None:
    folder = os.open("/", os.O_RDONLY)
    try:
        with pytest.raises(IsADirectoryError):
            next(blocks(folder, _PATIENCE_SECONDS))
    finally:
        os.close(folder)
