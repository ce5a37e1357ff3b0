"""Reads large JSON in bounded memory: row by row, with the standard library's parser."""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, Any

from tap_kit.tables.text_file import as_text
from tap_kit.text.charset import LOST, too_many_lost
from tap_kit.text.content import ROW_NAMES
from tap_kit.text.unstorable import note_met

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 2**20
"""Characters that are read at a time."""
_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_END = "nothing more"
_NAME = "the name of a member"
_ESCAPE = 12
"""Characters of the longest escape, or of the longest word of JSON and a sign."""


class JsonPieces:
    """A JSON body whose rows are decoded one by one.

    Attributes:
        is_object: Whether the body is an object; else it is a list.
        members: The object's other members, as far as they have been read.
        lists: The names of the object's lists of rows.
    """

    def __init__(self, file: IO[bytes], encoding: str, number: Callable[[str], Any]) -> None:
        """Begin where the file stands; it stays open."""
        self._file = as_text(file, encoding)
        self._decoder = json.JSONDecoder(parse_float=number, strict=False)
        self._text = ""
        self._at = 0
        self._ended = False
        self._read_so_far = self._lost = 0
        self.is_object = False
        self.members: dict[str, Any] = {}
        self.lists: list[str] = []

    def rows(self) -> Iterator[Any]:
        """Yield the rows: the items of the list, or of the object's first list of rows.

        Raises:
            ValueError: The body is not JSON, or was cut off.
        """
        if self._next() == "[":
            yield from self._items()
        else:
            yield from self._of_object()
        if self._next():
            raise self._wrong(_END)

    def _of_object(self) -> Iterator[Any]:
        self._expect("{")
        self.is_object = True
        found = False
        if self._next() == "}":
            self._at += 1
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self._wrong(_NAME)
            self._expect(":")
            if name.lower() in ROW_NAMES and self._next() == "[" and not found:
                self.lists.append(name)
                for row in self._items():
                    found = True
                    yield row
            else:
                self.members[name] = self._value()
            if self._next() != ",":
                self._expect("}")
                return
            self._at += 1

    def _items(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            if self._next() != ",":
                self._expect("]")
                return
            self._at += 1

    def _value(self) -> Any:  # noqa: ANN401  # any JSON
        self._next()
        piece = PIECE
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                unfinished = error.pos >= len(self._text) - _ESCAPE or "Unterminated" in error.msg
                if self._ended or not unfinished:
                    raise
            else:
                if end < len(self._text) or self._ended:  # a number may go on
                    self._at = end
                    return value
            self._read(piece)
            piece *= 2  # a value that is large is not begun again for each piece

    def _next(self) -> str:
        """Return the next character that is not blank; "" at the end."""
        while True:
            match = _BLANK.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._read(PIECE)

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise self._wrong(repr(character))
        self._at += 1

    def _read(self, length: int) -> None:
        new = self._file.read(length)
        self._ended = not new
        self._check_legible(new)
        note_met(new)
        self._text = self._text[self._at :] + new
        self._at = 0

    def _check_legible(self, new: str) -> None:
        self._read_so_far += len(new)
        self._lost += new.count(LOST)
        if too_many_lost(self._lost, self._read_so_far):
            msg = "it is in another charset than UTF-8"
            raise ValueError(msg)

    def _wrong(self, expected: str) -> ValueError:
        if self._ended and self._at >= len(self._text):
            return ValueError(f"it ends where {expected} should follow")
        return ValueError(f"expected {expected}")
