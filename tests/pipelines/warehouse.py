"""Tables in PostgreSQL as a user finds them, and compared with what the vendor has."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tap_kit.time.clock import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row = dict[str, Any]


class Table:
    """A table and all of its rows.

    Attributes:
        types: PostgreSQL's data types by column, without those of the loader's own.
        keys: Columns of the primary key.
        rows: The rows; numbers are floats and times are in ISO 8601 with UTC's offset.
    """

    def __init__(self, types: Mapping[str, str], keys: Iterable[str], rows: Iterable[Row]) -> None:
        self.types = types
        self.keys = sorted(keys)
        self.rows = [{name: _plain(row[name]) for name in types} for row in rows]

    def typed(self, truth: Iterable[Row]) -> list[Row]:
        """What the vendor has, in plain JSON, with numbers and times as this table has them."""
        return [self._typed(row) for row in truth]

    def _typed(self, row: Row) -> Row:
        return {
            name: parse_time(value).isoformat()
            if value is not None and self.types[name].startswith("timestamp")
            else _plain(value)
            for name, value in row.items()
        }


def read_tables(dsn: str, schema: str) -> dict[str, Table]:
    """All tables of a schema."""
    utc = "-c timezone=UTC"
    with psycopg.connect(dsn, row_factory=dict_row, options=utc) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns "
            "where table_schema = %s and column_name !~ '^(_sdc_|_loaded_at$)' "
            "order by table_name, ordinal_position",
            [schema],
        ).fetchall()
        keys = connection.execute(
            "select table_name, column_name from information_schema.key_column_usage "
            "where table_schema = %s",
            [schema],
        ).fetchall()
        tables = {}
        for name in {column["table_name"] for column in columns}:
            query = sql.SQL("select * from {}").format(sql.Identifier(schema, name))
            tables[name] = Table(
                {c["column_name"]: c["data_type"] for c in columns if c["table_name"] == name},
                [key["column_name"] for key in keys if key["table_name"] == name],
                connection.execute(query).fetchall(),
            )
        return tables


def expected_type(declared: Mapping[str, Any]) -> set[str]:
    """The data types in PostgreSQL that are right for a property of a stream's schema."""
    kinds = set(declared["type"]) - {"null"}
    if "format" in declared:
        if declared["format"] == "date":
            return {"date"}
        return {"timestamp without time zone", "timestamp with time zone"}
    if "object" in kinds:
        return {"jsonb"}
    if "array" in kinds:
        return {"ARRAY", "jsonb"}
    (kind,) = kinds
    return {
        {"string": "text", "integer": "bigint", "number": "numeric", "boolean": "boolean"}[kind]
    }


def _plain(value: Any) -> Any:  # noqa: ANN401  # any value of a column, any JSON
    """A value in JSON, all numbers alike."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=timezone.utc).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
