"""``target-duck``: into one DuckDB file, which reads the rows itself."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb

from target_db.database import CONNECT_SECONDS, Database, connected
from target_db.errors import DataError, LoadError
from target_db.kinds import Kind
from target_db.table import EXTRACTED_AT, Existing, Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from target_db.table import Table

_LARGEST_EXACT = 2**53
_OF_DATA = (
    duckdb.DataError,
    duckdb.IntegrityError,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
)
_LOCKED = re.compile("Could not set lock|being used by another process")
_OBJECT_BYTES = 1 << 24
"""DuckDB's own bound for one row."""


class DuckNames(Names):
    """DuckDB does not tell case apart."""

    def fold(self, name: str) -> str:
        """The same for names that DuckDB takes for one."""
        return name.lower()


class Duck(Database):
    """A DuckDB file."""

    command = "target-duck"
    exact = False
    stores_nul = True
    names = DuckNames()
    types: ClassVar[Mapping[Kind, str]] = {
        Kind.BOOLEAN: "BOOLEAN",
        Kind.INTEGER: "BIGINT",
        Kind.BIG: "HUGEINT",
        Kind.NUMBER: "DOUBLE",
        Kind.DATE: "DATE",
        Kind.TIME: "TIMESTAMP WITH TIME ZONE",
        Kind.JSON: "JSON",
        Kind.TEXT: "VARCHAR",
    }

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Open the file, and wait a while for another writer to end."""
        super().__init__(settings["schema"], metadata=settings["metadata_columns"])
        self._path = str(settings["path"])
        try:
            self._connection = connected(lambda: duckdb.connect(self._path), _is_locked)
        except duckdb.Error as error:
            raise LoadError(self._unopened(error)) from None
        self.run("set TimeZone = 'UTC'")
        ((self._catalog,),) = self.run("select current_database()")

    def _unopened(self, error: duckdb.Error) -> str:
        if _is_locked(error):
            return (
                f"another process has had {self._path} open for {CONNECT_SECONDS} s; a DuckDB "
                "file has one writer: run one pipeline after the other, and close what reads it"
            )
        if self._path != ":memory:" and not Path(self._path).absolute().parent.is_dir():
            return f"the folder of {self._path} (setting path) is not there; make it first"
        return f"{self._path} (setting path) can't be opened: {_reason(error)}"

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def interrupt(self) -> None:
        """Have the statement that runs end with an error."""
        self._connection.interrupt()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, or nothing."""
        try:
            self._connection.begin()
            yield
            self._connection.commit()
        except BaseException as error:
            self._roll_back()
            if isinstance(error, _OF_DATA):
                raise DataError(_reason(error)) from None
            if isinstance(error, duckdb.Error):
                msg = f"{self._path}: {_reason(error)}"
                raise LoadError(msg) from None
            raise

    def _roll_back(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.Error:
            return  # it had not begun, or has ended by the error

    def run(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        rows: list[tuple[Any, ...]] = self._connection.execute(query, parameters).fetchall()
        return rows

    def place(self, table: str) -> str:
        """A table's name; a schema may have the name that the file has."""
        return self.quoted(self._catalog, self.schema, table)

    def _schema(self) -> str:
        return self.quoted(self._catalog, self.schema)

    def tables(self) -> Existing:
        """Tables of the schema."""
        rows = self.run(
            "select table_name, comment from duckdb_tables() "
            "where database_name = $1 and schema_name = $2",
            [self._catalog, self.schema],
        )
        return Existing({name: "" for name, _ in rows}, self.remembered(rows))

    def columns(self, table: str) -> Existing:
        """Columns of a table."""
        rows = self.run(
            "select column_name, data_type, comment from duckdb_columns() "
            "where database_name = $1 and schema_name = $2 and table_name = $3 "
            "order by column_index",
            [self._catalog, self.schema, table],
        )
        types = {name: kind for name, kind, _ in rows}
        return Existing(types, self.remembered((name, comment) for name, _, comment in rows))

    def keys(self, table: str) -> list[str]:
        """Columns of a table's primary key."""
        rows = self.run(
            "select constraint_column_names from duckdb_constraints() where database_name = $1 "
            "and schema_name = $2 and table_name = $3 and constraint_type = 'PRIMARY KEY'",
            [self._catalog, self.schema, table],
        )
        return list(rows[0][0]) if rows else []

    def kind_of_type(self, name: str) -> Kind | None:
        """The kind of one of DuckDB's types."""
        return next((kind for kind, known in self.types.items() if known == name), None)

    def set_keys(self, table: str, keys: Sequence[str]) -> None:
        """Make the table anew, since DuckDB keeps a table's primary key."""
        self._remake(table, keys, {})

    def retype(self, table: str, column: str, kind: Kind) -> None:
        """Make the table anew, since DuckDB keeps the types of key columns."""
        self._remake(table, self.keys(table), {column: kind})

    def _remake(self, table: str, keys: Sequence[str], kinds: Mapping[str, Kind]) -> None:
        there = self.columns(table)
        parts, selected = [], []
        for name, found in there.types.items():
            column = self.quoted(name)
            kind = kinds.get(name)
            parts.append(f"{column} {self.types[kind] if kind else found}")
            # A text becomes a JSON text; without to_json DuckDB would read it as JSON.
            selected.append(f"to_json({column})" if kind is Kind.JSON else column)
            if kind is Kind.TEXT and found == "TIMESTAMP WITH TIME ZONE":
                selected[-1] = f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"
        if keys:
            parts.append(f"primary key ({self._list(keys)})")
        ((comment,),) = self.run(
            "select comment from duckdb_tables() where database_name = $1 and schema_name = $2 "
            "and table_name = $3",
            [self._catalog, self.schema, table],
        )
        new = self.place(f"{table}__new")
        self.run(f"create table {new} ({', '.join(parts)})")
        self.run(f"insert into {new} select {', '.join(selected)} from {self.place(table)}")  # noqa: S608  # quoted names
        self.run(f"drop table {self.place(table)}")
        self.run(f"alter table {new} rename to {self.quoted(table)}")
        if comment:
            self.run(
                f"comment on table {self.place(table)} is '{comment.replace(chr(39), chr(39) * 2)}'"
            )
        for name, column in there.names.items():
            self._remember("column", f"{self.place(table)}.{self.quoted(column)}", name)

    def widest(self, table: str, column: str, kind: Kind, wanted: Kind) -> Kind:
        """Numbers become texts where their digits would be lost."""
        if wanted is Kind.NUMBER and kind in (Kind.INTEGER, Kind.BIG):
            ((count,),) = self.run(
                f"select count(*) from {self.place(table)} "  # noqa: S608  # quoted names
                f"where abs({self.quoted(column)}::hugeint) > {_LARGEST_EXACT}"
            )
            return Kind.TEXT if count or kind is Kind.BIG else wanted
        return wanted

    def stage(self, table: Table, path: Path) -> str:
        """The file itself, which DuckDB reads while it inserts."""
        types = {column: self.types[table.kinds[name]] for name, column in table.columns.items()}
        if EXTRACTED_AT in table.metadata:
            types[EXTRACTED_AT] = self.types[Kind.TIME]
        size = max(_OBJECT_BYTES, 2 * _longest(path))
        fields = ", ".join(
            f"{self._text(name)}: {self._text(kind)}" for name, kind in types.items()
        )
        return (
            f"read_json({self._text(str(path))}, format = 'newline_delimited', records = true, "
            f"auto_detect = false, maximum_object_size = {size}, columns = {{{fields}}}) as r"
        )

    @staticmethod
    def _text(value: str) -> str:
        return "'" + value.replace("'", "''") + "'"


def _longest(path: Path) -> int:
    """Length of a file's longest line; nothing where all are within DuckDB's own bound."""
    if path.stat().st_size < _OBJECT_BYTES // 2:
        return 0
    with path.open("rb") as lines:
        return max(map(len, lines), default=0)


def _is_locked(error: Exception) -> bool:
    return isinstance(error, duckdb.IOException) and bool(_LOCKED.search(str(error)))


def _reason(error: BaseException) -> str:
    """A sentence of DuckDB's, without data: those of conversions quote them."""
    if isinstance(error, duckdb.ConstraintException):
        return "a constraint of the table does not hold"
    if isinstance(error, (duckdb.DataError, duckdb.InvalidInputException)):
        return "DuckDB can't read the value"
    return str(error).strip().partition("\n")[0]
