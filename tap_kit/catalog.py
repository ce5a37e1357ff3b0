"""What a user chooses in the catalog's metadata, where the SDK does not look."""

from __future__ import annotations

from typing import Any


def with_chosen_methods(catalog: dict[str, Any]) -> dict[str, Any]:
    """The catalog with each stream's replication method as its metadata has it.

    Singer's metadata ``replication-method`` (what Meltano's ``metadata`` extra sets) is unknown to
    the SDK, and what discovery wrote beside it would win.
    """
    return {**catalog, "streams": [_chosen(entry) for entry in catalog.get("streams", ())]}


def _chosen(entry: dict[str, Any]) -> dict[str, Any]:
    for item in entry.get("metadata", ()):
        if not item["breadcrumb"]:
            metadata = item["metadata"]
            method = metadata.get("replication-method") or metadata.get("forced-replication-method")
            if method:
                return {**entry, "replication_method": method}
    return entry
