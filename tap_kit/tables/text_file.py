"""A spooled body as text."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

from tap_kit.text.content import encoding_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def text_encoding(file: IO[bytes], charset: str | None) -> str:
    """The encoding of the text that begins where the file stands."""
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    return encoding_of(head, charset)


def as_text(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """The file as text, line ends as they are, from where it stands; it stays open.

    Halves of surrogate pairs are let through.

    Raises:
        LookupError: There is no such encoding.
    """
    return io.TextIOWrapper(
        io.BufferedReader(_Readable(file)), encoding, "surrogatepass", newline=""
    )


class _Readable(io.RawIOBase):
    """What a spooled file lacks before Python 3.11; leaves it open, too."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)
