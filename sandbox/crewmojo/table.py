"""The rows of one report, and how they are written as csv and as JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows by unique column names."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    headings: Mapping[str, str] = field(default_factory=dict)
    """The csv headings of columns that have another name there."""
    ragged: bool = False
    """The last csv row has a cell too many."""

    def csv_blocks(self, line_end: str) -> Iterator[str]:
        """The csv file in pieces of whole lines, its headings first."""
        columns = (*dict.fromkeys((*self.columns, *(name for row in self.rows for name in row))),)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator=line_end)
        writer.writerow([self.headings.get(name, name) for name in columns])
        for row in self.rows:
            writer.writerow([csv_cell(row.get(name)) for name in columns])
        if self.ragged:
            writer.writerow(["too many"] * (len(columns) + 1))
        yield text.getvalue()

    def json_blocks(self) -> Iterator[str]:
        """The rows as JSON objects, in pieces to be joined by commas."""
        if self.rows:
            yield ",".join(json.dumps(row, ensure_ascii=False) for row in self.rows)


def csv_cell(value: object) -> str:
    """A value as csv has it; null is an empty cell."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool) else f"{value}"
