from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.http.inflate import inflated

WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "zlib": zlib.MAX_WBITS, "raw": -zlib.MAX_WBITS}


def compressed(data: bytes, window: str, level: int = 6) -> bytes:
    compressor = zlib.compressobj(level=level, wbits=WINDOWS[window])
    return compressor.compress(data) + compressor.flush()


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.binary(), st.sampled_from(sorted(WINDOWS)), st.integers(0, 9), st.integers(1, 50))
def test_whatever_was_compressed_comes_back(
    data: bytes, window: str, level: int, size: int
) -> None:
    assert b"".join(inflated(in_pieces(compressed(data, window, level), size))) == data


@given(st.lists(st.binary(), max_size=4), st.integers(1, 50))
def test_all_members_of_a_gzip_file_come_back(members: list[bytes], size: int) -> None:
    data = b"".join(compressed(member, "gzip") for member in members)
    assert b"".join(inflated(in_pieces(data, size))) == b"".join(members)


@given(st.binary(), st.sampled_from(sorted(WINDOWS)), st.data())
def test_a_stream_without_its_end_is_an_error(
    data: bytes, window: str, drawn: st.DataObject
) -> None:
    whole = compressed(data, window)
    part = whole[: drawn.draw(st.integers(1, len(whole) - 1))]
    with pytest.raises((EOFError, zlib.error)):
        list(inflated([part]))


def test_no_bytes_are_no_stream() -> None:
    assert list(inflated([])) == []
