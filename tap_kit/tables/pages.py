"""From the blocks of a table to pages of a stream's records."""

from __future__ import annotations

import logging
from typing import IO, TYPE_CHECKING

from tap_kit.errors import BadBodyError, DataError
from tap_kit.streams.drift import note_drift
from tap_kit.streams.reader import Page
from tap_kit.streams.selection import projection
from tap_kit.tables.columns import ROW_ID
from tap_kit.text.unstorable import note_replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_kit.stats import StreamStats
    from tap_kit.streams.stream import RecordStream
    from tap_kit.tables.block import Block
    from tap_kit.tables.shape import RowDecoder

_log = logging.getLogger(__name__)


def sized(blocks: Iterable[Block], file: IO[bytes]) -> Iterator[tuple[Block, int]]:
    """Yield each block with the number of the file's bytes that were read for it."""
    at = file.tell()
    for block in blocks:
        read = file.tell()
        yield block, max(read - at, 0)
        at = read


def can_stay_structs(stream: RecordStream) -> bool:
    """Whether rows need not be dictionaries: nobody reads their columns, all of which are written.

    That is so where no column is deselected, and ``row_id`` alone is the key.
    """
    return projection(stream) is None and list(stream.primary_keys) == [ROW_ID]


def table_pages(
    blocks: Iterable[tuple[Block, int]],
    decoder: RowDecoder,
    stats: StreamStats,
    *,
    label: str,
    can_stay_structs: bool = False,
) -> Iterator[Page]:
    """Decode the blocks of a table, and note columns that discovery did not know.

    Args:
        blocks: Each with its size in bytes; see :func:`sized`.
        decoder: A new one, for this table.
        stats: The stream's figures.
        label: The table's name in messages.
        can_stay_structs: Whether rows may be structs; see :func:`can_stay_structs`.

    Raises:
        DataError: A row is wrong; or the table turns out to be cut off when pages of it have
            been written, so that its request can't be sent again.
    """
    read = 0
    try:
        for block, size in blocks:
            read += size
            records = decoder.rows(block) if can_stay_structs else decoder.records(block)
            note_drift(stats, decoder.drifted - stats.drifted)
            note_replaced(stats, decoder.replaced - stats.replaced)
            _note_passed_by(stats, block)
            if records:
                yield Page({stats.stream: records}, size=read)
                read = 0
    except (BadBodyError, DataError) as error:
        msg = f"{label}: {error}"
        raise DataError(msg) from error


def _note_passed_by(stats: StreamStats, block: Block) -> None:
    for sheet in block.passed_by:
        if stats.note_passed_by(sheet):
            _log.warning(
                "stream %s: the sheet %s of the vendor's workbook is not read: rows are those of "
                "the first sheet that has cells",
                stats.stream,
                sheet,
            )
