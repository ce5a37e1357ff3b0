"""What all readers yield: rows under the same headings, a few thousand at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK_ROWS = 1000
"""Rows read at a time: enough to make per-block work cheap, little enough to hold in memory."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of an answer.

    Attributes:
        headings: The vendor's headings, as sent.
        rows: Cells in the headings' order; a row may be shorter. Text, "" where there is
            nothing, or JSON values where ``typed``.
        first: Number of the first row in the answer; 1 is the first row of data.
        typed: Cells are JSON values.
        suspect: Cells may hold what no target can store.
        replaced: Positions of the columns in which that was replaced.
        passed_by: Sheets of the workbook that are not read, on its first block.
    """

    headings: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    first: int = 1
    typed: bool = False
    suspect: bool = False
    replaced: frozenset[int] = frozenset()
    passed_by: tuple[str, ...] = ()
