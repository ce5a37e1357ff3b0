"""What both databases have in common: tables made to fit, and the statements that fill them."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from target_db.errors import LoadError
from target_db.kinds import Kind, wider
from target_db.table import (
    EXTRACTED_AT,
    LOADED_AT,
    METADATA,
    VERSION,
    Existing,
    Names,
    Table,
    named,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from target_db.table import Declared

CONNECT_SECONDS = 60
"""How long a connection is tried for at start."""

_COMMENT = "Singer name: "
"""Begins the comment on what could not have the name that it has in the source."""


class Database(ABC):
    """A connection to one schema of a database; one transaction at a time.

    Attributes:
        command: The loader's command, before its messages.
        types: The database's type of each kind.
        exact: Whether its numbers have all digits, however many.
        stores_nul: Whether its texts may hold NUL characters.
        names: What it takes for a name.
    """

    command: ClassVar[str]
    types: ClassVar[Mapping[Kind, str]]
    exact: ClassVar[bool]
    stores_nul: ClassVar[bool]
    names: ClassVar[Names]

    def __init__(self, schema: str, *, metadata: bool) -> None:
        """Take the schema's name, and whether tables have metadata columns."""
        self.schema = schema
        self._metadata = metadata
        self._tables: dict[str, str] = {}

    @abstractmethod
    def close(self) -> None:
        """End the connection; what is not committed is gone."""

    @abstractmethod
    def interrupt(self) -> None:
        """Have the statement that runs in another thread end with an error."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Commit at the end, or nothing; errors of the database become errors of the load."""

    @abstractmethod
    def run(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a statement; parameters stand for ``$1``, ``$2`` and so on."""

    @abstractmethod
    def tables(self) -> Existing:
        """Tables of the schema."""

    @abstractmethod
    def columns(self, table: str) -> Existing:
        """Columns of a table."""

    @abstractmethod
    def keys(self, table: str) -> list[str]:
        """Columns of a table's primary key."""

    @abstractmethod
    def set_keys(self, table: str, keys: Sequence[str]) -> None:
        """Give a table another primary key, or none."""

    @abstractmethod
    def kind_of_type(self, name: str) -> Kind | None:
        """The kind of one of the database's types; nothing for those that have none."""

    @abstractmethod
    def retype(self, table: str, column: str, kind: Kind) -> None:
        """Change the type of a column and keep its values."""

    @abstractmethod
    def stage(self, table: Table, path: Path) -> str:
        """Make a relation named ``r`` of the rows of a file; what stands in FROM."""

    def widest(self, table: str, column: str, kind: Kind, wanted: Kind) -> Kind:  # noqa: ARG002  # for those that need them
        """The kind to which a column is widened, so that its values stay."""
        return wanted

    def warn(self, message: str) -> None:
        """Tell the user something that does not end the load."""
        sys.stderr.write(f"{self.command}: {message}\n")
        sys.stderr.flush()

    def quoted(self, *names: str) -> str:
        """Names as SQL has them."""
        return ".".join('"' + name.replace('"', '""') + '"' for name in names)

    def place(self, table: str) -> str:
        """A table's name as SQL has it."""
        return self.quoted(self.schema, table)

    def lock(self) -> None:  # noqa: B027  # a file has one loader anyway
        """Keep other loaders from making the same schema or tables before this ends."""

    def prepare(self, declared: Declared) -> Table:
        """The table of a stream, made or changed as its SCHEMA needs it."""
        with self.transaction():
            self.lock()
            self.run(f"create schema if not exists {self._schema()}")
            there = self.tables()
            taken = {*there.types, *self._tables.values()}
            known = {**there.names, **self._tables}
            name = named([declared.stream], taken, known, self.names)[declared.stream]
            self._tables[declared.stream] = name
            metadata = [LOADED_AT, *(METADATA if self._metadata else ())]
            columns = named(declared.kinds, metadata, {}, self.names)
            kinds = dict(declared.kinds)
            table = Table(declared.stream, name, columns, kinds, declared.keys, metadata)
            if name in there.types:
                self._change(table)
            else:
                self._create(table)
        return table

    def _schema(self) -> str:
        return self.quoted(self.schema)

    def _create(self, table: Table) -> None:
        table.metadata = [n for n in table.metadata if n not in table.columns.values()]
        parts = [
            f"{self.quoted(column)} {self.types[table.kinds[name]]}"
            for name, column in table.columns.items()
        ]
        parts += [
            f"{self.quoted(column)} {self._metadata_type(column)}" for column in table.metadata
        ]
        if table.keys:
            parts.append(f"primary key ({self._list(table.key_columns)})")
        self.run(f"create table {self.place(table.name)} ({', '.join(parts)})")
        table.has_no_conflicts = True
        if table.name != table.stream:
            self._remember("table", self.place(table.name), table.stream)
        self._remember_columns(table, table.columns)

    def _change(self, table: Table) -> None:
        """Add columns that are new, widen those that are too narrow, and set the keys."""
        there = self.columns(table.name)
        taken = [*there.types, *table.metadata]
        table.columns = named(table.kinds, taken, there.names, self.names)
        table.metadata = [n for n in table.metadata if n not in table.columns.values()]
        if VERSION in there.types and VERSION not in {*table.metadata, *table.columns.values()}:
            table.metadata.append(VERSION)
        new = {name: column for name, column in table.columns.items() if column not in there.types}
        for name, column in new.items():
            self._add(table.name, column, self.types[table.kinds[name]])
        for column in set(table.metadata) - there.types.keys():
            self._add(table.name, column, self._metadata_type(column))
        self._remember_columns(table, new)
        if sorted(self.keys(table.name)) != sorted(table.key_columns):
            self.set_keys(table.name, table.key_columns)
        for name, column in table.columns.items():
            if name not in new:
                self._match(table, name, there.types[column])

    def _match(self, table: Table, name: str, found: str) -> None:
        """See that a column of a type that is there already takes what a SCHEMA declares."""
        column, declared = table.columns[name], table.kinds[name]
        kind = self.kind_of_type(found)
        wanted = declared if kind is None else wider(kind, declared)
        if kind is not None and wanted is not kind:
            wanted = self.widest(table.name, column, kind, wanted)
        if found != self.types[wanted]:
            self.retype(table.name, column, wanted)
        table.kinds[name] = self.kind_of_type(self.types[wanted]) or wanted

    def _add(self, table: str, column: str, kind: str) -> None:
        self.run(f"alter table {self.place(table)} add column {self.quoted(column)} {kind}")

    def _remember_columns(self, table: Table, columns: Mapping[str, str]) -> None:
        for name, column in columns.items():
            if name != column:
                self._remember("column", f"{self.place(table.name)}.{self.quoted(column)}", name)

    def _remember(self, what: str, place: str, name: str) -> None:
        text = (_COMMENT + name).replace("'", "''")
        self.run(f"comment on {what} {place} is '{text}'")

    @staticmethod
    def remembered(comments: Iterable[tuple[str, str | None]]) -> dict[str, str]:
        """Names in the database by those in the source, from comments."""
        return {
            comment.removeprefix(_COMMENT): name
            for name, comment in comments
            if comment and comment.startswith(_COMMENT)
        }

    def _list(self, columns: Iterable[str], prefix: str = "") -> str:
        return ", ".join(prefix + self.quoted(column) for column in columns)

    def widen(self, table: Table, name: str, kind: Kind) -> None:
        """Make a column wide enough for a kind."""
        column = table.columns[name]
        with self.transaction():
            kind = self.widest(table.name, column, table.kinds[name], kind)
            self.retype(table.name, column, kind)
        self.warn(f"stream {table.stream}: the column {column} is {self.types[kind]} from now on")
        table.kinds[name] = self.kind_of_type(self.types[kind]) or kind

    def add_version(self, table: Table) -> None:
        """Have a table tell the versions of its rows."""
        if VERSION not in table.metadata:
            with self.transaction():
                self._add(table.name, VERSION, "bigint")
            table.metadata.append(VERSION)

    def _metadata_type(self, column: str) -> str:
        return "bigint" if column in ("_sdc_sequence", VERSION) else self.types[Kind.TIME]

    def load(self, table: Table, path: Path, *, version: int | None, received: datetime) -> None:
        """Upsert the rows of a file, or append them where there are no keys."""
        now = datetime.now(timezone.utc)
        values: dict[str, object] = {
            LOADED_AT: now,
            "_sdc_batched_at": now,
            "_sdc_received_at": received,
            "_sdc_sequence": int(received.timestamp() * 1000),
            "_sdc_deleted_at": None,
            VERSION: version,
        }
        own = [column for column in table.metadata if column != EXTRACTED_AT]
        copied = list(table.columns.values())
        copied += [column for column in table.metadata if column == EXTRACTED_AT]
        source = self.stage(table, path)
        columns = [*copied, *own]
        selected = ", ".join(
            [*(f"r.{self.quoted(column)}" for column in copied)]
            + [f"cast(${n} as {self._metadata_type(column)})" for n, column in enumerate(own, 1)]
        )
        query = (
            f"insert into {self.place(table.name)} ({self._list(columns)}) "  # noqa: S608  # quoted names
            f"select {selected} from {source}"
        )
        if keys := table.key_columns:
            changes = ", ".join(
                f"{self.quoted(column)} = excluded.{self.quoted(column)}"
                for column in columns
                if column not in keys
            )
            action = f"update set {changes}" if changes else "nothing"
            conflict = f" on conflict ({self._list(keys)}) do {action}"
        else:
            conflict = ""
        self.insert(table, query, conflict, [values[column] for column in own])

    def insert(self, table: Table, query: str, conflict: str, parameters: Sequence[object]) -> None:
        """Run an INSERT.

        Args:
            table: Where it inserts.
            query: The statement.
            conflict: What follows it for keys that are there already, if the table has keys.
            parameters: As for :meth:`run`.
        """
        del table
        self.run(query + conflict, parameters)

    def activate(self, table: Table, version: int, *, hard: bool) -> None:
        """Delete the rows of older versions, or mark them where that has a column."""
        older = f"where coalesce({self.quoted(VERSION)}, -1) < $1"
        if hard:
            self.run(f"delete from {self.place(table.name)} {older}", [version])  # noqa: S608  # quoted names
        elif "_sdc_deleted_at" in table.metadata:
            self.run(
                f'update {self.place(table.name)} set "_sdc_deleted_at" = $2 {older} '  # noqa: S608  # quoted names
                'and "_sdc_deleted_at" is null',
                [version, datetime.now(timezone.utc)],
            )

    def would_take(self, table: Table, path: Path) -> bool:
        """Whether the database takes the rows of a file; it has not got them afterwards."""
        try:
            with self.transaction():
                self.load(table, path, version=None, received=datetime.now(timezone.utc))
                raise _NotWantedError  # noqa: TRY301  # so that nothing is committed
        except _NotWantedError:
            return True
        except Exception as error:
            if isinstance(error, LoadError):
                raise
            return False


class _NotWantedError(Exception):
    """Ends a transaction that was to be none."""


def connected(connect: Callable[[], Any], retried: Callable[[Exception], bool]) -> Any:  # noqa: ANN401  # whatever it gives
    """What a function gives that is tried for a minute while its errors may pass."""
    end = time.monotonic() + CONNECT_SECONDS
    pause = 0.1
    while True:
        try:
            return connect()
        except Exception as error:
            if not retried(error) or time.monotonic() + pause > end:
                raise
        time.sleep(pause)
        pause = min(pause * 2, 5)
