"""Reads the file of a body as text."""

from __future__ import annotations

import codecs
import io
import re
from functools import partial
from typing import IO, TYPE_CHECKING

from tap_kit.text.charset import LENIENT, encoding_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 2**20
_LABEL_COUNTS = re.compile(r"utf-?8$|(iso-?2022|hz|utf-?7)", re.IGNORECASE)
"""UTF-8 itself, and the charsets whose bytes are all ASCII, but mean something else."""


def text_encoding(file: IO[bytes], charset: str | None) -> str:
    """Find the encoding of the text that begins at the file's position.

    A text that is UTF-8 from its beginning to its end is read as such, whatever its label says:
    hardly any text in another charset is.

    Args:
        file: Stands there again afterwards.
        charset: The label: the charset in ``Content-Type``.
    """
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    found = encoding_of(head, charset)
    if found != charset or _LABEL_COUNTS.match(found) or not _is_utf8(file):
        return found
    return "utf-8"


def _is_utf8(file: IO[bytes]) -> bool:
    start = file.tell()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    try:
        for chunk in iter(partial(file.read, _CHUNK), b""):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(start)
    return True


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
