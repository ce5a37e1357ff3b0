"""The Singer side: messages from the input, flushes into the database, states to the output."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from target_db.batches import records
from target_db.commits import Commit, Commits
from target_db.errors import DataError, LoadError
from target_db.lines import blocks
from target_db.rows import Rows
from target_db.table import Declared
from target_db.values import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from target_db.database import Database

_DIGITS = bytes(48 if chr(n) in "0123456789." else n for n in range(256))
_MANY_DIGITS = b"0" * 16
_ENOUGH_BYTES = 2 << 20
"""Bytes of rows that a database gets that has nothing to do: less is left for after the tap's end,
and 50 000 jobs took 1.74 s from vendor to PostgreSQL in place of 1.88."""
_MOST_BYTES = 8 << 20
"""Bytes of rows after which the loader waits for the database."""
_NUMBER = re.compile(rb"[:,\[\s]-?[\d.]{16}")


class _Message(msgspec.Struct, gc=False):
    """What any message has, unread where only some need it."""

    type: str
    stream: str = ""
    record: msgspec.Raw = msgspec.Raw()
    version: int | None = None
    time_extracted: str | None = None
    value: msgspec.Raw = msgspec.Raw()
    schema: msgspec.Raw = msgspec.Raw()
    key_properties: msgspec.Raw = msgspec.Raw()
    manifest: msgspec.Raw = msgspec.Raw()
    encoding: msgspec.Raw = msgspec.Raw()


class Loader:
    """Loads the messages of one input into one database; use as a context manager.

    Rows wait in files, one for each stream, until a flush: one transaction over all streams, after
    which the newest STATE is written. The next rows are taken meanwhile.
    """

    def __init__(self, database: Database, settings: Mapping[str, Any], output: int = 1) -> None:
        """Take an open database, the loader's settings, and a file descriptor for STATE lines."""
        self._database = database
        self._commits = Commits(database, output, hard=settings["hard_delete"])
        self._most = settings["flush_records"]
        self._seconds = settings["flush_seconds"]
        self._metadata = settings["metadata_columns"]
        self._rows: dict[str, Rows] = {}
        self._schemas: dict[str, bytes] = {}
        self._versions: dict[str, int] = {}
        self._state: bytes | None = None
        self._line = 0
        self._waiting = 0
        self._bytes = 0
        self._since = 0.0
        self._received = datetime.now(timezone.utc)
        self._stack = ExitStack()
        self._decode = msgspec.json.Decoder(_Message).decode

    def __enter__(self) -> Self:
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="singer-")))
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._commits.end(at_once=kind is not None and not issubclass(kind, Exception))
        for rows in self._rows.values():
            rows.close()
        self._stack.close()

    @property
    def loaded(self) -> int:
        """How many rows are in the database."""
        return self._commits.loaded

    def load(self, source: int) -> None:
        """Load all messages of a file descriptor.

        Raises:
            LoadError: The load can't go on; what was committed stays.
        """
        for block in blocks(source, max(self._seconds / 10, 0.05)):
            if not block:  # nothing comes, so there is time
                self._commits.settle()
            whole = block.endswith(b"\n") or not block
            self._check_text(block)
            nul = not self._database.stores_nul and b"\\u0000" in block
            digits = not self._database.exact and _MANY_DIGITS in block.translate(_DIGITS)
            if b"\r" in block:
                block = block.replace(b"\r", b" ")  # noqa: PLW2901  # blanks between tokens are equal
            for line in block.split(b"\n"):
                if line:
                    self._take(line, nul=nul, digits=digits, whole=whole)
                self._line += 1
            self._line -= 1
            if self._waiting and (
                (self._bytes >= _ENOUGH_BYTES and self._commits.idle)
                or time.monotonic() - self._since >= self._seconds
            ):
                self._commit()
        self.flush()

    def _check_text(self, block: bytes) -> None:
        """See that a block is UTF-8, which the check of records leaves open within objects."""
        try:
            block.decode()
        except UnicodeDecodeError as error:
            line = self._line + block.count(b"\n", 0, error.start) + 1
            msg = f"line {line} of the input is not UTF-8"
            raise LoadError(msg) from None

    def _take(self, line: bytes, *, nul: bool, digits: bool, whole: bool) -> None:
        try:
            message = self._decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            if not line.strip():
                return
            self._unusual(line, whole=whole)
            return
        if message.type == "RECORD":
            self._record(message, nul=nul, digits=digits)
        else:
            self._other(message, line)

    def _unusual(self, line: bytes, *, whole: bool) -> None:
        """Take a message that the strict decoder does not, as with NaN in it."""
        place = f"line {self._line + 1}"
        try:
            found = parse(line)
        except (ValueError, RecursionError):
            if not whole:
                self.flush()
                msg = f"{place}: the input ends within a message; all before it is loaded"
                raise LoadError(msg) from None
            msg = f"{place} of the input is not JSON"
            raise LoadError(msg) from None
        if not isinstance(found, dict) or not isinstance(found.get("type"), str):
            msg = f"{place} of the input is no Singer message"
            raise LoadError(msg)
        try:
            message = msgspec.convert({**found, "record": msgspec.Raw(b"")}, _Message)
        except msgspec.ValidationError:
            message = _Message("")
        record = found.get("record")
        if message.type != "RECORD" or not isinstance(record, dict):
            msg = f"{place}: the {found['type']} is not as the Singer specification has it"
            raise LoadError(msg)
        self._add(self._of(message), message, record)

    def _record(self, message: _Message, *, nul: bool, digits: bool) -> None:
        rows = self._of(message)
        record = bytes(message.record)
        digits = digits and rows.digits_matter and _NUMBER.search(record) is not None
        look = digits or (nul and b"\\u0000" in record)
        self._add(rows, message, parse(record) if look else record)

    def _add(self, rows: Rows, message: _Message, record: bytes | dict[str, Any]) -> None:
        if message.version is not None and self._versions.get(rows.table.stream) != message.version:
            self._begin_version(rows, rows.table.stream, message.version)
        if not self._waiting:
            self._begin()
        extracted = message.time_extracted if self._metadata else None
        rows.add(record, self._line + 1, extracted)
        self._waiting += 1
        self._bytes += len(message.record)
        if self._waiting >= self._most or self._bytes >= _MOST_BYTES:
            self._commit()

    def _begin(self) -> None:
        self._since = time.monotonic()
        self._received = datetime.now(timezone.utc)

    def _begin_version(self, rows: Rows, stream: str, version: int) -> None:
        if rows.file.count:
            self.flush()
        self._commits.settle()
        self._database.add_version(rows.table)
        self._versions[stream] = version

    def _of(self, message: _Message) -> Rows:
        rows = self._rows.get(message.stream)
        if rows is None:
            msg = (
                f"line {self._line + 1}: a {message.type} of the stream {message.stream} comes "
                "before its SCHEMA"
            )
            raise LoadError(msg)
        return rows

    def _other(self, message: _Message, line: bytes) -> None:
        if message.type == "STATE":
            if self._waiting:
                self._state = bytes(message.value)
            else:
                self._commits.tell(bytes(message.value))
        elif message.type == "SCHEMA":
            self._schema(message, line)
        elif message.type == "ACTIVATE_VERSION" and message.version is not None:
            rows = self._of(message)
            if self._versions.get(message.stream) != message.version:
                self._begin_version(rows, message.stream, message.version)
            if not self._waiting:
                self._begin()
                self._waiting = 1
            rows.file.activated = message.version
        elif message.type == "BATCH":
            self._batch(message)
        else:
            msg = f"line {self._line + 1}: no Singer message is a {message.type}"
            raise LoadError(msg)

    def _schema(self, message: _Message, line: bytes) -> None:
        if self._schemas.get(message.stream) == line:
            return
        schema = parse(bytes(message.schema) or b"null")
        declared = Declared.read(
            message.stream, schema, parse(bytes(message.key_properties) or b"null")
        )
        rows = self._rows.get(message.stream)
        if rows is not None and _waits(rows):
            self.flush()
        self._commits.settle()
        table = self._prepared(declared)
        if rows is None:
            folder = self._folder / str(len(self._rows))
            folder.mkdir()
            self._rows[message.stream] = Rows(
                self._database, declared, table, folder, self._commits.settle
            )
        else:
            rows.redeclare(declared, table)
        self._schemas[message.stream] = line

    def _prepared(self, declared: Declared) -> Any:  # noqa: ANN401  # a Table
        try:
            return self._database.prepare(declared)
        except DataError as error:
            msg = f"stream {declared.stream}: the table can't become as in SCHEMA: {error.reason}"
            raise LoadError(msg) from None

    def _batch(self, message: _Message) -> None:
        encoding = parse(bytes(message.encoding) or b"null")
        manifest = parse(bytes(message.manifest) or b"null")
        if not isinstance(encoding, dict) or not isinstance(manifest, list):
            msg = f"line {self._line + 1}: the BATCH is not as the Singer SDK has it"
            raise LoadError(msg)
        row = _Message("RECORD", message.stream, version=message.version)
        for url in manifest:
            for record in records(url, encoding):
                row.record = msgspec.Raw(record.replace(b"\r", b" ").strip())
                self._record(
                    row, nul=not self._database.stores_nul, digits=not self._database.exact
                )

    def flush(self) -> None:
        """Commit all rows that wait, in one transaction, and write the newest STATE.

        Raises:
            LoadError: They can't be loaded, and none of them is.
        """
        self._commit()
        self._commits.settle()

    def _commit(self) -> None:
        """Begin to commit all rows that wait."""
        self._commits.settle()
        if not self._waiting:
            return
        parts = []
        for rows in sorted(filter(_waits, self._rows.values()), key=lambda rows: rows.table.name):
            rows.file.version = self._versions.get(rows.table.stream)
            parts.append((rows, rows.hand_over()))
        self._commits.begin(Commit(parts, self._received, self._state))
        self._state = None
        self._waiting = self._bytes = 0


def _waits(rows: Rows) -> bool:
    """Whether there is something to commit."""
    return bool(rows.file.count) or rows.file.activated is not None
