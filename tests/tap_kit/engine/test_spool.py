"""Lines that wait on disk come back as they were, and a full disk costs none."""

from __future__ import annotations

import errno
import io
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine import spool
from tap_kit.engine.record_writer import EncodedRecords
from tap_kit.engine.spool import LEAST, ON_DISK, Spool, SpooledLines
from tap_kit.errors import StreamError


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
    records = EncodedRecords(1, LEAST, b"x" * LEAST)
    assert records.spooled(spool_) is records
    assert spool_.put(b"a") is None
    assert read(first) == b"a line\n"


def test_lines_on_disk_count_for_little() -> None:
    records = EncodedRecords(5, 2 * LEAST, b"x" * 2 * LEAST)
    waiting = records.spooled(Spool())
    assert waiting.size == 2 * LEAST // ON_DISK
    assert waiting.lines == b""
    assert waiting.in_memory() == records


def test_what_takes_little_stays_in_memory() -> None:
    # A page that waits takes about a kilobyte by itself, wherever its lines are.
    records = EncodedRecords(1, LEAST - 1, b"x" * (LEAST - 1))
    assert records.spooled(Spool()) is records
    assert LEAST // ON_DISK >= 1000


class _Shorter(io.BytesIO):
    def read(self, length: int | None = -1, /) -> bytes:
        return super().read(length)[:3]


class _Broken(io.BytesIO):
    def read(self, _: int | None = -1, /) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("disk", [_Shorter, _Broken])
def test_lines_that_can_not_be_read_back_are_an_error(
    monkeypatch: pytest.MonkeyPatch, disk: type[io.BytesIO]
) -> None:
    monkeypatch.setattr(spool, "TemporaryFile", lambda buffering: disk())  # noqa: ARG005  # as the function in its place
    found = Spool().put(b"lines")
    with pytest.raises(StreamError, match="TMPDIR"):
        read(found)
