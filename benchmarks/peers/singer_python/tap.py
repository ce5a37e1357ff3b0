"""A tap of singer-python's: requests, Transformer, write_record; as in its guides and taps."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import singer
from singer import Transformer, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

Record = dict[str, Any]
PAGE = 100
STREAM = "records"


def nested(session: requests.Session, spec: Record) -> Iterator[Record]:
    """Pages behind a cursor that the last record holds."""
    cursor = None
    while True:
        body = {"query": spec["query"], "variables": {"cursor": cursor}}
        response = session.post(spec["url"] + spec["path"], json=body, timeout=300)
        response.raise_for_status()
        jobs = response.json()["data"]["jobs"]
        if not jobs:
            return
        yield from jobs
        cursor = jobs[-1]["completedJobCursor"]


def flat(session: requests.Session, spec: Record) -> Iterator[Record]:
    """Pages by skip and limit."""
    skip = 0
    while True:
        params = {"skip": skip, "limit": PAGE}
        response = session.get(spec["url"] + spec["path"], params=params, timeout=300)
        response.raise_for_status()
        rows = response.json()
        if not rows:
            return
        yield from rows
        skip += PAGE


def objects(session: requests.Session, spec: Record) -> Iterator[Record]:
    """One request for each pair."""
    for pair in spec["pairs"]:
        response = session.get(spec["url"] + spec["path"].format(**pair), timeout=300)
        response.raise_for_status()
        yield response.json()


def table(session: requests.Session, spec: Record) -> Iterator[Record]:
    """A CSV file."""
    body = {"contentType": "csv"}
    response = session.post(spec["url"] + spec["path"], json=body, timeout=300)
    response.raise_for_status()
    response.encoding = response.encoding or "utf-8"
    yield from csv.DictReader(io.StringIO(response.text, newline=""))


READERS = {"nested": nested, "flat": flat, "objects": objects, "csv": table}


def with_items(schema: Any) -> Any:  # noqa: ANN401  # any JSON
    """The schema as the Transformer wants it: with ``items`` wherever there may be an array."""
    if not isinstance(schema, dict):
        return schema
    filled = {name: with_items(inner) for name, inner in schema.items()}
    return {"items": {}, **filled} if "array" in schema.get("type", ()) else filled


def main() -> None:
    """Sync the one stream."""
    spec = json.loads(Path(sys.argv[1]).read_text())
    session = requests.Session()
    session.headers.update(spec["headers"])
    schema = with_items(spec["schema"])
    about = metadata.to_map(
        metadata.get_standard_metadata(schema=schema, key_properties=spec["keys"])
    )
    singer.write_schema(STREAM, schema, spec["keys"])
    with Transformer() as transformer:
        for record in READERS[spec["case"]](session, spec):
            singer.write_record(STREAM, transformer.transform(record, schema, about))
    singer.write_state({})


if __name__ == "__main__":
    main()
