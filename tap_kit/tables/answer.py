"""Tables by their bodies: which reader one needs, and whether it is whole.

For the responses of all taps, small and large; what a body is, :mod:`tap_kit.text.content` decides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tap_kit.errors import BadBodyError
from tap_kit.tables.csv_rows import may_be_cut_off, read_csv
from tap_kit.tables.json_rows import LARGE, read_json
from tap_kit.tables.xlsx_rows import read_xlsx
from tap_kit.text.content import JsonDecoder, Kind, error_in, kind_of
from tap_kit.text.unstorable import storable_cells, storable_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.http.download import Download
    from tap_kit.tables.block import Block

_FILES = frozenset({Kind.TEXT, Kind.WORKBOOK})
_KINDS: Mapping[str | None, frozenset[Kind]] = {
    "json": frozenset({Kind.JSON}),
    "csv": _FILES,
    "xlsx": _FILES,
    None: _FILES | {Kind.JSON},
}
_NO_CONTENT = 204


def is_empty(download: Download) -> bool:
    """Whether a body holds nothing at all, not even headings."""
    return kind_of(download.file, download.charset) is Kind.EMPTY


def read_table(download: Download, format_: str | None = None) -> Iterator[Block]:
    """Read a table in the format that its body has.

    Args:
        download: The response, its file at the beginning; stays open.
        format_: What was asked for: ``json``, or a file (``csv`` and ``xlsx`` stand for each
            other); None where any table will do.

    Returns:
        Blocks, without what no target can store.

    Raises:
        BadBodyError: It is no such table, reports an error, or was cut off.
        DataError: It contradicts itself.
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


def check_table(download: Download, format_: str | None = None) -> None:
    """Find out, while it can still be asked for again, whether a table is one and is whole.

    The first block tells for workbooks, which open only when they are whole, for JSON but the
    large one, and for CSV but that which may have been cut off; those are read to their end.

    Raises:
        BadBodyError: As of :func:`read_table`.
        DataError: It contradicts itself.
    """
    kind = kind_of(download.file, download.charset)
    doubtful = (kind is Kind.JSON and download.size > LARGE) or (
        kind is Kind.TEXT and may_be_cut_off(download.file, download.charset)
    )
    blocks = read_table(download, format_)
    next(blocks, None)
    if doubtful:
        deque(blocks, maxlen=0)
    download.file.seek(0)


def _reason(download: Download, kind: Kind) -> str:
    """What JSON that is no table says, if it is an error."""
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
