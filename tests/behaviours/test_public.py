"""Settings, streams, keys and columns that pipelines and warehouses depend on stay as they are.

``UPDATE_GOLDEN=1 pytest`` adds what is new; what goes is taken out of the file by hand, knowingly.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.behaviours.pipeline import Pipeline

PUBLIC = Path(__file__).with_name("golden") / "public.json"


def test_what_is_public_remains(pipeline: Pipeline) -> None:
    found = _public(pipeline)
    everything = json.loads(PUBLIC.read_text(encoding="utf-8")) if PUBLIC.exists() else {}
    known = everything.get(pipeline.case.name, {})
    if os.environ.get("UPDATE_GOLDEN"):
        known = _merged(known, found)
        everything[pipeline.case.name] = known
        PUBLIC.parent.mkdir(exist_ok=True)
        PUBLIC.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert set(known) == {"settings", "streams"}
    assert not list(_lost(known, found, pipeline.case.name))


def _public(pipeline: Pipeline) -> dict[str, Any]:
    """What others rely on, in plain JSON."""
    settings = pipeline.case.tap.config_jsonschema["properties"]
    found = {
        "settings": {
            name: {
                "type": sorted(declared["type"]),
                "default": declared.get("default"),
                "choices": {str(choice): True for choice in declared.get("enum") or ()},
            }
            for name, declared in settings.items()
        },
        "streams": {
            entry["tap_stream_id"]: {
                "keys": entry["key_properties"],
                "replication": [entry["replication_method"], entry.get("replication_key")],
                "columns": {
                    name: [*sorted(declared.get("type", ["any"])), declared.get("format", "")]
                    for name, declared in entry["schema"]["properties"].items()
                },
            }
            for entry in pipeline.catalog["streams"]
        },
    }
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def _lost(known: object, found: object, path: str) -> Iterator[str]:
    """What is no more, or different."""
    if isinstance(known, dict) and isinstance(found, dict):
        for name, value in known.items():
            if name in found:
                yield from _lost(value, found[name], f"{path}.{name}")
            else:
                yield f"{path}.{name} is gone"
    elif known != found:
        yield f"{path} was {known} and is {found}"


def _merged(known: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What was known, with what is new."""
    merged = dict(known)
    for name, value in found.items():
        if name not in merged:
            merged[name] = value
        elif isinstance(value, dict):
            merged[name] = _merged(merged[name], value)
    return merged
