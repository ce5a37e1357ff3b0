"""Reads a response as a table, in the format that its body has, and checks that it is complete.

:mod:`tap_kit.text.content` decides what a body is, whatever its ``Content-Type``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tap_kit.errors import BadBodyError
from tap_kit.tables.csv_rows import may_be_cut_off, read_csv
from tap_kit.tables.json_rows import LARGE, read_json
from tap_kit.tables.xlsx_rows import read_xlsx
from tap_kit.text.content import JsonDecoder, Kind, error_in, error_in_rows, kind_of
from tap_kit.text.unstorable import storable_cells, storable_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_kit.http.download import Download
    from tap_kit.tables.block import Block
    from tap_kit.tables.shape import TableShape
    from tap_kit.tables.types import Column

_FILES = frozenset({Kind.TEXT, Kind.WORKBOOK})
_KINDS: Mapping[str | None, frozenset[Kind]] = {
    "json": frozenset({Kind.JSON}),
    "csv": _FILES,
    "xlsx": _FILES,
    None: _FILES | {Kind.JSON},
}
_NO_CONTENT = 204


def is_empty(download: Download) -> bool:
    """Whether a body is empty: it has neither rows nor headings."""
    return kind_of(download.file, download.charset) is Kind.EMPTY


def read_table(download: Download, format_: str | None = None) -> Iterator[Block]:
    """Read a table in the format that its body has.

    Args:
        download: The response; its file is at the beginning, and stays open.
        format_: The format that was requested. For ``json`` only JSON is accepted, for ``csv``
            and ``xlsx`` both files are; None accepts any table.

    Returns:
        Blocks of rows, in which nothing is left that no target can store.

    Raises:
        BadBodyError: The body is no such table, reports an error, or was cut off.
        DataError: The table contradicts itself.
    """
    kind = kind_of(download.file, download.charset)
    if kind is Kind.EMPTY and (format_ == "csv" or download.status == _NO_CONTENT):
        return iter(())
    if kind not in _KINDS[format_]:
        msg = f"expected {format_ or 'a table'}, got {download.size} bytes of {kind.value}"
        raise BadBodyError(msg + _reason(download, kind), status=download.status)
    if kind is Kind.JSON:
        blocks = read_json(download.file, download.charset)
    elif kind is Kind.WORKBOOK:
        blocks = read_xlsx(download.file)
    else:
        blocks = read_csv(download.file, download.charset)
    return map(_storable, blocks)


def check_table(
    download: Download, format_: str | None = None, shape: TableShape | None = None
) -> None:
    """Check that a response is a complete table, as long as its request can be sent again.

    For most bodies the first block is enough: a workbook only opens when it is complete, and JSON
    that is not large is parsed as a whole. Large JSON, and CSV that may have been cut off, are read
    to their end.

    Args:
        download: As :func:`read_table` takes it.
        format_: The same.
        shape: The columns of the stream, where they are known: the table must have one of them.

    Raises:
        BadBodyError: As :func:`read_table` raises it; or the file is no table of this stream.
        DataError: The table contradicts itself.
    """
    kind = kind_of(download.file, download.charset)
    doubtful = (kind is Kind.JSON and download.size > LARGE) or (
        kind is Kind.TEXT and may_be_cut_off(download.file, download.charset)
    )
    blocks = read_table(download, format_)
    first = next(blocks, None)
    if first is not None and shape is not None and shape.columns:
        _check_columns(first, first if first.rows else next(blocks, None), shape)
    if doubtful:
        deque(blocks, maxlen=0)
    download.file.seek(0)


def _check_columns(first: Block, rows: Block | None, shape: TableShape) -> None:
    """Check that a response is a table of the stream, and not an error that is sent as one.

    Any sentence reads as a line of headings. But where the stream's columns are known, a file
    without rows has at least one of them; so has a table with a single column, where there are
    several, and one whose rows look like errors.

    Args:
        first: The first block, with the headings.
        rows: The first block with rows, if there is any.
        shape: The columns of the stream.
    """
    columns, names = shape.columns, shape.names((rows or first).headings)
    if not columns.keys().isdisjoint(names):
        _check_last_heading(first, names, columns)
        return
    if first.is_json and not rows:
        return  # what JSON says of its fields may have any form
    told = _error_in(rows) if rows else None
    if told or not rows or len(names) == 1 < len(columns):
        msg = (
            "The response has none of the columns that discovery found, so it is taken for an "
            "error and not for a table; if the vendor has renamed all columns, run discovery again"
        )
        raise BadBodyError(f"{msg}: {told}" if told else msg)


def _error_in(block: Block) -> str | None:
    return error_in_rows([dict(zip(block.headings, row, strict=False)) for row in block.rows])


def _check_last_heading(first: Block, names: Sequence[str], columns: Mapping[str, Column]) -> None:
    """Check that headings at the very end of a text are not cut off: within one, or before one."""
    if not first.unended or names[-1] in columns:
        return
    last = first.headings[-1]
    if any(name.startswith(last) for name in columns.keys() - {*names}):
        msg = "The CSV response ends within its headings: it was cut off"
        raise BadBodyError(msg)


def _reason(download: Download, kind: Kind) -> str:
    """Return the error that JSON reports in place of a table; "" if it reports none."""
    if kind is not Kind.JSON or download.size > LARGE:
        return ""
    content = download.file.read()
    download.file.seek(0)
    try:
        words = error_in(JsonDecoder(float).decode(content, download.charset))
    except ValueError:
        return ", not whole"
    return f": {words}" if words else ""


def _storable(block: Block) -> Block:
    headings = tuple(map(storable_text, block.headings))
    replaced = {at for at, name in enumerate(headings) if name != block.headings[at]}
    rows: list[Any] = list(block.rows) if block.suspect else []
    for number, row in enumerate(rows):
        rows[number], found = storable_cells(row)
        replaced |= found
    if not replaced:
        return block
    return replace(
        block,
        headings=headings,
        rows=rows if block.suspect else block.rows,
        replaced=frozenset(replaced),
    )
