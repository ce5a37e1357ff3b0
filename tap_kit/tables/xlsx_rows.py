"""Reads XLSX with calamine; cells become the text that CSV would have."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import python_calamine

from tap_kit.errors import BadBodyError, DataError
from tap_kit.tables.block import BLOCK_ROWS, Block
from tap_kit.tables.canonical import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def read_xlsx(file: IO[bytes]) -> Iterator[Block]:
    """Read the first sheet of a workbook that has cells; empty rows are skipped.

    Args:
        file: The body, at its beginning; it stays open.

    Yields:
        Blocks of text cells: numbers in their shortest form, times in ISO 8601 and UTC, ``true``
        and ``false``. Headings alone make a block without rows; an empty workbook makes none. The
        first block names the sheets that are not read.

    Raises:
        BadBodyError: The body is no workbook, or was cut off.
        DataError: The workbook is encrypted, or has no sheet.
    """
    try:
        with python_calamine.CalamineWorkbook.from_object(file) as workbook:
            if not workbook.sheet_names:
                msg = "The XLSX response has no sheet"
                raise DataError(msg)
            yield from _first_with_cells(workbook)
    except python_calamine.PasswordError as error:
        msg = "The XLSX response is encrypted"
        raise DataError(msg) from error
    except (python_calamine.CalamineError, OSError) as error:
        msg = f"The XLSX response is no workbook, or not whole: {error}"
        raise BadBodyError(msg) from error


def _first_with_cells(workbook: python_calamine.CalamineWorkbook) -> Iterator[Block]:
    names = workbook.sheet_names
    for position, name in enumerate(names):
        blocks = _blocks(_rows(workbook, name))
        first = next(blocks, None)
        if first is None:
            continue
        others = [other for other in names[position + 1 :] if any(_rows(workbook, other))]
        yield replace(first, passed_by=(*names[:position], *others))
        yield from blocks
        return


def _rows(workbook: python_calamine.CalamineWorkbook, name: str) -> Iterator[list[Any]]:
    sheet = workbook.get_sheet_by_name(name)
    # calamine panics at the rows of an empty sheet.
    rows = iter(()) if sheet.start is None else sheet.iter_rows()
    return (row for row in rows if row.count("") < len(row))


def _blocks(rows: Iterator[list[Any]]) -> Iterator[Block]:
    headings = tuple(map(_text, next(rows, ())))
    if not headings:
        return
    yield Block(headings, [])
    first = 1
    while taken := list(islice(rows, BLOCK_ROWS)):
        columns = [_texts(column) for column in zip(*taken, strict=True)]
        suspect = any("\0" in cell for column in columns for cell in column)
        yield Block(headings, list(zip(*columns, strict=True)), first, suspect=suspect)
        first += len(taken)


def _texts(cells: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, cells))
    if kinds == {str}:
        return cells
    text = partial(_time, fraction=_fraction(cells)) if dt.datetime in kinds else _text
    return [text(cell) for cell in cells]


def _fraction(cells: Sequence[Any]) -> str:
    """Return the precision for a column's times: that of the most precise one."""
    found = {cell.microsecond for cell in cells if type(cell) is dt.datetime}
    if any(microsecond % 1000 for microsecond in found):
        return "microseconds"
    return "milliseconds" if any(found) else "seconds"


def _time(cell: Any, fraction: str) -> str:  # noqa: ANN401  # a cell of any type
    """Write a cell of a column of times; calamine returns times at midnight as dates."""
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
