"""Records of one stream on their way to its table: checked, and kept in a file until the flush."""

from __future__ import annotations

import re
from datetime import date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from target_db.errors import DataError, LoadError, TooNarrowError, UnstorableError
from target_db.kinds import Kind, wider
from target_db.row_file import RowFile
from target_db.table import EXTRACTED_AT
from target_db.values import check, encode, fit, identity, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from target_db.database import Database
    from target_db.table import Declared, Table

_LARGEST_EXACT = 2**53
_Long = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_TYPES: dict[Kind, Any] = {
    Kind.BOOLEAN: bool,
    Kind.INTEGER: _Long,
    Kind.BIG: int,
    Kind.NUMBER: float,
    Kind.DATE: date,
    Kind.TIME: datetime,
    Kind.JSON: msgspec.Raw,
    Kind.TEXT: str,
}
_ODD_NAME = re.compile(r'["\\\x00-\x1f]')
"""msgspec has no fields of such names."""


class Rows:
    """The rows of a stream on their way into a file.

    A record is checked by a type that is made of the table's columns, and written as it came. One
    that does not pass is looked at value by value: it is brought into a form that fits, the column
    is widened, or the error names the field.

    Attributes:
        table: Where they go.
        file: Those since the last commit began.
    """

    def __init__(
        self,
        database: Database,
        declared: Declared,
        table: Table,
        folder: Path,
        settle: Callable[[], object],
    ) -> None:
        """Begin without rows.

        Args:
            database: Whose table it is.
            declared: The stream as its SCHEMA has it.
            table: Its table.
            folder: For this stream's files alone.
            settle: Ends the commit that is at work; called before a column is widened.
        """
        self.table = table
        self._declared = declared
        self._database = database
        self._folder = folder
        self._settle = settle
        self._files = 0
        self._mending: RowFile | None = None
        self._unknown: set[str] = set()
        self._begin()
        self._shape()

    def _begin(self) -> None:
        self.file = RowFile(self._folder / f"{self._files}.jsonl")
        self._files += 1
        self._places: dict[object, int] = {}

    def hand_over(self) -> RowFile:
        """The rows until now; those to come are in another file."""
        file = self.file
        self._begin()
        return file

    def _shape(self) -> None:
        """Make the check of the columns as they are now."""
        table = self.table
        self._raw = all(
            name == column and not _ODD_NAME.search(name) for name, column in table.columns.items()
        )
        names = {f"f{number}": name for number, name in enumerate(table.columns)}
        fields: list[Any] = [self._field(field, name) for field, name in names.items()]
        field_of = {name: field for field, name in names.items()}
        key_fields = [field_of[name] for name in table.keys]
        self._decode: Callable[[Any], Any] | None = None
        if self._raw:
            made = msgspec.defstruct(
                "Record",
                sorted(fields, key=len),  # those without a default come first
                rename=names,
                forbid_unknown_fields=not self._unknown,
                gc=False,
            )
            self._decode = msgspec.json.Decoder(made).decode
        kinds = [table.kinds[name] for name in table.keys]
        get = attrgetter(*key_fields) if key_fields else None
        self._plain = all(
            self._type(name) in (str, int, _Long) for name in table.keys
        )  # as they are, the values are equal where the database takes them for equal
        self._key: Callable[[Any], object] | None = get
        if get is not None and not self._plain:
            single = len(key_fields) == 1
            self._key = lambda row: _identity((get(row),) if single else get(row), kinds)
        self.digits_matter = not self._database.exact and any(
            kind is Kind.NUMBER or (kind is Kind.TEXT and self._type(name) is msgspec.Raw)
            for name, kind in table.kinds.items()
        )
        """Whether numbers with many digits need a closer look."""

    def _field(self, field: str, name: str) -> tuple[Any, ...]:
        """A field as msgspec wants it; a key has no default, and is never null."""
        kind = self._type(name)
        if name in self.table.keys:
            return field, kind
        # Raw takes null too, and a union with it would take null alone.
        return (field, kind, msgspec.Raw()) if kind is msgspec.Raw else (field, kind | None, None)

    def _type(self, name: str) -> Any:  # noqa: ANN401  # a type
        """What a property's values are checked by: nothing, where text holds what is none."""
        kind = self.table.kinds[name]
        if kind is Kind.TEXT and self._declared.kinds[name] is not Kind.TEXT:
            return msgspec.Raw
        if kind is Kind.NUMBER and name in self.table.keys:
            return msgspec.Raw  # as floats, different keys may be equal; identity() checks them
        return _TYPES[kind]

    def redeclare(self, declared: Declared, table: Table) -> None:
        """Take another SCHEMA; no rows may be waiting."""
        self._declared = declared
        self.table = table
        self._unknown = set()
        self._shape()

    def add(self, record: bytes | dict[str, Any], line: int, extracted: str | None) -> None:
        """Take a record.

        Args:
            record: The JSON object, or what it says where each value needs a closer look.
            line: Where it came, for errors.
            extracted: When it was extracted, where that is wanted.

        Raises:
            LoadError: It can't be loaded.
        """
        key: object = None
        if isinstance(record, dict):
            record, key = self._mended(record, f"line {line}")
        elif self._decode is None:
            record, key = self._mended(self._parsed(record, line), f"line {line}")
        else:
            try:
                row = self._decode(record)
                key = self._key(row) if self._key is not None else None
            except (msgspec.DecodeError, UnicodeDecodeError):
                record, key = self._mended(self._parsed(record, line), f"line {line}")
        if key is not None:
            number = self.file.count
            before = self._places.setdefault(key, number)
            if before != number:
                self.file.supersede(before)
                self._places[key] = number
        if extracted is not None:
            record = _with(record, EXTRACTED_AT, extracted)
        self.file.add(record)

    def _parsed(self, record: bytes, line: int) -> dict[str, Any]:
        try:
            found = parse(record)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        msg = f"stream {self.table.stream}, line {line}: the record is no JSON object"
        raise LoadError(msg)

    def _mended(self, found: dict[str, Any], place: str) -> tuple[bytes, object]:
        """A record in a form that fits its columns, under their names, and its key."""
        for name in found.keys() - self.table.columns.keys() - self._unknown - {EXTRACTED_AT}:
            self._unknown.add(name)
            self._database.warn(
                f"stream {self.table.stream}: the field {name} is not in its SCHEMA, so it is not "
                "loaded"
            )
            self._shape()
        fitted = {}
        for name, column in self.table.columns.items():
            value = found.get(name)
            if value is not None:
                fitted[column] = self._fitted(name, value, found, place)
            elif name in self.table.keys:
                msg = f"stream {self.table.stream}, {place}: the key {name} is null or absent"
                raise LoadError(msg)
        if EXTRACTED_AT in found:
            fitted[EXTRACTED_AT] = found[EXTRACTED_AT]
        return encode(fitted), self._key_of(fitted)

    def _key_of(self, row: dict[str, Any]) -> object:
        """The key of a row, under the names of its columns, as the check's type gives it."""
        keys = [row[column] for column in self.table.key_columns]
        if not keys:
            return None
        if self._plain:
            return keys[0] if len(keys) == 1 else tuple(keys)
        return _identity(keys, [self.table.kinds[name] for name in self.table.keys])

    def _fitted(self, name: str, value: object, record: dict[str, Any], place: str) -> object:
        try:
            check(value, nul=self._database.stores_nul)
        except UnstorableError as error:
            msg = f"{self._place(record, place)}, field {name}: {error}"
            raise LoadError(msg) from None
        while True:
            found = self.table.kinds[name]
            try:
                return fit(value, found, exact=self._database.exact)
            except TooNarrowError as error:  # seldom
                self._settle()
                if self.table.kinds[name] is not found:  # the commit has widened it
                    continue
                kind = wider(found, error.kind)
                kind = error.kind if error.kind is Kind.JSON else kind
                if kind is Kind.NUMBER and not self._database.exact and self._long(name):
                    kind = Kind.TEXT
                try:
                    self._database.widen(self.table, name, kind)
                except (LoadError, DataError) as failed:
                    msg = f"{self._place(record, place)}, field {name}: {failed}"
                    raise LoadError(msg) from None
                self._shape()
                if name in self.table.keys:
                    self._places = {
                        self._key_of(parse(row)): number
                        for number, row in enumerate(self.file.lines())
                    }

    def _long(self, name: str) -> bool:
        """Whether rows that wait have integers with more digits than a double has."""
        files = [self.file, *([self._mending] if self._mending else [])]
        values = (parse(r).get(self.table.columns[name]) for file in files for r in file.lines())
        return any(isinstance(value, int) and abs(value) > _LARGEST_EXACT for value in values)

    def _place(self, record: dict[str, Any], place: str) -> str:
        """The stream and the key of a record, for errors; without keys the place."""
        keys = ", ".join(f"{name}={record.get(name)}" for name in self.table.keys)
        return f"stream {self.table.stream}, {f'key {keys}' if keys else place}"

    def mend(self, file: RowFile) -> None:
        """Look at every value of rows that were handed over: the database did not take them.

        Raises:
            LoadError: One of them can't be loaded.
        """
        file.latest()
        self._mending = file
        file.replace(
            self._mended(self._by_property(record), _row(number))[0] + b"\n"
            for number, record in enumerate(file.lines(), 1)
        )
        self._mending = None

    def _by_property(self, record: bytes) -> dict[str, Any]:
        """A row under the names of its properties again."""
        properties = {column: name for name, column in self.table.columns.items()}
        return {properties.get(name, name): value for name, value in parse(record).items()}

    def culprit(self, file: RowFile, reason: str) -> LoadError:
        """Why the database does not take rows that were handed over: which row, and which field."""

        def taken(lines: list[bytes]) -> bool:
            return self._database.would_take(self.table, file.tried(lines))

        rows = list(file.lines())
        number = 1
        while len(rows) > 1:
            middle = len(rows) // 2
            if taken(rows[:middle]):
                rows = rows[middle:]
                number += middle
            else:
                rows = rows[:middle]
        row = self._by_property(rows[0])
        place = self._place(row, _row(number))
        for name in self.table.columns.keys() - set(self.table.keys):
            rest = {self.table.columns.get(n, n): value for n, value in row.items() if n != name}
            if name in row and taken([encode(rest) + b"\n"]):
                return LoadError(f"{place}, field {name}: {reason}")
        keys = ", ".join(self.table.keys)
        return LoadError(f"{place}, field {keys or 'unknown'}: {reason}")

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()


def _row(number: int) -> str:
    return f"row {number} of its commit"


def _identity(values: Any, kinds: list[Kind]) -> tuple[object, ...]:  # noqa: ANN401  # fields of a Record
    return tuple(identity(value, kind) for value, kind in zip(values, kinds, strict=True))


def _with(record: bytes, name: str, value: str) -> bytes:
    body = record.rstrip()[:-1].rstrip()
    comma = b"" if body.endswith(b"{") else b","
    return b'%s%s"%s":%s}' % (body, comma, name.encode(), encode(value))
