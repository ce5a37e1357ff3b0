"""Lines that wait on disk come back as they were, and a full disk costs none."""

from __future__ import annotations

import errno
import io
import threading
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine import spool
from tap_kit.engine.record_writer import EncodedRecords
from tap_kit.engine.spool import ON_DISK, Spool, SpooledLines

if TYPE_CHECKING:
    import pytest


class _SmallDisk(io.BytesIO):
    """Takes ten bytes, the last of them alone."""

    def __init__(self, buffering: int) -> None:
        super().__init__()
        assert buffering == 0

    def write(self, lines: object, /) -> int:
        room = 10 - self.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(memoryview(lines)[:room])  # type: ignore[arg-type]  # bytes


def read(found: SpooledLines | None) -> bytes:
    assert found is not None
    return found.read()


@given(st.lists(st.binary(max_size=50)), st.randoms())
def test_lines_come_back_in_any_order(parts: list[bytes], order: object) -> None:
    spool_ = Spool()
    found = [(part, spool_.put(part)) for part in parts]
    order.shuffle(found)  # type: ignore[attr-defined]  # a Random
    assert all(read(place) == part for part, place in found)


def test_one_thread_writes_while_another_one_reads() -> None:
    spool_ = Spool()
    first = spool_.put(b"first" * 1000)
    writer = threading.Thread(target=lambda: [spool_.put(b"x" * 999) for _ in range(500)])
    writer.start()
    while writer.is_alive():
        assert read(first) == b"first" * 1000
    writer.join()


def test_a_full_disk_keeps_what_it_took_and_lines_stay_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool, "TemporaryFile", _SmallDisk)
    spool_ = Spool()
    first = spool_.put(b"a line\n")
    records = EncodedRecords(1, 7, b"longer\n")
    assert records.spooled(spool_) is records
    assert spool_.put(b"a") is None
    assert read(first) == b"a line\n"


def test_lines_on_disk_count_for_little() -> None:
    lines = b"x" * 1000
    records = EncodedRecords(5, 1000, lines)
    waiting = records.spooled(Spool())
    assert waiting.size == 1000 // ON_DISK
    assert waiting.lines == b""
    assert waiting.in_memory() == records
