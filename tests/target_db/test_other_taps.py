"""Taps that are not ours: what the SDK writes by itself, and what singer-python writes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.target_db.loading import Warehouse

SDK_TAP = """
from datetime import datetime, timezone
from decimal import Decimal
from singer_sdk import Stream, Tap
from singer_sdk import typing as th

class Numbers(Stream):
    name = "numbers"
    primary_keys = ("id",)
    replication_key = "updated"
    is_sorted = True
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType, required=True),
        th.Property("updated", th.DateTimeType),
        th.Property("price", th.NumberType),
        th.Property("tags", th.ArrayType(th.StringType)),
        th.Property("inner", th.ObjectType(th.Property("a", th.BooleanType))),
        th.Property("kind", th.CustomType({"anyOf": [{"type": "string"}, {"type": "null"}]})),
    ).to_dict()

    def get_records(self, context):
        for n in range(250):
            at = datetime(2026, 1, 1 + n // 20, tzinfo=timezone.utc)
            yield {
                "id": n, "updated": at.isoformat(), "price": Decimal(n) / 8,
                "tags": [str(n)], "inner": {"a": True}, "kind": f"n\\u00e9 {n}",
            }

class Example(Tap):
    name = "tap-example"
    def discover_streams(self):
        return [Numbers(self)]

Example.cli(["--config", "ENV"])
"""

SINGER_PYTHON = r"""
{"type": "SCHEMA", "stream": "users", "schema": {"properties": {"id": {"type": "integer"},
 "name": {"type": ["null", "string"]}, "joined": {"type": "string", "format": "date-time"},
 "worth": {"type": "number"}}}, "key_properties": ["id"], "bookmark_properties": ["joined"]}
{"type": "RECORD", "stream": "users", "record": {"id": 1, "name": "Ann \"A\" \u00c5",
 "joined": "2017-02-01T00:00:00.000000Z", "worth": 1.10},
 "time_extracted": "2017-11-20T16:45:33.000000Z"}
{"type": "ACTIVATE_VERSION", "stream": "users", "version": 1}
{"type": "RECORD", "stream": "users", "record": {"id": 2, "name": null, "joined": null},
 "version": 1}
{"type": "STATE", "value": {"users": 2, "locations": {}}}
""".replace("\n ", " ")


def test_a_tap_of_the_sdk(warehouse: Warehouse) -> None:
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", SDK_TAP], capture_output=True, check=True
    )
    for _ in range(2):
        loaded = warehouse.load(done.stdout.splitlines())
        assert loaded.code == 0, loaded.said
    found = warehouse.rows(
        "select count(*), sum(price), max(kind), max(cast(updated as varchar)) "  # noqa: S608
        f"from {warehouse.place('numbers')}"
    )
    assert [(*row[:1], float(row[1]), *row[2:]) for row in found] == [
        (250, sum(range(250)) / 8, "né 99", "2026-01-13 00:00:00+00")
    ]
    assert loaded.states[-1]["bookmarks"]["numbers"]


def test_what_singer_python_writes(warehouse: Warehouse) -> None:
    loaded = warehouse.load(SINGER_PYTHON.strip().splitlines())
    assert loaded.code == 0, loaded.said
    assert loaded.states == [{"users": 2, "locations": {}}]
    # The first row has no version, so it is older than the one that is activated.
    (row,) = warehouse.texts("users")
    assert row == {"id": "2", "name": None, "joined": None, "worth": None}
