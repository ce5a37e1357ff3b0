"""Schemas of streams whose columns are found by discovery, and how catalogs give them back."""

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
    """The schema of a stream of rows.

    Args:
        own: What the tap adds, by ``record_schema``; ``extra_columns`` stays at the end.
        columns: The vendor's columns.
        primary_keys: Those of ``own`` and of ``columns`` that no row may lack; by default what
            ``own`` requires.
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
    """The columns that discovery found, out of a catalog; none for a stream that it lacks.

    Args:
        catalog: What the run was given.
        stream: Name of the stream.
        own: What the tap adds.
        declared: The setting ``columns``. Targets know the catalog's types: where these differ,
            they stay, with a warning.

    Raises:
        SettingsError: A column has a type that it can't have.
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
