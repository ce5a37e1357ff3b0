"""Stream maps and flattening, which are the SDK's, without a loss of data.

The SDK flattens an object into columns of its declared properties. An open object, whose keys are
data, has none and would vanish. So the SDK gets its schema without a list of properties, and makes
one column of JSON text. Fields that the vendor adds to other objects go to ``extra_columns``.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.mapper import CustomStreamMap, PluginMapper, SameRecordTransform
from singer_sdk.singerlib import Schema

from tap_kit.errors import SettingsError, StreamError
from tap_kit.streams.schema import EXTRA_COLUMNS
from tap_kit.text.json import ENCODER, exact

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from singer_sdk.mapper import StreamMap
    from singer_sdk.singerlib import Catalog

    from tap_kit.streams.reader import Record
    from tap_kit.streams.schema import Schema as SchemaDict

_TEXT_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=exact)


class RecordMap:
    """Maps the records of a stream to those that are written.

    Args:
        stream: The stream's name.
        map_: The SDK's map; a stream may have several.
        note_drift: Called with the names of fields that have no column.
    """

    def __init__(
        self, stream: str, map_: StreamMap, note_drift: Callable[[AbstractSet[str]], object]
    ) -> None:
        self.alias = map_.stream_alias
        self.schema: SchemaDict = map_.transformed_schema
        self.key_properties: Sequence[str] | None = map_.transformed_key_properties
        self.reckons = isinstance(map_, CustomStreamMap)
        """Whether expressions see the numbers."""
        self.plain = (
            type(map_) is SameRecordTransform
            and map_.stream_alias == stream
            and not map_.flattening_enabled
        )
        """Whether records stay as they are."""
        self._stream = stream
        self._map = map_
        self._note_drift = note_drift
        self._columns = frozenset(self.schema.get("properties", {}))
        self._nulls = dict.fromkeys(map_.raw_schema.get("properties", ())) if self.reckons else {}
        self._nulls.pop(EXTRA_COLUMNS, None)

    def apply(self, records: Sequence[Record]) -> list[Record]:
        """Return the mapped records, without those that a filter leaves out.

        Expressions see a field that the vendor left out as null: the SDK has no name for it.

        Raises:
            StreamError: An expression does not work with a record.
        """
        try:
            mapped = [out for one in records if (out := self._mapped(one)) is not None]
        except Exception as error:
            raise self._failure(error) from error
        if self._map.flattening_enabled:
            for record in mapped:
                if not record.keys() <= self._columns:
                    self._take_up(record)
        return mapped

    def _mapped(self, record: Record) -> Record | None:
        if record.keys() >= self._nulls.keys():
            return self._map.transform(record)
        mapped = self._map.transform({**self._nulls, **record})
        if mapped is None:
            return None
        absent = self._nulls.keys() - record.keys()
        return {
            name: value for name, value in mapped.items() if value is not None or name not in absent
        }

    def _failure(self, error: Exception) -> StreamError:
        """Say what went wrong, without values of the record."""
        cause = error.__cause__ or error
        why = str(error) if isinstance(error, TypeError) else type(cause).__name__
        if cause is not error:
            why = f"{error} ({type(cause).__name__})"
        return StreamError(
            f"stream {self._stream}: an expression of the setting stream_maps does not work with "
            f"one of its records: {why}; fields that are null must be allowed for"
        )

    def _take_up(self, record: Record) -> None:
        """Move flattened fields that have no column, since the vendor has added them."""
        extra = {
            name: value
            for name in record.keys() - self._columns
            if (value := record.pop(name)) is not None
        }
        if not extra:  # an object that is null, in place of its columns
            return
        self._note_drift(extra.keys())
        if EXTRA_COLUMNS in self._columns:
            known = record.get(EXTRA_COLUMNS)
            before = _TEXT_DECODER.decode(known) if known else {}
            record[EXTRA_COLUMNS] = ENCODER.encode({**before, **extra}).decode()


def mapper(config: Mapping[str, Any], catalog: Catalog, logger: logging.Logger) -> PluginMapper:
    """Return the SDK's mapper with all streams of a catalog.

    Raises:
        SettingsError: The settings on stream maps or flattening can't work.
    """
    if config.get("flattening_enabled"):
        catalog = copy.deepcopy(catalog)
        for entry in catalog.streams:
            entry.schema = Schema.from_dict(_without_open_properties(entry.schema.to_dict()))
    try:
        made = PluginMapper(plugin_config=dict(config), logger=logger)
        made.register_raw_streams_from_catalog(catalog)
    except Exception as error:
        msg = f"wrong settings: stream_maps or flattening can't be used: {error}"
        raise SettingsError(msg) from error
    return made


def _without_open_properties(schema: SchemaDict) -> SchemaDict:
    """Return a schema whose open objects have no list of properties, not even an empty one."""
    if not schema.get("properties"):
        return {key: value for key, value in schema.items() if key != "properties"}
    properties = {
        name: _without_open_properties(inner) if isinstance(inner, dict) else inner
        for name, inner in schema["properties"].items()
    }
    return {**schema, "properties": properties}
