"""Step data as records: one for each Reference Key, and one for each data plate."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_kit.text.json import ENCODER
from tap_kit.time.clock import parse_time
from tap_xoi.data_plates import FIELDS, by_reference_key, identified, is_empty, plate_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.streams.reader import Record

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_COLUMNS = (
    "value_number",
    "value_string",
    "value_boolean",
    "value_datetime",
    "value_json",
    "unit",
    "unit_type",
    *FIELDS,
)


def step_values(step_data: Mapping[str, object] | None) -> Iterator[Record]:
    """Return the records of a report's ``stepData``, without the report's own columns.

    A step that was left empty is a record of type ``null``. A step without a Reference Key is not
    in the response. Numbers keep all their digits in ``value_json``.
    """
    steps = step_data or {}
    groups = by_reference_key(steps)
    grouped = {key for members in groups.values() for key in members}
    for key, step in steps.items():
        if key not in grouped:
            yield {"reference_key": key, "value_id": key, **_columns(step), **_value(step)}
    for key, members in groups.items():
        for value_id, step in identified(key, members.values()):
            of_the_type = _value(step) if is_empty(step) else _plate(step)
            yield {"reference_key": key, "value_id": value_id, **_columns(step), **of_the_type}


def _columns(step: object) -> Record:
    """All columns, with what does not depend on the value's type."""
    row: Record = dict.fromkeys(_COLUMNS)
    if step is not None:
        row["value_json"] = ENCODER.encode(step).decode()
    if isinstance(step, dict):
        row["unit"] = step.get("unit")
        row["unit_type"] = step.get("unit_type")
    return row


def _plate(step: object) -> Record:
    plate = plate_of(step) or {}
    return {"value_type": "dataplate", **{field: text(plate, field) for field in FIELDS}}


def _value(step: object) -> Record:
    """``value_type`` and the column of that type."""
    value: Any = step.get("value", step) if isinstance(step, dict) else step
    if isinstance(value, bool):
        return {"value_type": "boolean", "value_boolean": value}
    if isinstance(value, (int, float, Decimal)):
        return {"value_type": "number", "value_number": value}
    if isinstance(value, str):
        if _is_time(value):
            return {"value_type": "datetime", "value_datetime": value, "value_string": value}
        return {"value_type": "string", "value_string": value}
    if isinstance(value, list):
        return {"value_type": "array"}
    return {"value_type": "null" if value is None else "object"}


def _is_time(value: str) -> bool:
    if not _RFC_3339.fullmatch(value):
        return False
    try:
        parse_time(value)
    except (ValueError, OverflowError):
        return False
    return True
