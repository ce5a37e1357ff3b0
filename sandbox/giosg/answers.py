"""A table as the body of an answer: JSON, CSV or XLSX, in chunks where it is large."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

import msgspec
import xlsxwriter

from sandbox.web import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sandbox.giosg.table import Column, Table
    from sandbox.giosg.texts import Cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

CHARSETS = {
    "utf-8": ("utf-8", "text/csv"),
    "utf-8-bom": ("utf-8-sig", "text/csv"),
    "latin-1": ("latin-1", "text/csv; charset=iso-8859-1"),
    "utf-16": ("utf-16", "text/csv; charset=utf-16"),
}
"""The variant ``csv_charset``: codec and Content-Type."""

FIELDS: dict[str, Callable[[Column], object]] = {
    "name_type": lambda column: {"name": column.heading, "type": _type(column)},
    "id": lambda column: {"id": column.heading, "type": _type(column)},
    "key": lambda column: {"key": column.heading},
    "strings": lambda column: column.heading,
}
"""The variant ``fields``: what an item of ``fields`` looks like."""

_ROWS = 500
"""Rows of one chunk."""

_ENCODE = msgspec.json.Encoder(decimal_format="number").encode


def as_json_table(table: Table, *, fields: str, arrays: bool) -> Response:
    """``{fields, data}``: rows as arrays in the order of ``fields``, or as objects."""
    headings = [column.heading for column in table.columns]

    def item(row: tuple[Cell, ...]) -> object:
        if arrays:
            return row
        # A link that is not there is absent, everything else null: "not set" has both faces.
        return {
            heading: cell
            for heading, cell in zip(headings, row, strict=True)
            if cell is not None or heading != "recording_url"
        }

    def chunks() -> Iterator[bytes]:
        items = [FIELDS[fields](column) for column in table.columns]
        yield b'{"fields":' + _ENCODE(items) + b',"data":['
        separator = b""
        for rows in _batches(table.rows()):
            yield separator + _ENCODE([item(row) for row in rows])[1:-1]
            separator = b","
        yield b"]}"

    return Response(_body(chunks()))


def as_csv(table: Table, *, charset: str, newline: str, filename: str) -> Response:
    """A heading row and the rows, quoted where they have to be."""
    codec, content_type = CHARSETS[charset]
    encoder = codecs.getincrementalencoder(codec)()
    # Changed columns are for tests: they take the plain way.
    lines = map(_line, table.rows()) if table.changed else _lines(table)
    headings = [column.heading for column in table.columns]
    first = (_line(headings),) if headings else ()

    def chunks() -> Iterator[bytes]:
        for batch in _batches(chain(first, lines)):
            yield encoder.encode(newline.join([*batch, ""]))

    return Response(
        _body(chunks()), content_type=content_type, headers=_attachment(f"{filename}.csv")
    )


def as_xlsx(table: Table, *, excel_dates: bool, filename: str) -> Response:
    """A workbook of one sheet; numbers are numbers, and times Excel's unless told otherwise."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the answer has been read
    sheet = _Sheet(file, excel_dates=excel_dates)
    sheet.write(0, [column.heading for column in table.columns])
    is_time = [excel_dates and column.position == 0 for column in table.columns]
    for number, row in enumerate(table.rows(), start=1):
        sheet.write(number, map(_excel_time, row, is_time))
    sheet.close()
    file.seek(0)

    def chunks() -> Iterator[bytes]:
        with file:
            while chunk := file.read(65536):
                yield chunk

    return Response(_body(chunks()), content_type=XLSX, headers=_attachment(f"{filename}.xlsx"))


class _Sheet:
    """A workbook with one sheet, written row by row without keeping them."""

    def __init__(self, file: IO[bytes], *, excel_dates: bool) -> None:
        workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
        self._sheet = workbook.add_worksheet("Data")
        self._date = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._time = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self._excel_dates = excel_dates
        self.close = workbook.close

    def write(self, number: int, cells: Iterable[Cell]) -> None:
        for position, cell in enumerate(cells):
            if isinstance(cell, bool):
                self._sheet.write_boolean(number, position, cell)
            elif isinstance(cell, (int, float, Decimal)):
                self._sheet.write_number(number, position, float(cell))
            elif self._excel_dates and isinstance(cell, date):
                form = self._time if isinstance(cell, datetime) else self._date
                self._sheet.write_datetime(number, position, cell, form)
            elif cell:
                self._sheet.write_string(number, position, _wire(cell))


def _excel_time(cell: Cell, is_time: bool) -> Cell:  # noqa: FBT001  # mapped
    """A time's text as a datetime without a zone, which Excel does not know."""
    return datetime.fromisoformat(str(cell).replace("Z", "")) if cell and is_time else cell


def _type(column: Column) -> str:
    return "metric" if column.is_metric else "dimension"


def _attachment(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename={filename}"}


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _ROWS)):
        yield batch


def _body(chunks: Iterator[bytes]) -> bytes | Iterable[bytes]:
    """Small bodies whole, larger ones as they are made."""
    first = list(islice(chunks, 4))
    return b"".join(first) if len(first) < 4 else chain(first, chunks)  # noqa: PLR2004  # see above


def _line(cells: Sequence[Cell]) -> str:
    """One CSV record without its newline."""
    line = io.StringIO()
    csv.writer(line).writerow(map(_wire, cells))
    return line.getvalue()[:-2]


def _quoted(cell: Cell) -> str:
    """One cell of a record of several: alone, an empty one would be quoted."""
    return _line([cell, None])[:-1]


def _lines(table: Table) -> Iterator[str]:
    """The CSV records, made of parts that are rendered once: a million rows cost seconds."""
    actions: dict[str, str] = {}
    tails = [""] * len(table.details)
    added = "".join(f",{_quoted(value)}" for value in table.added.values())
    has_campaign = table.campaign_from is not None
    for event in table.events:
        time, id_, label, action, number, _ = event
        if action not in actions:
            actions[action] = _quoted(action)
        tail = tails[number]
        if not tail:
            tail = tails[number] = _line(table.details[number])
        if has_campaign:
            tail = f"{tail},{table.campaign(event) or ''}"
        yield f"{time},{id_},{label},{actions[action]},{tail}{added}"


def _wire(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat() if isinstance(cell, date) else str(cell)
