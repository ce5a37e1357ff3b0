"""Values that are not as declared: kept in a wider column, or an error that names the field."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_db.loading import record, schema, state

if TYPE_CHECKING:
    from tests.target_db.loading import Warehouse

GOOD = "SECRET-TEXT-OF-A-CUSTOMER"
TIME = {"type": ["string", "null"], "format": "date-time"}
DATE = {"type": ["string", "null"], "format": "date"}


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ("integer", [1, 2**63, -(2**100), 10**45]),
        ("integer", [2**62, 1.5, 2.0]),
        ("integer", [7, "seven", "007", True]),
        ("integer", [7, {"a": 1}, "x"]),
        ("number", [0.1, 12345678901234567890.123456789, 1, 9007199254740993]),
        ("boolean", [True, "maybe", 3]),
        (DATE, ["2026-01-05", "2026-02-30", "10000-01-01"]),
        (TIME, ["2026-01-05T10:00:00Z", "2026-01-05T24:00:00Z", "10000-01-01T00:00:00Z"]),
        (TIME, ["2026-01-05T10:00:00Z", "now", ""]),
        ("string", ["x", 5, [1], True, 1.25]),
    ],
    ids=repr,
)
def test_a_column_is_widened_and_keeps_its_values(
    warehouse: Warehouse, declared: object, values: list[Any]
) -> None:
    exact = {12345678901234567890.123456789: "12345678901234567890.123456789"}
    lines = []
    for number, value in enumerate(values):
        text = exact.get(value) if isinstance(value, float) else None
        line = json.dumps(record("s", {"id": number, "v": value}))
        lines.append(line.replace(json.dumps(value), text) if text else line)
    message = schema("s", {"id": "integer", "v": declared})
    for settings in ({}, {"flush_records": 1}):
        done = warehouse.load([message, *lines, state(1)], **settings)
        assert done.code == 0, done.said
        assert done.states == [1]
        found = {row["id"]: row["v"] for row in warehouse.texts("s")}
        for number, value in enumerate(values):
            _same(
                found[str(number)], exact.get(value, value) if isinstance(value, float) else value
            )


def _same(found: str, value: object) -> None:
    if isinstance(value, bool):
        assert found == str(value).lower()
    elif isinstance(value, (int, float)):
        assert Decimal(found) == Decimal(str(value))
    elif isinstance(value, (dict, list)):
        assert json.loads(found) == value
    elif value == "2026-01-05T10:00:00Z":
        assert found[:10] == "2026-01-05"
        assert found[11:19] == "10:00:00"
    elif found != value:
        try:
            assert json.loads(found) == value
        except ValueError:
            assert Decimal(found) == Decimal(str(value))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"id": 2, "name": NaN}', "name"),
        ('{"id": 2, "open": {"a": [-Infinity]}}', "open"),
        ('{"id": 2, "name": "\\ud83d"}', "name"),
        ('{"id": 2, "open": {"\\udc00": 1}}', "open"),
        ('{"id": null, "name": "x"}', "id"),
        ('{"name": "x"}', "id"),
    ],
)
def test_what_can_not_be_stored_is_named_and_nothing_is_half_in(
    warehouse: Warehouse, line: str, field: str
) -> None:
    lines = _lines(line)
    done = warehouse.load(lines)
    _refused(warehouse, done.code, done.said, done.states)
    assert "stream s, " in done.said
    assert field in done.said
    assert "id=2" in done.said or field == "id"


def test_without_keys_a_row_is_named_by_its_place_in_the_commit(warehouse: Warehouse) -> None:
    message = schema("s", {"n": "integer"}, keys=())
    assert warehouse.load([message]).code == 0
    warehouse.run(f"drop table {warehouse.place('s')}")
    warehouse.run(f"create table {warehouse.place('s')} (n bigint check (n < 5))")
    numbers = [1, 2, 3, 9, 4]
    done = warehouse.load([message, *(record("s", {"n": n}) for n in numbers)])
    assert done.code == 1
    assert "stream s, row 4 of its commit" in done.said
    assert not warehouse.texts("s")


@pytest.mark.parametrize("field", ["name", "open"])
def test_a_nul_is_kept_or_named(warehouse: Warehouse, field: str) -> None:
    value = '"a\\u0000b"' if field == "name" else '{"a": "\\u0000"}'
    done = warehouse.load(_lines(f'{{"id": 2, "{field}": {value}}}'))
    if warehouse.is_duck:
        assert done.code == 0, done.said
        found = {row["id"]: row[field] for row in warehouse.texts("s")}["2"]
        assert found == "a\0b" if field == "name" else json.loads(found) == {"a": "\0"}
    else:
        _refused(warehouse, done.code, done.said, done.states)
        assert f"stream s, key id=2, field {field}: it holds a NUL" in done.said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "line 3 of the input is not JSON"),
        ('{"type": "RECORD", "stream": "s", "record": {"id": 1}', "line 3 of the input is not"),
        ("[]", "line 3 of the input is no Singer message"),
        ('{"type": "RECORD", "stream": "other", "record": {}}', "the stream other comes before"),
        ('{"type": "RECORD", "stream": "s", "record": [1]}', "stream s, line 3: the record is no"),
        ('{"type": "FOO"}', "line 3: no Singer message is a FOO"),
        (
            b'{"type": "RECORD", "stream": "s", "record": {"id": 2, "name": "\xff"}}',
            "line 3 of the input is not UTF-8",
        ),
        (
            b'{"type": "RECORD", "stream": "s", "record": {"id": 2, "open": {"a": "\xff"}}}',
            "line 3 of the input is not UTF-8",
        ),
    ],
)
def test_a_line_that_is_none_is_told_by_its_number(
    warehouse: Warehouse, line: object, said: str
) -> None:
    lines = _lines("{}")
    done = warehouse.load([*lines[:2], line, *lines[3:]])
    _refused(warehouse, done.code, done.said, done.states)
    assert said in done.said


def test_an_input_that_ends_within_a_line_is_loaded_up_to_it(warehouse: Warehouse) -> None:
    process = warehouse.started()
    message = schema("s", {"id": "integer"})
    text = "\n".join(map(json.dumps, (message, record("s", {"id": 1}), state(1))))
    out, said = process.communicate(f'{text}\n{{"type": "RECORD", "str'.encode())
    assert process.returncode == 1
    assert out == b"1\n"
    assert b"the input ends within a message" in said
    assert warehouse.texts("s") == [{"id": "1"}]


def _lines(line: str) -> list[Any]:
    return [
        schema("s", {"id": "integer", "name": "string", "open": "object"}),
        record("s", {"id": 1, "name": GOOD}),
        f'{{"type": "RECORD", "stream": "s", "record": {line}}}',
        state("not committed"),
    ]


def _refused(warehouse: Warehouse, code: int, said: str, states: list[Any]) -> None:
    assert code == 1
    assert len(said.splitlines()) == 1, said
    assert GOOD not in said
    assert states == []
    assert warehouse.tables() in ([], ["s"])
    assert not warehouse.tables() or warehouse.texts("s") == []
