"""Tables (CSV, XLSX, JSON) to records with identity.

:func:`~tap_kit.tables.read.read_table` yields a response as :class:`Block` after :class:`Block`
of rows. At discovery a :class:`ColumnSurvey` finds the columns of samples. A :class:`TableShape`
knows the columns of a stream, and may be shared by threads; its :class:`RowDecoder` makes records
of the blocks of one response.
"""

from __future__ import annotations

from tap_kit.tables.block import Block
from tap_kit.tables.columns import EXTRA_COLUMNS, ROW_ID, name_columns
from tap_kit.tables.csv_rows import read_csv
from tap_kit.tables.discovery import ColumnSurvey, warn_of_twins
from tap_kit.tables.json_rows import read_json
from tap_kit.tables.read import check_table, is_empty, read_table
from tap_kit.tables.shape import RowDecoder, TableShape
from tap_kit.tables.types import DECLARABLE, Column, ColumnType, columns_of, declared_columns
from tap_kit.tables.xlsx_rows import read_xlsx

__all__ = [
    "DECLARABLE",
    "EXTRA_COLUMNS",
    "ROW_ID",
    "Block",
    "Column",
    "ColumnSurvey",
    "ColumnType",
    "RowDecoder",
    "TableShape",
    "check_table",
    "columns_of",
    "declared_columns",
    "is_empty",
    "name_columns",
    "read_csv",
    "read_json",
    "read_table",
    "read_xlsx",
    "warn_of_twins",
]
