"""XLSX answers, by calamine; cells become the text that a CSV answer would have."""

from __future__ import annotations

import datetime as dt
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import python_calamine

from tap_kit.errors import BadBodyError, DataError
from tap_kit.rows.block import BLOCK_ROWS, Block
from tap_kit.rows.canonical import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


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
    filled = (row for row in sheet if row.count("") < len(row))
    headings = tuple(map(_text, next(filled, ())))
    if not headings:
        return
    yield Block(headings, [])
    first = 1
    while rows := list(islice(filled, BLOCK_ROWS)):
        columns = [_texts(column) for column in zip(*rows, strict=True)]
        yield Block(headings, list(zip(*columns, strict=True)), first)
        first += len(rows)


def _texts(cells: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, cells))
    if kinds == {str}:
        return cells
    text = partial(_time, fraction=_fraction(cells)) if dt.datetime in kinds else _text
    return [text(cell) for cell in cells]


def _fraction(cells: Sequence[Any]) -> str:
    """How exactly a column's times are written: all like the most exact one."""
    found = {cell.microsecond for cell in cells if type(cell) is dt.datetime}
    if any(microsecond % 1000 for microsecond in found):
        return "microseconds"
    return "milliseconds" if any(found) else "seconds"


def _time(cell: Any, fraction: str) -> str:  # noqa: ANN401  # a cell of any type
    """A cell of a column with times; calamine gives those at midnight as dates."""
    if type(cell) is dt.date:
        cell = dt.datetime.combine(cell, dt.time())
    if type(cell) is dt.datetime:
        return f"{cell.isoformat(timespec=fraction)}Z"
    return _text(cell)


def _text(cell: Any) -> str:  # noqa: ANN401  # a cell of any type
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return f"PT{text_of(cell.total_seconds())}S"  # an ISO 8601 duration
    return text_of(cell)
