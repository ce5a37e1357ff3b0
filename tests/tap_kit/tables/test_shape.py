from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import DataError
from tap_kit.streams.structs import is_typed, untyped
from tap_kit.tables import (
    Block,
    Column,
    ColumnType,
    TableShape,
    declared_columns,
    read_csv,
    read_json,
)
from tap_kit.text.json import ENCODER

TEXT = Column(ColumnType.STRING)
NUMBER = Column(ColumnType.NUMBER, strict=True)
ENVELOPE = {"report": "r", "start_date": "2024-01-01"}


def decoded(columns: dict[str, Column], body: bytes, *, json: bool = False) -> list[dict[str, Any]]:
    decoder = TableShape(columns, ENVELOPE).decoder((), ENVELOPE)
    blocks = read_json(io.BytesIO(body)) if json else read_csv(io.BytesIO(body))
    records = [record for records in decoder.decode(blocks) for record in records]
    for record in records:
        assert {name: record.pop(name) for name in ENVELOPE} == ENVELOPE
        assert len(record.pop("row_id")) == 32
    return records


def test_a_record_is_the_envelope_the_columns_and_the_id() -> None:
    decoder = TableShape({"a": TEXT, "b": TEXT}, ENVELOPE).decoder((), ENVELOPE)

    (records,) = decoder.decode(read_csv(io.BytesIO(b"b,a\n1,\n")))

    assert [list(record) for record in records] == [
        ["report", "start_date", "b", "a", "row_id"]
    ]  # fmt: skip
    assert records[0]["a"] is None
    assert records[0]["b"] == "1"
    assert (decoder.drifted, decoder.renamed) == (set(), {})


def test_records_do_not_share_anything() -> None:
    decoder = TableShape({"a": TEXT}, ENVELOPE).decoder((), ENVELOPE)

    first, second = decoder.records(Block(("a",), [("1",), ("2",)]))
    first["report"] = "changed"

    assert second["report"] == "r"


def test_text_stays_as_the_vendor_writes_it() -> None:
    columns = {"a": TEXT, "b": TEXT, "c": TEXT}

    assert decoded(columns, b"a,b,c\n1.10.0,True,2024-01-01 00:00\n") == [
        {"a": "1.10.0", "b": "True", "c": "2024-01-01 00:00"}
    ]


def test_numbers_in_csv_are_as_short_as_in_xlsx_unless_declared_as_text() -> None:
    declared = declared_columns({"version": "string"})
    columns = {"a": TEXT, "b": TEXT, "c": TEXT, **declared}

    assert decoded(columns, b"a,b,c,version\n29.00,-0.50,007.0,10.10\n") == [
        {"a": "29", "b": "-0.5", "c": "007.0", "version": "10.10"}
    ]


def test_where_no_column_was_known_all_of_them_tell_rows_apart() -> None:
    body = b"a,b\n1,2\n1,3\n"

    def ids(columns: dict[str, Column], start: str) -> list[str]:
        decoder = TableShape(columns, ENVELOPE).decoder((start,), ENVELOPE)
        return [
            row["row_id"] for rows in decoder.decode(read_csv(io.BytesIO(body))) for row in rows
        ]

    assert ids({}, "w") == ids({"a": TEXT, "b": TEXT}, "w")
    assert ids({"a": TEXT}, "w") != ids({}, "w")


def test_unknown_columns_go_to_extra_columns() -> None:
    decoder = TableShape({"a": TEXT}, ENVELOPE).decoder((), ENVELOPE)

    (records,) = decoder.decode(read_csv(io.BytesIO(b"new,a,other\n3.0,1,\n,2,\n")))

    assert [record.get("extra_columns") for record in records] == [{"new": "3"}, None]
    assert [record["a"] for record in records] == ["1", "2"]
    assert decoder.drifted == {"new", "other"}


def test_unknown_members_keep_their_json() -> None:
    body = b'[{"a": 1, "new": {"x": [1.5]}, "zero": 0, "no": false}, {"a": 2}]'

    assert decoded({"a": NUMBER}, body, json=True) == [
        {"a": 1, "extra_columns": {"new": {"x": [Decimal("1.5")]}, "zero": 0, "no": False}},
        {"a": 2},
    ]


def test_columns_that_a_response_lacks_are_absent() -> None:
    assert decoded({"a": TEXT, "b": NUMBER}, b"a\n1\n") == [{"a": "1"}]


def test_renamed_headings_are_reported() -> None:
    decoder = TableShape({"a": TEXT}, ENVELOPE).decoder((), ENVELOPE)

    decoder.records(Block(("report", "", "a", "a", ""), []))

    assert decoder.renamed == {
        "column_report": "report",
        "column_2": "",
        "a_2": "a",
        "column_5": "",
    }
    assert decoder.drifted == {"column_report", "column_2", "a_2", "column_5"}


def test_short_rows_are_filled_up() -> None:
    columns = {"a": TEXT, "b": TEXT, "c": NUMBER}

    assert decoded(columns, b"a,b,c\n1\n2,x\n") == [
        {"a": "1", "b": None, "c": None},
        {"a": "2", "b": "x", "c": None},
    ]
    assert decoded(columns, b'{"fields":["a","b"],"data":[["1"]]}', json=True) == [
        {"a": "1", "b": None}
    ]


