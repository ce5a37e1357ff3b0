"""Schemas of streams whose columns discovery finds, and these columns read from a catalog."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_kit.errors import SettingsError
from tap_kit.tables.columns import EXTRA_COLUMNS
from tap_kit.tables.types import columns_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from singer_sdk.singerlib import Catalog

    from tap_kit.streams.schema import Schema
    from tap_kit.tables.types import Column


_log = logging.getLogger(__name__)


def table_schema(
    own: Schema, columns: Mapping[str, Column], primary_keys: Collection[str] = ()
) -> Schema:
    """Return the schema of a stream of table rows.

    Args:
        own: The envelope's schema, made by ``record_schema``; ``extra_columns`` stays at the end.
        columns: The vendor's columns.
        primary_keys: The columns that every record must have; by default those that ``own``
            requires.
    """
    properties = {**own["properties"], **{name: of.schema for name, of in columns.items()}}
    extra = properties.pop(EXTRA_COLUMNS)
    required = list(primary_keys or own.get("required", ()))
    for name in required:
        kinds = [kind for kind in properties[name]["type"] if kind != "null"]
        properties[name] = {**properties[name], "type": kinds}
    return {**own, "properties": {**properties, EXTRA_COLUMNS: extra}, "required": required}


def catalog_columns(
    catalog: Catalog, stream: str, own: Schema, declared: Mapping[str, Column]
) -> dict[str, Column]:
    """Read the columns that discovery found from a catalog; none if it lacks the stream.

    Args:
        catalog: The catalog of the run.
        stream: The stream's name.
        own: The envelope's schema.
        declared: The setting ``columns``. Where the catalog has another type, the catalog's
            counts, with a warning, because targets know that one.

    Raises:
        SettingsError: The catalog has a type that no column can have.
    """
    entry = catalog.get_stream(stream)
    properties = entry.schema.to_dict().get("properties", {}) if entry else {}
    found = {name: of for name, of in properties.items() if name not in own["properties"]}
    try:
        columns = columns_of(found)
    except ValueError as error:
        msg = f"catalog: stream {stream}: {error}; give it one type, or string"
        raise SettingsError(msg) from None
    for name, column in declared.items():
        if name in columns and columns[name].type is not column.type:
            _log.warning(
                "stream %s: the column %s is %s in the catalog and %s in the settings; run "
                "discovery again to change it",
                stream,
                name,
                columns[name].type.value,
                column.type.value,
            )
        elif name in columns:
            columns[name] = column
    return columns
