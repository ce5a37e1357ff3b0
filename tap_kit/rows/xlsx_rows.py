"""XLSX answers, by calamine; cells become the text that a CSV answer would have."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import python_calamine

from tap_kit.errors import BadBodyError, DataError
from tap_kit.rows.block import BLOCK_ROWS, Block
from tap_kit.rows.canonical import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_xlsx(file: IO[bytes]) -> Iterator[Block]:
    """Read the first sheet of a workbook; empty rows are skipped.

    Args:
        file: The body, at its beginning; stays open.

    Yields:
        Blocks of text cells: numbers in shortest form, times in ISO 8601 as UTC, true or false;
        one without rows where there are headings only; none for an empty sheet.

    Raises:
        BadBodyError: The body is no workbook or was cut off.
        DataError: The workbook is encrypted or has no sheet.
    """
    try:
        with python_calamine.CalamineWorkbook.from_object(file) as workbook:
            if not workbook.sheet_names:
                msg = "The XLSX answer has no sheet"
                raise DataError(msg)
            sheet = workbook.get_sheet_by_index(0)
            if sheet.start is not None:  # calamine panics at the rows of an empty sheet
                yield from _blocks(sheet.iter_rows())
    except python_calamine.PasswordError as error:
        msg = "The XLSX answer is encrypted"
        raise DataError(msg) from error
    except (python_calamine.CalamineError, OSError) as error:
        msg = f"The XLSX answer is no workbook, or not whole: {error}"
        raise BadBodyError(msg) from error


def _blocks(sheet: Iterator[list[Any]]) -> Iterator[Block]:
    texts = (row for row in ([_text(cell) for cell in cells] for cells in sheet) if any(row))
    headings = tuple(next(texts, ()))
    if not headings:
        return
    yield Block(headings, [])
    first = 1
    while rows := list(islice(texts, BLOCK_ROWS)):
        yield Block(headings, rows, first)
        first += len(rows)


def _text(cell: Any) -> str:  # noqa: ANN401  # a cell of any type
    if isinstance(cell, dt.datetime):
        fraction = "milliseconds" if cell.microsecond % 1000 == 0 else "microseconds"
        return f"{cell.isoformat(timespec=fraction if cell.microsecond else 'seconds')}Z"
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return f"PT{text_of(cell.total_seconds())}S"  # an ISO 8601 duration
    return text_of(cell)
