"""Tabular answers (CSV, XLSX, JSON) as records with identity.

A reader yields one :class:`Block` of rows after another; a :class:`ColumnSurvey` finds columns in
samples; a :class:`RowShape` knows the columns of a stream (threads may share it), and its
:class:`RowDecoder` turns the blocks of one answer into records.
"""

from __future__ import annotations

from tap_kit.tables.answer import check_table, is_empty, read_table
from tap_kit.tables.block import Block
from tap_kit.tables.columns import EXTRA_COLUMNS, ROW_ID, name_columns
from tap_kit.tables.csv_rows import read_csv
from tap_kit.tables.discovery import ColumnSurvey, warn_of_twins
from tap_kit.tables.json_rows import read_json
from tap_kit.tables.shape import RowDecoder, RowShape
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
    "RowShape",
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
