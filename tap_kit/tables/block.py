"""Blocks: a few thousand rows under the same headings, the same for all formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK_ROWS = 1000
"""Rows read at a time: enough to make per-block work cheap, little enough to hold in memory."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of a table.

    Attributes:
        headings: The vendor's headings, unchanged.
        rows: Cells in the order of the headings; a row may be shorter. Cells are text, "" where
            empty; or JSON values, if ``is_json``.
        first: The number of the first row in the table, from 1; headings don't count.
        is_json: Whether cells are JSON values.
        suspect: Whether cells may hold what no target can store.
        replaced: Positions of the columns in which that was replaced.
        unended: Whether the text ends with these headings, without a line end.
        passed_by: Names of the workbook's sheets that are not read; on its first block only.
    """

    headings: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    first: int = 1
    is_json: bool = False
    suspect: bool = False
    replaced: frozenset[int] = frozenset()
    unended: bool = False
    passed_by: tuple[str, ...] = ()
