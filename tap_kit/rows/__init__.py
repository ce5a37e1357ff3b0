"""Tabular answers (CSV, XLSX, JSON) as records with identity.

A reader yields one :class:`Block` of rows after another; a :class:`ColumnSurvey` finds columns in
samples; a :class:`RowShape` knows the columns of a stream (threads may share it), and its
:class:`RowDecoder` turns the blocks of one answer into records.
"""

from __future__ import annotations

from tap_kit.rows.answer import read_answer
from tap_kit.rows.block import Block
from tap_kit.rows.columns import EXTRA_COLUMNS, ROW_ID, name_columns
from tap_kit.rows.csv_rows import read_csv
from tap_kit.rows.discovery import ColumnSurvey
from tap_kit.rows.json_rows import read_json
from tap_kit.rows.shape import RowDecoder, RowShape
from tap_kit.rows.types import DECLARABLE, Column, ColumnType, columns_of, declared_columns
from tap_kit.rows.xlsx_rows import read_xlsx

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
    "columns_of",
    "declared_columns",
    "name_columns",
    "read_answer",
    "read_csv",
    "read_json",
    "read_xlsx",
]
