"""The delimiter of CSV: the one that divides headings and rows alike."""

from __future__ import annotations

import csv
import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIMITERS = ",;\t|"
"""The candidates; the first ones win where nothing else tells."""
_SAMPLE = 100
"""Rows that are looked at."""
_DECLARED = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
"""The line with which Excel is told the delimiter."""


class _Fit(NamedTuple):
    """How well a delimiter divides a table; more is better, the first differing item decides."""

    fits: bool
    """Divides the headings, and no row into more cells than those."""
    rows: int
    """Rows with just as many cells as headings."""
    tight: bool
    """Stands without a blank after it, somewhere in the headings at least."""
    headings: int


def declared_delimiter(line: str) -> str | None:
    """Return the delimiter that a line such as ``sep=;`` declares; None for any other line."""
    match = _DECLARED.fullmatch(line)
    return match[1] if match else None


def delimiter_of(lines: Sequence[str]) -> str:
    """Find the delimiter of a table.

    Comma and semicolon divide ``Date;Sum, EUR`` and ``2026-01-05;3,50`` equally well. Then the
    semicolon counts, because one that has a blank after it everywhere in the headings is rather
    part of a text.

    Args:
        lines: The first lines, headings first; the last one may end within a cell.
    """
    present = [delimiter for delimiter in DELIMITERS if delimiter in lines[0]]
    if len(present) < 2:  # noqa: PLR2004  # nothing to choose from
        return present[0] if present else ","
    return max(present, key=lambda delimiter: _fit(lines, delimiter))


def _fit(lines: Sequence[str], delimiter: str) -> _Fit:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(islice(reader, _SAMPLE))
    except csv.Error as error:
        # A cell may go on after these lines; quotes within a cell are a fault.
        if "end of data" not in str(error):
            return _Fit(fits=False, rows=0, tight=False, headings=0)
    widths = [len(row) for row in rows if row]
    if not widths:
        return _Fit(fits=False, rows=0, tight=False, headings=0)
    headings = widths[0]
    return _Fit(
        fits=headings > 1 and max(widths) <= headings,
        rows=widths[1:].count(headings),
        tight=any(not cell.startswith(" ") for cell in rows[0][1:]),
        headings=headings,
    )
