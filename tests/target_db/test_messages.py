"""What each kind of message does."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.target_db.loading import record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_db.loading import Warehouse

USERS = schema("users", {"id": "integer", "name": "string"})


def ids(warehouse: Warehouse, table: str = "users") -> list[Any]:
    query = f"select id from {warehouse.place(table)} order by id"  # noqa: S608  # our own
    return [row[0] for row in warehouse.rows(query)]


def names(warehouse: Warehouse) -> dict[Any, Any]:
    return dict(warehouse.rows(f"select id, name from {warehouse.place('users')}"))  # noqa: S608


def test_rows_are_upserted_and_the_last_of_a_flush_wins(warehouse: Warehouse) -> None:
    rows = [{"id": n % 7, "name": f"{n}"} for n in range(50)]
    done = warehouse.load([USERS, *(record("users", row) for row in rows), state({"a": 1})])
    assert done.code == 0, done.said
    assert done.states == [{"a": 1}]
    assert names(warehouse) == {row["id"]: row["name"] for row in rows}
    again = warehouse.load([USERS, record("users", {"id": 3})], flush_records=1)
    assert again.code == 0, again.said
    assert names(warehouse) == {row["id"]: row["name"] for row in rows} | {3: None}


def test_keys_are_equal_in_whatever_order_they_are_declared(warehouse: Warehouse) -> None:
    # The large number widens a key, so some rows are looked at value by value, and some are not.
    time = {"type": "string", "format": "date-time"}
    message = schema("users", {"id": "integer", "name": "string", "at": time}, keys=("at", "id"))
    ids_sent = [0, 0, 2**63, 0]
    rows = [
        {"at": "2026-01-05T00:00:00Z", "id": id_, "name": f"{n}"} for n, id_ in enumerate(ids_sent)
    ]
    done = warehouse.load([message, *(record("users", row) for row in rows)])
    assert done.code == 0, done.said
    assert names(warehouse) == {0: "3", 2**63: "2"}


def test_rows_without_keys_are_appended(warehouse: Warehouse) -> None:
    lines = [schema("users", {"id": "integer"}, keys=()), *[record("users", {"id": 1})] * 3]
    assert warehouse.load(lines).code == 0
    assert warehouse.load(lines, flush_records=2).code == 0
    assert ids(warehouse) == [1] * 6


def test_types_are_those_of_the_schema(warehouse: Warehouse) -> None:
    properties = {
        "id": "integer",
        "ratio": "number",
        "price": {"type": ["string", "null"], "format": "singer.decimal"},
        "ok": "boolean",
        "day": {"type": "string", "format": "date"},
        "at": {"type": ["null", "string"], "format": "date-time"},
        "clock": {"type": "string", "format": "time"},
        "text": "string",
        "open": "object",
        "list": {"type": "array", "items": {"type": "string"}},
        "any": {},
        "true": True,
        "several": {"type": ["string", "integer"]},
        "either": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
        "texts": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string"}]},
        "linked": {"$ref": "#/definitions/count"},
    }
    message = schema("types", properties)
    message["schema"]["definitions"] = {"count": {"type": ["integer", "null"]}}
    row = {
        "id": 1,
        "ratio": 0.1,
        "price": "12.50",
        "ok": True,
        "day": "2026-01-05",
        "at": "2026-01-05T12:00:00+02:00",
        "clock": "12:00:00",
        "text": 'å\n"\\',
        "open": {"a": [1, None]},
        "list": ["x"],
        "any": "x",
        "true": 5,
        "several": 5,
        "either": "2026-01-05T12:00:00.5",
        "texts": "2026-01-05T12:00:00Z",
        "linked": 7,
    }
    done = warehouse.load([message, record("types", row)])
    assert done.code == 0, done.said
    duck = warehouse.is_duck
    timestamp, number, anything = (
        "timestamp with time zone",
        "double" if duck else "numeric",
        "json" if duck else "jsonb",
    )
    text = "varchar" if duck else "text"
    types = warehouse.types("types")
    assert types.pop("_loaded_at") == timestamp
    assert types == {
        "id": "bigint",
        "ratio": number,
        "price": number,
        "ok": "boolean",
        "day": "date",
        "at": timestamp,
        "clock": text,
        "text": text,
        "open": anything,
        "list": anything,
        "any": anything,
        "true": anything,
        "several": anything,
        "either": timestamp,
        "texts": text,
        "linked": "bigint",
    }
    (found,) = warehouse.texts("types")
    assert found["at"] == "2026-01-05 10:00:00+00"
    assert found["either"] == "2026-01-05 12:00:00.5+00"
    assert found["text"] == row["text"]
    assert Decimal(found["ratio"]) == Decimal("0.1")
    assert Decimal(found["price"]) == Decimal("12.5")
    for name in ("open", "list", "any", "true", "several"):
        assert json.loads(found[name]) == row[name]


@pytest.mark.parametrize("names", [('Roll, "övrigt"', "a.b", "select", " ", "ä" * 31, "", "a\\b")])
def test_names_are_kept(warehouse: Warehouse, names: tuple[str, ...]) -> None:
    for name in filter(None, names):
        message = schema(name, dict.fromkeys(names, "string") | {"id": "integer"})
        row = {other: f"{other}!" for other in names} | {"id": 1}
        done = warehouse.load([message, record(name, row)])
        assert done.code == 0, done.said
        (found,) = warehouse.texts(name, {other or "_": other for other in names} | {"id": "id"})
        assert found == row | {"id": "1"}


def test_names_that_differ_in_case_stay_two(warehouse: Warehouse) -> None:
    for streams in (["Users", "users"], ["users", "Users"]):
        for fields in (["Email", "email"], ["email", "Email"]):
            lines: list[object] = []
            for number, stream in enumerate(sorted(streams)):
                message = schema(stream, {"id": "integer"} | dict.fromkeys(fields, "string"))
                row = {"id": number, "Email": f"{stream} A", "email": f"{stream} b"}
                lines += [message, record(stream, row)]
            done = warehouse.load(lines if streams[0] == "Users" else lines[2:] + lines[:2])
            assert done.code == 0, done.said
    second = "_2" if warehouse.is_duck else ""
    assert warehouse.tables() == sorted(["Users", f"users{second}"])
    for stream, table in (("Users", "Users"), ("users", f"users{second}")):
        (found,) = warehouse.texts(table)
        assert found["Email"] == f"{stream} A"
        assert found[f"email{second}"] == f"{stream} b"
        assert len(found) == 3


def test_names_too_long_for_postgresql_stay_apart(warehouse: Warehouse) -> None:
    long = "x" * 70
    message = schema(long, {"id": "integer", f"{long}1": "string", f"{long}2": "string"})
    for text in ("a", "b"):
        row = {"id": 1, f"{long}1": text, f"{long}2": f"{text}2"}
        done = warehouse.load([message, record(long, row)])
        assert done.code == 0, done.said
    (table,) = warehouse.tables()
    (found,) = warehouse.texts(table)
    assert sorted(found.values()) == ["1", "b", "b2"]


def test_a_schema_adds_columns_and_changes_keys(warehouse: Warehouse) -> None:
    wider = schema("users", {"id": "integer", "name": "string", "age": "integer"}, ["id", "age"])
    lines = [
        USERS,
        USERS,
        record("users", {"id": 1, "name": "a"}),
        record("users", {"id": 2, "name": "a"}),
    ]
    assert warehouse.load(lines).code == 0
    refused = warehouse.load([wider])
    assert refused.code == 1
    assert "stream users: the table can't become as in SCHEMA" in refused.said
    warehouse.run(f"delete from {warehouse.place('users')}")  # noqa: S608
    rows = [{"id": 1, "age": n, "name": "b"} for n in (1, 2, 2)]
    done = warehouse.load([*lines, *(record("users", row) for row in rows)])
    assert done.code == 0, done.said
    warehouse.run(f"delete from {warehouse.place('users')}")  # noqa: S608
    done = warehouse.load([wider, *(record("users", row) for row in rows)])
    assert done.code == 0, done.said
    assert ids(warehouse) == [1, 1]
    done = warehouse.load([{**wider, "key_properties": []}, *[record("users", rows[0])] * 2])
    assert done.code == 0, done.said
    assert ids(warehouse) == [1] * 4


def test_a_schema_between_records_is_for_what_follows(warehouse: Warehouse) -> None:
    texts = schema("users", {"id": "integer", "name": "string", "age": "string"})
    numbers = schema("users", {"id": "integer", "name": "string", "age": "integer"})
    done = warehouse.load(
        [
            numbers,
            record("users", {"id": 1, "age": 5}),
            texts,
            record("users", {"id": 2, "age": "old"}),
            numbers,
            record("users", {"id": 3, "age": 7}),
        ]
    )
    assert done.code == 0, done.said
    found = warehouse.rows(f"select age from {warehouse.place('users')} order by id")  # noqa: S608
    assert found == [("5",), ("old",), ("7",)]


def test_versions_remove_what_they_do_not_hold(warehouse: Warehouse) -> None:
    old = [USERS, *(record("users", {"id": n}) for n in range(4))]
    assert warehouse.load(old).code == 0

    def version(number: int, rows: list[int]) -> list[object]:
        return [
            *(record("users", {"id": n}, version=number) for n in rows),
            {"type": "ACTIVATE_VERSION", "stream": "users", "version": number},
        ]

    soft = warehouse.load([USERS, *version(1, [1, 2])], hard_delete=False)
    assert soft.code == 0, soft.said
    assert ids(warehouse) == [0, 1, 2, 3]
    assert warehouse.load([USERS, *version(1, [1, 2])]).code == 0
    assert ids(warehouse) == [1, 2]
    done = warehouse.load([USERS, *version(2, [5, 6]), *version(3, [6, 7])])
    assert done.code == 0, done.said
    assert ids(warehouse) == [6, 7]
    kept = [USERS, {"type": "ACTIVATE_VERSION", "stream": "users", "version": 3}]
    assert warehouse.load([*kept, record("users", {"id": 8}, version=3)]).code == 0
    assert ids(warehouse) == [6, 7, 8]
    assert warehouse.load([USERS, *version(4, [])]).code == 0
    assert ids(warehouse) == []


def test_metadata_columns_are_there_when_wanted(warehouse: Warehouse) -> None:
    lines = [USERS, record("users", {"id": 1}, time_extracted="2026-01-05T10:00:00Z", version=7)]
    assert warehouse.load(lines, metadata_columns=True).code == 0
    (found,) = warehouse.rows(
        "select cast(_sdc_extracted_at as varchar), _sdc_table_version, _sdc_deleted_at, "  # noqa: S608
        "_sdc_received_at is not null, _sdc_batched_at is not null, _sdc_sequence > 0, "
        f"_loaded_at is not null from {warehouse.place('users')}"
    )
    assert found == ("2026-01-05 10:00:00+00", 7, None, True, True, True, True)
    gone = [USERS, {"type": "ACTIVATE_VERSION", "stream": "users", "version": 8}]
    assert warehouse.load(gone, metadata_columns=True, hard_delete=False).code == 0
    deleted = f"select count(*) from {warehouse.place('users')} where _sdc_deleted_at is not null"  # noqa: S608
    assert warehouse.rows(deleted) == [(1,)]


@pytest.mark.parametrize("form", ["jsonl", "gzip", "parquet"])
def test_batches_are_loaded(warehouse: Warehouse, tmp_path: Path, form: str) -> None:
    rows = [{"id": n, "name": f"row {n}"} for n in range(300)]
    file = tmp_path / "a batch.file"
    text = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), file)
    else:
        file.write_bytes(gzip.compress(text) if form == "gzip" else text)
    encoding = {"format": "parquet" if form == "parquet" else "jsonl"}
    if form == "gzip":
        encoding["compression"] = "gzip"
    message = {
        "type": "BATCH",
        "stream": "users",
        "encoding": encoding,
        "manifest": [file.as_uri()],
    }
    done = warehouse.load([USERS, message, state({"at": 1})], flush_records=70)
    assert done.code == 0, done.said
    assert done.states == [{"at": 1}]
    assert names(warehouse) == {row["id"]: row["name"] for row in rows}
    file.write_bytes(b"\x00 no such file")
    broken = warehouse.load([USERS, message])
    assert broken.code == 1
    assert len(broken.said.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "compression", "reason"),
    [
        (b'{"id":1,"more":{"a":"x"}}\n{"id":2,"more":{"a":"\xff"}}\n', "none", "is not UTF-8"),
        (gzip.compress(b"")[:10] + b"\xff" * 20, "gzip", "it is cut off or damaged"),
    ],
    ids=["no UTF-8", "no gzip"],
)
def test_a_damaged_batch_is_told(
    warehouse: Warehouse, tmp_path: Path, content: bytes, compression: str, reason: str
) -> None:
    file = tmp_path / "batch"
    file.write_bytes(content)
    encoding = {"format": "jsonl", "compression": compression}
    message = {"type": "BATCH", "stream": "users", "encoding": encoding, "manifest": [str(file)]}
    done = warehouse.load([schema("users", {"id": "integer", "more": "object"}), message])
    assert done.code == 1
    assert reason in done.said
    assert len(done.said.splitlines()) == 1


def test_a_batch_without_files_is_told(warehouse: Warehouse) -> None:
    done = warehouse.load([USERS, {"type": "BATCH", "stream": "users"}])
    assert done.code == 1
    assert "line 2: the BATCH is not as the Singer SDK has it" in done.said


def test_messages_in_any_form_are_read(warehouse: Warehouse) -> None:
    done = warehouse.load(
        [
            json.dumps(USERS, indent=None, separators=(",", ":")),
            '{"stream":"users","record":{"id":1,"name":"{\\"type\\":0}"},"type":"RECORD"}',
            '  { "type" : "RECORD" , "record" : { "id" : 2 , "name":"b" } , "stream" : "users" }\r',
            "",
            '{"type":"RECORD","stream":"\\u0075sers","record":{"id":3,"name":"\\ud83d\\ude00"}}',
            '{"type":"RECORD","stream":"users","record":{"id":4,"name":"d","later":{"id":5}}}',
            state({"bookmarks": {"x": [1, 2.50]}}),
        ]
    )
    assert done.code == 0, done.said
    assert names(warehouse) == {1: '{"type":0}', 2: "b", 3: "😀", 4: "d"}
    assert done.states == [{"bookmarks": {"x": [1, 2.5]}}]
    assert "the field later is not in its SCHEMA" in done.said


def test_nothing_is_nothing(warehouse: Warehouse) -> None:
    assert warehouse.load([]).code == 0
    assert warehouse.load([USERS]).code == 0
    assert warehouse.tables() == ["users"]
    assert ids(warehouse) == []


def test_many_bytes_are_committed_before_they_are_many_rows(warehouse: Warehouse) -> None:
    lines: list[object] = [USERS]
    for number in range(1000):
        lines.append(record("users", {"id": number, "name": "x" * 20_000}))
        lines.append(state({"at": number}))
    done = warehouse.load(lines)
    assert done.code == 0, done.said
    # A commit is of 2 to 8 MB and a block of input, 104 to 426 rows.
    told = [at["at"] for at in done.states]
    assert told[-1] == 999
    gaps = [after - before for before, after in pairwise([0, *told])]
    assert min(gaps) > 0
    assert max(gaps) <= 426
    # The STATE right behind a commit may be told alone.
    assert len(told) <= 2 * 1000 / 104 + 1


def test_the_last_row_of_a_key_wins_whichever_commit_brings_it(warehouse: Warehouse) -> None:
    lines = [record("users", {"id": number % 7, "name": str(number)}) for number in range(40)]
    done = warehouse.load([USERS, *lines], flush_records=3)
    assert done.code == 0, done.said
    assert names(warehouse) == {number % 7: str(number) for number in range(40)}


@pytest.mark.parametrize(
    "keys", [["9007199254740993", "9007199254740992"], ["1", "0.1", '"0.1"', "1.0", "1e0"]]
)
def test_number_keys_are_told_apart_by_all_digits(warehouse: Warehouse, keys: list[str]) -> None:
    lines = [f'{{"type":"RECORD","stream":"x","record":{{"id":{key}}}}}' for key in keys]
    done = warehouse.load([schema("x", {"id": "number"}), *lines, *lines])
    assert done.code == 0, done.said
    found = [Decimal(row["id"]) for row in warehouse.texts("x")]
    assert sorted(found) == sorted({Decimal(key.strip('"')) for key in keys})
