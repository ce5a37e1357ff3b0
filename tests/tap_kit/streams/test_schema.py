"""The check of a page against its schema, from many threads."""

from __future__ import annotations

import subprocess
import sys

import pytest
from singer_sdk import typing as th

from tap_kit.errors import DataError
from tap_kit.streams.schema import checker, record_schema

_RACE = """
import sys, threading
from tap_kit.streams.schema import checker

sys.setswitchinterval(1e-6)
inner = {f"b{n}": {"type": ["string", "number", "null", "array"]} for n in range(10)}
outer = {f"a{n}": {"type": ["object", "null"], "properties": inner} for n in range(20)}
for _ in range(20):
    check = checker("things", {"type": "object", "properties": outer})
    start = threading.Barrier(4)

    def first():
        start.wait()
        check([{"a1": {"b1": "x"}}])

    threads = [threading.Thread(target=first) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_may_be_the_first_to_check_together() -> None:
    # In a process of its own: what this is about is a crash of the interpreter.
    done = subprocess.run([sys.executable, "-c", _RACE], check=False, capture_output=True)  # noqa: S603  # our own
    assert done.returncode == 0, done.stderr.decode()


SCHEMA = record_schema(
    th.Property("id", th.IntegerType, required=True),
    th.Property("name", th.StringType),
    th.Property("count", th.NumberType),
    th.Property("place", th.ObjectType(th.Property("floor", th.IntegerType))),
    th.Property("parts", th.ArrayType(th.ObjectType(th.Property("done", th.BooleanType)))),
    th.Property("sizes", th.ArrayType(th.IntegerType)),
    th.Property("any", th.CustomType({})),
)


def test_an_empty_text_where_no_text_is_declared_is_null() -> None:
    record = {
        "id": 1,
        "name": "",
        "count": "",
        "place": {"floor": "", "more": ""},
        "parts": [{"done": ""}],
        "sizes": [1],
        "any": "",
    }
    with pytest.raises(DataError, match="field sizes"):
        checker("things", SCHEMA)([{**record, "sizes": ["x"]}])
    checker("things", SCHEMA)([{"id": 2}, record])

    assert record == {
        "id": 1,
        "name": "",
        "count": None,
        "place": {"floor": None, "more": ""},
        "parts": [{"done": None}],
        "sizes": [1],
        "any": "",
    }


def test_an_empty_text_is_no_key() -> None:
    with pytest.raises(DataError, match="field id is part of the primary key"):
        checker("things", SCHEMA)([{"id": ""}])