@pytest.mark.parametrize("row", ["1,2,3", "1,2,"])
def test_a_row_with_too_many_cells_is_an_error(row: str) -> None:
    with pytest.raises(DataError, match="Row 3 has 3 cells under 2 headings"):
        decoded({"a": TEXT}, f"a,b\n1,2\n\n1\n{row}\n".encode())


def test_an_array_with_too_many_members_is_an_error() -> None:
    with pytest.raises(DataError, match="Row 2 has 2 cells under 1 headings"):
        decoded({"a": TEXT}, b'{"fields":["a"],"data":[["1"],["1","2"]]}', json=True)


def test_declared_types() -> None:
    columns = {
        "i": Column(ColumnType.INTEGER),
        "n": Column(ColumnType.NUMBER),
        "b": Column(ColumnType.BOOLEAN),
        "d": Column(ColumnType.DATE),
        "t": Column(ColumnType.DATE_TIME),
    }
    expected = {
        "i": 7,
        "n": Decimal("1.50"),
        "b": True,
        "d": "2024-02-29",
        "t": "2024-02-29T08:00:00Z",
    }
    empty = dict.fromkeys(columns)

    body = b"i,n,b,d,t\n007,1.50,yes,20240229,2024-02-29 10:00+02:00\n,,,,\n"
    assert decoded(columns, body) == [expected, empty]
    body = b'[{"i":7.0,"n":"1.50","b":1,"d":20240229,"t":"2024-02-29 10:00+0200"},{"i":""}]'
    assert decoded(columns, body, json=True) == [expected, empty]


def test_csv_takes_the_types_that_discovery_saw_in_json() -> None:
    columns = {
        "n": NUMBER,
        "b": Column(ColumnType.BOOLEAN, strict=True),
        "o": Column(ColumnType.OBJECT, strict=True),
    }

    assert decoded(columns, b'n,b,o\n3.0,true,"{""a"": 1}"\n') == [
        {"n": Decimal("3.0"), "b": True, "o": {"a": 1}}
    ]


def test_json_takes_the_text_that_discovery_saw_in_csv() -> None:
    columns = {"a": TEXT, "b": TEXT, "c": TEXT, "d": TEXT}
    body = b'[{"a": 3.0, "b": true, "c": [1.0], "d": null}]'

    assert decoded(columns, body, json=True) == [{"a": "3", "b": "true", "c": "[1]", "d": None}]


def test_a_cell_that_does_not_fit_is_named() -> None:
    body = b"a,n\n" + b"x,1\n" * 3000 + b"x,one\n"

    with pytest.raises(DataError) as caught:
        decoded({"a": TEXT, "n": NUMBER}, body)

    assert (
        str(caught.value) == "Column 'n', row 3001: expected number, found string of 3 characters"
    )


def test_a_value_of_another_json_type_is_named() -> None:
    with pytest.raises(DataError) as caught:
        decoded({"n": NUMBER}, b'[{"n": 1}, {"n": true}]', json=True)

    assert str(caught.value) == "Column 'n', row 2: expected number, found boolean"


def test_a_cell_that_does_not_fit_is_not_quoted() -> None:
    with pytest.raises(DataError) as caught:
        decoded({"n": NUMBER}, b"n\nhttps://x.example/f?sig=secret\n")

    assert "secret" not in str(caught.value)


def test_words_for_no_number_are_null_and_told() -> None:
    decoder = TableShape({"n": NUMBER}, ENVELOPE).decoder((1,), ENVELOPE)
    (records,) = decoder.decode(read_csv(io.BytesIO(b"n\n1\nNaN\n-Infinity\n")))

    assert [record["n"] for record in records] == [1, None, None]
    assert decoder.replaced == {"n"}


def test_rows_without_any_column() -> None:
    assert decoded({}, b"[{}, {}]", json=True) == [{}, {}]


CELLS = st.sampled_from(["", "a", "1.50", "007", "true", "2024-01-01", "å\u2028b"])


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5),
    st.sampled_from(["c", "d", "with space", "quo'te", 'quo"te', "get", "cell_0", "row_id"]),
    st.sampled_from([TEXT, NUMBER, Column(ColumnType.BOOLEAN)]),
)
def test_rows_to_write_are_the_same_as_records(
    rows: list[tuple[str, ...]], name: str, kind: Column
) -> None:
    shape = TableShape({"a": TEXT, "b": TEXT, name: kind}, ENVELOPE)
    fitting = [
        (a, b, c if kind == TEXT else {NUMBER: "2.50"}.get(kind, "true")) for a, b, c in rows
    ]
    block = Block(("a", "b", name), fitting)
    records = shape.decoder((1,), ENVELOPE).records(block)
    rows_ = shape.decoder((1,), ENVELOPE).rows(block)
    if rows and '"' not in name and name != "row_id":
        assert is_typed(rows_)
    found = untyped(rows_) if is_typed(rows_) else rows_
    assert found == json.loads(ENCODER.encode(records), parse_float=float)


def test_columns_that_discovery_did_not_know_take_dictionaries() -> None:
    decoder = TableShape({"a": TEXT}, ENVELOPE).decoder((), ENVELOPE)
    rows = decoder.rows(Block(("a", "new"), [("1", "2")]))
    assert not is_typed(rows)
    assert rows[0]["extra_columns"] == {"new": "2"}
