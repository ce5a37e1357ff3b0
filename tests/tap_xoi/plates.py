"""Which data plate stands under which key means nothing to XOi."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness import Record


def without_plate_keys(row: Record) -> Record:
    """The row with the plates of a report in one order, and values as JSON and not as text."""
    if isinstance(row.get("value_json"), str):
        row = {**row, "value_json": json.loads(row["value_json"])}
    if isinstance(data := row.get("stepData"), dict):
        plates = sorted(json.dumps(value, sort_keys=True) for value in data.values())
        row = {**row, "stepData": [sorted(data), plates]}
    return row
