"""Reads the file of a body as text."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

from tap_kit.text.charset import LENIENT, encoding_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def text_encoding(file: IO[bytes], charset: str | None) -> str:
    """Find the encoding of the text that begins at the file's position."""
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    return encoding_of(head, charset)


def as_text(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """Wrap a file as text, from its position on, with its line ends unchanged; it stays open.

    Halves of surrogate pairs are kept, and bytes that are no character stand as one.

    Raises:
        LookupError: There is no such encoding.
    """
    return io.TextIOWrapper(io.BufferedReader(_Readable(file)), encoding, LENIENT, newline="")


class _Readable(io.RawIOBase):
    """Adds what a temporary file lacks before Python 3.11; closing this leaves the file open."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)
