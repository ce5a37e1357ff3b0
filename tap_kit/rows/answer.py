"""Which reader an answer needs: its Content-Type decides, not what was asked for."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from tap_kit.errors import BadBodyError
from tap_kit.rows.csv_rows import read_csv
from tap_kit.rows.json_rows import read_json
from tap_kit.rows.xlsx_rows import read_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_kit.rows.block import Block

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def read_answer(
    file: IO[bytes], content_type: str | None, charset: str | None = None
) -> Iterator[Block]:
    """Read an answer in the format that its Content-Type names.

    Args:
        file: The body, at its beginning; stays open.
        content_type: The header's value, with or without parameters.
        charset: Of CSV; as in the header's parameter.

    Returns:
        The reader's blocks.

    Raises:
        BadBodyError: The type is none of CSV, XLSX and JSON (an HTML page with 200, ...).
    """
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return read_json(file)
    if media_type in {XLSX, "application/vnd.ms-excel"}:
        return read_xlsx(file)
    if media_type in {"text/csv", "application/csv", "text/plain", "application/octet-stream"}:
        return read_csv(file, charset)
    msg = f"The answer is of type {media_type or 'unknown'}, neither CSV, XLSX nor JSON"
    raise BadBodyError(msg)
