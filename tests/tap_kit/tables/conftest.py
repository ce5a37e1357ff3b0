from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def workbook() -> Callable[..., bytes]:
    """Write rows of cells as an XLSX file."""
    return _workbook


def _workbook(*rows: list[Any], sheets: int = 1) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    first = book.add_worksheet()
    formats = {
        dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"}),
        dt.time: book.add_format({"num_format": "hh:mm:ss"}),
        dt.timedelta: book.add_format({"num_format": "[h]:mm:ss"}),
    }
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if type(cell) in formats:
                first.write_datetime(at, column, cell, formats[type(cell)])
            elif isinstance(cell, str):
                first.write_string(at, column, cell)
            elif cell is not None:
                first.write(at, column, cell)
    for _ in range(sheets - 1):
        book.add_worksheet().write(0, 0, "another sheet")
    book.close()
    return file.getvalue()
