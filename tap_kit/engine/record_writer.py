"""The record writer: from a page's decoded records to lines of Singer messages.

It decides once for each stream how records are checked, selected and cleaned, and whether the SDK's
stream maps, flattening or batches are needed. The fast way encodes a whole page in one call; all
else goes through the SDK's own classes.

Pages are encoded on the threads that fetch them, because lines of JSON take a fifth of the memory
of records. They are written on the main thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType
from singer_sdk.batch import Batcher
from singer_sdk.mapper import RemoveRecordTransform
from singer_sdk.singerlib import ActivateVersionMessage, SchemaMessage

from tap_kit.engine.output import as_lines
from tap_kit.engine.redact_records import RecordRedactor
from tap_kit.engine.spool import LEAST, ON_DISK
from tap_kit.engine.stream_maps import RecordMap
from tap_kit.errors import OutputError
from tap_kit.streams.drift import note_drift
from tap_kit.streams.schema import EXTRA_COLUMNS, checker
from tap_kit.streams.selection import projection
from tap_kit.streams.structs import decode_lines, decode_measured, is_typed, numbers_check, untyped
from tap_kit.text.json import ENCODER
from tap_kit.text.unstorable import NUL, met, note_replaced, storable_records
from tap_kit.time.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from tap_kit.engine.output import MessageWriter
    from tap_kit.engine.spool import Spool, SpooledLines
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Record
    from tap_kit.streams.stream import RecordStream
    from tap_kit.streams.structs import Records, Row

_DECODED = 5
"""About how many bytes a record takes in memory for each byte of JSON."""

_EXTRACTED = b',"time_extracted":'
"""The last member of a RECORD message."""


class _Message(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    """A RECORD message."""

    stream: str
    record: Record | Row
    version: int | UnsetType
    time_extracted: str


@dataclass(frozen=True, slots=True)
class EncodedRecords:
    """The records of one page, checked and clean: as lines, or as records for the SDK's classes.

    Attributes:
        count: How many records.
        size: About what they take in memory, in bytes.
        lines: RECORD messages, one a line; empty where there are ``records``.
        records: What stream maps, flattening or batches still have to work on.
        on_disk: Where the lines are in place of ``lines``; see :meth:`spooled`.
    """

    count: int
    size: int
    lines: bytes = b""
    records: Sequence[Record] | None = None
    on_disk: SpooledLines | None = None

    def spooled(self, spool: Spool) -> EncodedRecords:
        """The same with the lines on disk; as they are where there are few of them, or no room."""
        found = spool.put(self.lines) if len(self.lines) >= LEAST else None
        if found is None:
            return self
        return EncodedRecords(self.count, self.size // ON_DISK, on_disk=found)

    def in_memory(self) -> EncodedRecords:
        """The same with the lines read back."""
        if self.on_disk is None:
            return self
        lines = self.on_disk.read()
        return EncodedRecords(self.count, len(lines), lines)

    @property
    def content(self) -> bytes:
        """The records as bytes, each followed by :attr:`end`."""
        return self.lines if self.records is None else ENCODER.encode_lines(self.records)

    @property
    def end(self) -> bytes:
        """What follows each record and is no part of it: in lines the time of extraction."""
        return self.lines[self.lines.rindex(_EXTRACTED) :] if self.records is None else b"\n"


class RecordWriter:
    """Checks, cleans and writes the records of one stream.

    Args:
        stream: The stream; selected.
        writer: Where messages go.
        stats: Takes the counts and the drifted fields.
        include_secrets: The setting.
        version: Sent with every record where ACTIVATE_VERSION messages are wanted.
    """

    def __init__(
        self,
        stream: RecordStream,
        writer: MessageWriter,
        stats: StreamStats,
        *,
        include_secrets: bool,
        version: int | None = None,
    ) -> None:
        self.stream = stream
        self._writer = writer
        self._stats = stats
        self._known = frozenset(stream.columns)
        self._takes_drift = EXTRA_COLUMNS in self._known
        self._check = checker(stream.name, stream.schema)
        self._project = projection(stream)
        self._redactor = RecordRedactor(
            links=stream.signed_links,
            secrets=stream.secret_fields,
            include_secrets=include_secrets,
        )
        self._maps = [
            RecordMap(stream.name, map_, self._note_drift)
            for map_ in stream.stream_maps
            if not isinstance(map_, RemoveRecordTransform)
        ]
        self._batch_config = stream.get_batch_config(stream.config)
        self._batches: dict[str, list[Record]] = {}
        # Nothing maps or batches: records go out as they are, a page in one call.
        self._plain = len(self._maps) == 1 and self._maps[0].plain and self._batch_config is None
        reckons = any(map_.reckons for map_ in self._maps)
        self._decode = decode_measured if reckons else decode_lines
        self._version = version
        self._numbers_fit = numbers_check(stream.schema)

    def write_schema(self) -> None:
        """Write the SCHEMA message of the stream, one per stream map."""
        for message in self.schemas():
            self._writer.write_message(message)

    def schemas(self) -> Iterator[SchemaMessage]:
        """The SCHEMA messages of the stream."""
        key = self.stream.replication_key
        for map_ in self._maps:
            yield SchemaMessage(
                map_.alias, map_.schema, map_.key_properties, [key] if key else None
            )

    def check(self, records: Records) -> Sequence[Record]:
        """Return the records checked, with drift in ``extra_columns`` and without secrets.

        Raises:
            DataError: A known field has another type than declared.
        """
        return self._cleaned(records)[0]

    def _cleaned(self, records: Records) -> tuple[Sequence[Record], int]:
        """Return checked records without secrets, as dictionaries, and their length as JSON."""
        checked = self._checked(records)
        encoded = ENCODER.encode_lines(checked)
        if NUL in encoded:
            checked = self._storable(decode_lines(encoded))
            encoded = ENCODER.encode_lines(checked)
        lines = self._redactor.encoded(encoded)
        # Nothing was cut out of the lines: the dictionaries that were encoded still hold.
        if lines is encoded and not is_typed(checked) and self._decode is decode_lines:
            return checked, len(lines)
        return self._decode(lines), len(lines)

    def encode(self, records: Records) -> EncodedRecords:
        """Check, clean and encode the records of a page, at least one; from any thread.

        Raises:
            DataError: As :meth:`check`.
        """
        if not self._plain:
            cleaned, length = self._cleaned(records)
            mapped = self._projected(cleaned)
            return EncodedRecords(len(mapped), _DECODED * length, records=mapped)
        checked = self._checked(records)
        encoded = self._encoded(checked)
        if NUL in encoded:
            checked = self._storable(untyped(checked) if is_typed(checked) else checked)
            encoded = self._encoded(checked)
        lines = as_lines(self._redactor.encoded(encoded))
        return EncodedRecords(len(checked), len(lines), lines)

    def restored(self, content: bytes, count: int) -> EncodedRecords:
        """Encoded records, from their :attr:`EncodedRecords.content`."""
        if self._plain:
            return EncodedRecords(count, len(content), content)
        return EncodedRecords(count, _DECODED * len(content), records=self._decode(content))

    def _checked(self, records: Records) -> Records:
        if is_typed(records):
            if self._numbers_fit(records) and not self._redactor.reaches_into_fields:
                self._redactor.declared(records)
                return records
            records = untyped(records)
        elif met():
            records = self._storable(records)
        if self._takes_drift:
            known = self._known
            for record in records:
                if not record.keys() <= known:
                    self._take_up(record)
        self._check(records)
        self._redactor.declared(records)
        return records

    def _encoded(self, records: Records) -> bytes:
        if not is_typed(records):
            records = self._projected(records)
        return self._messages(self.stream.name, records)

    def _storable(self, records: Sequence[Record]) -> Sequence[Record]:
        """Replace what no target can store, and report in which fields."""
        records, replaced = storable_records(records, self.stream.schema)
        note_replaced(self._stats, replaced - self._stats.replaced)
        return records

    def _projected(self, records: Sequence[Record]) -> Sequence[Record]:
        return records if self._project is None else list(map(self._project, records))

    def write(self, encoded: EncodedRecords) -> None:
        """Write a page's records."""
        if encoded.records is None:
            self._writer.write_lines(encoded.lines)
        else:
            self._write_mapped(encoded.records)
        self._stats.records += encoded.count

    def finish(self) -> None:
        """Write the rest and, if the setting asks for it, that the full table is complete."""
        self.flush()
        if self._version is not None:
            for map_ in self._maps:
                self._writer.write_message(
                    ActivateVersionMessage(stream=map_.alias, version=self._version)
                )

    def flush(self) -> None:
        """Write the records that wait for a batch file to be full.

        Raises:
            OutputError: The files can't be written.
        """
        for alias, records in self._batches.items():
            if records and self._batch_config is not None:
                batcher = Batcher(self.stream.tap_name, alias, self._batch_config)
                try:
                    for manifest in batcher.get_batches(iter(records)):
                        self._writer.write_batch(alias, self._batch_config.encoding, manifest)
                except OSError as error:
                    msg = (
                        f"files of batches can't be written: {error.strerror or error}; see "
                        "storage in the setting batch_config"
                    )
                    raise OutputError(msg) from error
        self._batches.clear()

    def _write_mapped(self, records: Sequence[Record]) -> None:
        for map_ in self._maps:
            mapped = map_.apply(records)
            if self._batch_config is None:
                self._writer.write_lines(as_lines(self._messages(map_.alias, mapped)))
                continue
            waiting = self._batches.setdefault(map_.alias, [])
            waiting.extend(mapped)
            if len(waiting) >= self._batch_config.batch_size:
                self.flush()

    def _messages(self, stream: str, records: Records) -> bytes:
        version = UNSET if self._version is None else self._version
        now = utc_now().isoformat()
        return ENCODER.encode_lines(
            list(map(_Message, repeat(stream), records, repeat(version), repeat(now)))
        )

    def _take_up(self, record: Record) -> None:
        """Move what the vendor has added since discovery into ``extra_columns``."""
        extra = {name: record.pop(name) for name in record.keys() - self._known}
        record[EXTRA_COLUMNS] = {**(record.get(EXTRA_COLUMNS) or {}), **extra}
        self._note_drift(extra.keys())

    def _note_drift(self, names: AbstractSet[str]) -> None:
        note_drift(self._stats, names - self._stats.drifted)
