"""Reads CSV row by row from a file."""

from __future__ import annotations

import csv
from collections import deque
from functools import partial
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from tap_kit.errors import BadBodyError, DataError
from tap_kit.tables.block import BLOCK_ROWS, Block
from tap_kit.tables.dialect import declared_delimiter, delimiter_of
from tap_kit.tables.text_file import as_text, text_encoding
from tap_kit.text.charset import is_cut_off
from tap_kit.text.content import is_line_of_failure
from tap_kit.text.unstorable import note_met

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FIELD_LIMIT = 2**31 - 1
_SAMPLE_LINES = 100
_CHUNK = 2**20
_NARROW = ("utf-8", "utf8", "ascii", "us-ascii", "iso-8859", "latin", "windows-125", "cp125")
"""Encodings in which quotes and line ends are single bytes, and no other character has those."""
_MARK = "\ufeff"
_END_OF_FILE = "\x1a"
_BLANK = f" \t{_END_OF_FILE}\0\r\n"
"""What lines at the end may consist of; a tab or a blank that divides cells is no part of it."""
_LINE_ENDS = ("\n", "\r")
_NUL, _HALF = "\x00", "\ud800"


def read_csv(file: IO[bytes], charset: str | None = None) -> Iterator[Block]:
    """Read CSV as Excel does.

    The delimiter is that of a first line such as ``sep=;``, or found by :func:`delimiter_of`.
    Blank lines are skipped, and so are lines of blanks, Ctrl-Z or NUL at the end.

    Args:
        file: The body, at its beginning; it stays open.
        charset: The charset in ``Content-Type``; it counts where the body has no byte order mark,
            and is not in UTF-8.

    Yields:
        Blocks of text cells. Headings alone make a block without rows; an empty body makes none.

    Raises:
        BadBodyError: The body was cut off: it ends within a quoted cell, within a character, or
            with a row that lacks both cells and the line end that the headings have.
        DataError: The body is not in its charset, the charset is unknown, or it is not CSV.
    """
    charset = text_encoding(file, charset)
    try:
        text = as_text(file, charset)
    except LookupError as error:
        msg = f"The charset of the CSV response is unknown: {charset!r}"
        raise DataError(msg) from error
    try:
        yield from _blocks(_Lines(text))
    except UnicodeDecodeError as error:
        if is_cut_off(error):
            msg = f"The CSV response ends within a character ({charset}): it was cut off"
            raise BadBodyError(msg) from error
        wrong = error.object[error.start : error.end].hex(" ")
        msg = f"The CSV response is not in its charset {charset!r}: {error.reason} ({wrong})"
        raise DataError(msg) from error


def may_be_cut_off(file: IO[bytes], charset: str | None = None) -> bool:
    """Whether CSV may have been cut off; the file is at its beginning again afterwards.

    CSV that was cut off has no line end at its end, or an odd number of quotes. Where this returns
    True, only reading to the end shows whether it is complete.
    """
    start = file.tell()
    wide = not text_encoding(file, charset).lower().replace("_", "-").startswith(_NARROW)
    quotes, last = 0, b""
    for chunk in iter(partial(file.read, _CHUNK), b""):
        quotes += chunk.count(b'"')
        last = chunk[-1:]
    file.seek(start)
    return wide or quotes % 2 == 1 or last != b"\n"


