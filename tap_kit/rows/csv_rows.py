"""CSV answers, read row by row from the spooled file."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from tap_kit.errors import BadBodyError, DataError
from tap_kit.rows.block import BLOCK_ROWS, Block

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELD_LIMIT = 2**31 - 1
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_csv(file: IO[bytes], charset: str | None = None) -> Iterator[Block]:
    """Read a CSV answer.

    The delimiter is a comma; a semicolon or a tab where the first line has those and no comma.
    Blank lines are skipped.

    Args:
        file: The body, at its beginning; stays open.
        charset: As Content-Type names it; a byte order mark overrules it, UTF-8 is the default.

    Yields:
        Blocks of text cells; one without rows where there are headings only; none for an empty
        body.

    Raises:
        BadBodyError: The body ends within a quoted cell or a character: it was cut off.
        DataError: It is not in that charset, the charset is unknown, or it is not CSV.
    """
    charset = _charset(file, charset)
    try:
        text = io.TextIOWrapper(file, charset, newline="")
    except LookupError as error:
        msg = f"The answer's charset {charset!r} is unknown"
        raise DataError(msg) from error
    number = 0
    try:
        for block in _blocks(text):
            number = block.first + len(block.rows)
            yield block
    except UnicodeDecodeError as error:
        if error.reason in {"unexpected end of data", "truncated data"}:
            msg = f"The CSV answer ends within a character ({charset}): it was cut off"
            raise BadBodyError(msg) from error
        msg = (
            f"The CSV answer is not in the charset {charset!r}: {error.reason}, after row {number}"
        )
        raise DataError(msg) from error
    except csv.Error as error:
        if "end of data" in str(error):
            msg = "The CSV answer ends within a quoted cell: it was cut off"
            raise BadBodyError(msg) from error
        msg = f"The answer is not CSV: {error}, after row {number}"
        raise DataError(msg) from error
    finally:
        text.detach()


def _blocks(text: io.TextIOWrapper) -> Iterator[Block]:
    csv.field_size_limit(_FIELD_LIMIT)  # of the process; there is no other way
    first_line = next((line for line in text if line.strip()), "")
    reader = csv.reader(chain([first_line], text), delimiter=_delimiter(first_line), strict=True)
    headings = tuple(next(reader, ()))
    if not headings:
        return
    rows = filter(None, reader)
    first = 1
    block = list(islice(rows, BLOCK_ROWS))
    yield Block(headings, block)
    while block:
        first += len(block)
        block = list(islice(rows, BLOCK_ROWS))
        if block:
            yield Block(headings, block, first)


def _charset(file: IO[bytes], named: str | None) -> str:
    start = file.tell()
    head = file.read(4)
    file.seek(start)
    marked = next((charset for mark, charset in _MARKS if head.startswith(mark)), None)
    return marked or named or "utf-8"


def _delimiter(line: str) -> str:
    if "," in line:
        return ","
    return max(",;\t", key=line.count)