class _Lines:
    """The lines of a text, without the blank lines at its end.

    Attributes:
        blank: What blank lines consist of.
        last: The last line that was read, with its line end.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._blank: deque[str] = deque()
        self.blank = _BLANK
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = self._blank.popleft() if self._blank else next(self._lines)
        return _clean(self.last)

    def put_back(self, lines: Sequence[str]) -> None:
        """Put lines back, to be read next."""
        self._lines = chain(lines, self._blank, self._lines)
        self._blank = deque()

    def take(self, count: int) -> list[str]:
        """Read about so many lines; none at the end of the file."""
        taken: list[str] = []
        while not taken:
            new = list(islice(self._lines, count))
            if not new:
                return []  # what is kept back is blank
            taken = [*self._blank, *new]
            self._blank.clear()
            while taken and not taken[-1].strip(self.blank):
                self._blank.appendleft(taken.pop())
        self.last = taken[-1]
        if not self.last.endswith(_LINE_ENDS):
            taken[-1] = _clean(self.last)
        return taken


def _clean(line: str) -> str:
    """Return a line without Ctrl-Z, which ends a file, and NUL, which some parsers refuse."""
    return line.rstrip(_END_OF_FILE).replace(_NUL, _HALF)


def _blocks(lines: _Lines) -> Iterator[Block]:
    csv.field_size_limit(_FIELD_LIMIT)  # of the process: there is no other way
    delimiter = _delimiter(lines)
    lines.blank = _BLANK.replace(delimiter, "")
    headings = tuple(next(iter(_rows([next(lines, "")], lines, delimiter, 0)[0]), ()))
    if not headings:
        return
    line_end = lines.last[len(lines.last.rstrip("\r\n")) :]
    taken = lines.take(BLOCK_ROWS)
    if not taken and len(headings) == 1 and is_line_of_failure(headings[0]):
        msg = "The CSV response is a single line, which tells of a failure"
        raise BadBodyError(msg)
    yield Block(headings, [], unended=not line_end and not taken)
    first = 1
    last: Sequence[str] = headings
    while taken:
        rows, suspect = _rows(taken, lines, delimiter, first)
        if rows:
            yield Block(headings, rows, first, suspect=suspect)
            first += len(rows)
            last = rows[-1]
        taken = lines.take(BLOCK_ROWS)
    _check_end(lines.last, line_end, missing=len(headings) - len(last))


def _delimiter(lines: _Lines) -> str:
    """Find the delimiter; the next line to read is that of the headings."""
    sample = lines.take(_SAMPLE_LINES)
    while sample and not sample[0].strip(f"{_MARK}{_END_OF_FILE} \t\r\n"):
        del sample[0]
    if not sample:
        return ","
    sample[0] = sample[0].lstrip(_MARK)
    declared = declared_delimiter(sample[0])
    if declared is not None:
        del sample[0]
        sample[:1] = [line.lstrip(_MARK) for line in sample[:1]]
    lines.put_back(sample)
    return declared or delimiter_of(sample)


def _check_end(last: str, line_end: str, *, missing: int) -> None:
    """Check that the last row is complete.

    Args:
        last: The last line, with its line end if it has one.
        line_end: The line end of the headings.
        missing: How many cells the last row lacks.
    """
    whole = last.endswith(_LINE_ENDS)
    if (not whole and line_end and missing > 0) or (last.endswith("\r") and line_end == "\r\n"):
        msg = (
            "The CSV response ends within a row, without the line end of the others: it was cut off"
        )
        raise BadBodyError(msg)


def _rows(
    taken: list[str], lines: _Lines, delimiter: str, first: int
) -> tuple[Sequence[Sequence[str]], bool]:
    """Return the rows that begin on the given lines, and whether they may hold the unstorable.

    The last row may go on after these lines.
    """
    text = "".join(taken)
    suspect = _is_suspect(text)
    if suspect:
        taken = list(map(_clean, taken))
    if '"' not in text:
        # The same, three times as fast.
        return [cells.split(delimiter) for line in taken if (cells := line.rstrip("\r\n"))], suspect
    try:
        rows = list(csv.reader(taken, delimiter=delimiter, strict=True))
    except csv.Error:
        rows = _carefully(taken, lines, delimiter, first)
        suspect = suspect or any(map(_is_suspect, rows[-1]))
    return ([row for row in rows if row] if [] in rows else rows), suspect


def _is_suspect(text: str) -> bool:
    if _NUL not in text:
        if text.isascii():
            return False
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return False
    return note_met(text)


def _carefully(taken: list[str], lines: _Lines, delimiter: str, first: int) -> list[list[str]]:
    """Read row by row, because a row goes on after the given lines, or is malformed."""
    rows: list[list[str]] = []
    waiting = deque(taken)
    reader = csv.reader(chain(_drained(waiting), lines), delimiter=delimiter, strict=True)
    try:
        while waiting:
            rows.append(next(reader))
    except csv.Error as error:
        if "end of data" in str(error):
            msg = "The CSV response ends within a quoted cell: it was cut off"
            raise BadBodyError(msg) from error
        msg = f"Row {first + len(rows)} of the response is not CSV: {error}"
        raise DataError(msg) from error
    return rows


def _drained(waiting: deque[str]) -> Iterator[str]:
    while waiting:
        yield waiting.popleft()
