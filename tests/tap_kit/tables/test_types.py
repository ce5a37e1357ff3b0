from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.tables import DECLARABLE, Column, ColumnType, columns_of, declared_columns
from tap_kit.tables.types import MisfitError, json_values, text_values

ALL = [Column(type_, strict) for type_ in ColumnType for strict in (True, False)]


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("integer", "12", 12),
        ("integer", " 12 ", 12),
        ("integer", "007", 7),
        ("integer", "+3", 3),
        ("integer", "3.0", 3),
        ("integer", "1e3", 1000),
        ("integer", "123456789012345678901234567890", 123456789012345678901234567890),
        ("number", "14.15", Decimal("14.15")),
        ("number", "3", 3),
        ("number", "-.5", Decimal("-0.5")),
        ("number", "0.10000000000000000555111", Decimal("0.10000000000000000555111")),
        ("boolean", "TRUE", True),
        ("boolean", "no", False),
        ("boolean", "1", True),
        ("boolean", "0", False),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "20240229", "2024-02-29"),
        ("date", "2024-02-29T00:00:00Z", "2024-02-29"),
        ("date", "2024-02-29 00:00:00.000", "2024-02-29"),
        ("date", "0001-01-01T00:00:00", None),
        ("date-time", "2024-02-29", "2024-02-29T00:00:00Z"),
        ("date-time", "2024-02-29T10:30:00Z", "2024-02-29T10:30:00Z"),
        ("date-time", "2024-02-29 10:30", "2024-02-29T10:30:00Z"),
        ("date-time", "2024-02-29T00:30:00.123456789+02:00", "2024-02-28T22:30:00.123456789Z"),
        ("date-time", "2024-02-29T10:30:00-0500", "2024-02-29T15:30:00Z"),
        ("date-time", "0001-01-01T00:00:00", None),
        ("string", " as it is ", " as it is "),
        ("object", '{"a": 1.50}', {"a": Decimal("1.50")}),
        ("array", "[1, 2]", [1, 2]),
        *[(type_.value, "", None) for type_ in ColumnType],
        *[(type_.value, "  ", None) for type_ in ColumnType if type_.value != "string"],
    ],
)  # fmt: skip
def test_text_becomes_its_type(type_: str, text: str, value: Any) -> None:  # noqa: ANN401
    (converted,) = text_values(Column(ColumnType(type_)), [text])

    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("integer", "3.5"),
        ("integer", "1_000"),
        ("integer", "1,000"),
        ("integer", "0x10"),
        ("integer", "NaN"),
        ("integer", "9" * 5000),
        ("number", "1,5"),
        ("number", "Infinity"),
        ("number", "."),
        ("number", "1e9999"),
        ("number", "٣"),
        ("boolean", "maybe"),
        ("boolean", "2"),
        ("date", "2024-02-30"),
        ("date", "29.02.2024"),
        ("date", "2024-02-29T10:30:00Z"),  # nothing is cut off in silence
        ("date-time", "2024-02-30T10:30:00Z"),
        ("date-time", "2024-02-29T25:00:00Z"),
        ("date-time", "yesterday"),
        ("date-time", "9999-12-31T23:59:59-05:00"),
        ("object", "[1]"),
        ("object", "{"),
        ("array", '{"a":1}'),
    ],
)
def test_text_of_another_type_is_a_misfit(type_: str, text: str) -> None:
    with pytest.raises(MisfitError) as caught:
        text_values(Column(ColumnType(type_)), ["", text])

    assert caught.value.cell is text


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        (Column(ColumnType.NUMBER, strict=True), 3, 3),
        (Column(ColumnType.NUMBER, strict=True), Decimal("3.50"), Decimal("3.50")),
        (Column(ColumnType.STRING, strict=True), "", ""),
        (Column(ColumnType.OBJECT, strict=True), {"a": 1}, {"a": 1}),
        (Column(ColumnType.STRING), Decimal("3.00"), "3"),
        (Column(ColumnType.STRING), True, "true"),
        (Column(ColumnType.STRING), {"b": 1, "a": None}, '{"a":null,"b":1}'),
        (Column(ColumnType.NUMBER), "29.00", Decimal("29.00")),
        (Column(ColumnType.INTEGER), Decimal("3.0"), 3),
        (Column(ColumnType.BOOLEAN), 1, True),
        (Column(ColumnType.DATE), 20240229, "2024-02-29"),
        (Column(ColumnType.DATE_TIME), "2024-02-29 10:30", "2024-02-29T10:30:00Z"),
        (Column(ColumnType.NUMBER), "", None),
        *[(column, None, None) for column in ALL],
    ],
)
def test_json_becomes_its_type(column: Column, cell: Any, value: Any) -> None:  # noqa: ANN401
    (converted,) = json_values(column, [cell])

    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (Column(ColumnType.NUMBER, strict=True), "3"),
        (Column(ColumnType.NUMBER, strict=True), True),
        (Column(ColumnType.BOOLEAN, strict=True), 1),
        (Column(ColumnType.STRING, strict=True), 3),
        (Column(ColumnType.OBJECT, strict=True), []),
        (Column(ColumnType.ARRAY, strict=True), {}),
        (Column(ColumnType.INTEGER), True),
        (Column(ColumnType.INTEGER), Decimal("3.5")),
        (Column(ColumnType.DATE), {"a": 1}),
    ],
)
def test_json_of_another_type_is_a_misfit(column: Column, cell: object) -> None:
    with pytest.raises(MisfitError) as caught:
        json_values(column, [None, cell])

    assert caught.value.cell is cell


def test_a_column_that_fits_is_not_copied() -> None:
    numbers = (1, None, Decimal("2.5"))
    texts = ("a", "b")

    assert json_values(Column(ColumnType.NUMBER, strict=True), numbers) is numbers
    assert text_values(Column(ColumnType.STRING), texts) is texts


@pytest.mark.parametrize("column", ALL)
def test_a_catalog_gives_columns_back(column: Column) -> None:
    (read,) = columns_of({"name": column.schema}).values()

    assert read.type is column.type
    if column.type is ColumnType.STRING:
        assert read == column


@pytest.mark.parametrize("schema", [{}, {"type": ["string", "number", "null"]}])
def test_a_schema_without_one_type_takes_anything(schema: dict[str, Any]) -> None:
    assert columns_of({"name": schema}) == {"name": Column(ColumnType.STRING)}


@pytest.mark.parametrize(
    ("schema", "column"),
    [
        ({"type": ["string", "null"], "format": "uuid"}, Column(ColumnType.STRING)),
        ({"type": ["string", "null"], "format": "time"}, Column(ColumnType.STRING)),
        ({"type": "string", "format": "singer.decimal"}, Column(ColumnType.STRING)),
        ({"type": ["string", "null"], "format": "date"}, Column(ColumnType.DATE)),
        (
            {"type": ["number", "null"], "format": "singer.decimal"},
            Column(ColumnType.NUMBER, strict=True),
        ),
        (
            {"anyOf": [{"type": "number"}, {"type": "null"}]},
            Column(ColumnType.NUMBER, strict=True),
        ),
        (
            {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
            Column(ColumnType.DATE_TIME),
        ),
        ({"type": ["integer", "number", "null"]}, Column(ColumnType.NUMBER, strict=True)),
        ({"type": "null"}, Column(ColumnType.STRING)),
        ({}, Column(ColumnType.STRING)),
    ],
)
def test_an_edited_catalog_is_understood(schema: dict[str, Any], column: Column) -> None:
    assert columns_of({"name": schema}) == {"name": column}


@pytest.mark.parametrize("schema", [{"type": "text"}, {"type": ["integer", "boolean"]}])
def test_a_type_that_no_column_can_have_names_the_column(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="column a name can't be of type"):
        columns_of({"a name": schema})


@pytest.mark.parametrize("type_", [ColumnType.INTEGER, ColumnType.NUMBER])
@pytest.mark.parametrize("strict", [True, False])
def test_falsy_cells_are_no_number(type_: ColumnType, *, strict: bool) -> None:
    cells = [1, "", None, False, [], {}, "  ", 0]

    assert json_values(Column(type_, strict=strict), cells) == [1, *[None] * 6, 0]


@pytest.mark.parametrize("type_", [ColumnType.BOOLEAN, ColumnType.OBJECT, ColumnType.DATE])
def test_an_empty_text_is_null_where_no_text_is_due(type_: ColumnType) -> None:
    strict = type_ is not ColumnType.DATE
    assert json_values(Column(type_, strict=strict), ["", None]) == [None, None]


def test_settings_may_name_six_types() -> None:
    assert [type_.value for type_ in DECLARABLE] == [
        *["integer", "number", "boolean", "date", "date-time", "string"]
    ]
    assert declared_columns({"a": "date-time", "b": "string"}) == {
        "a": Column(ColumnType.DATE_TIME),
        "b": Column(ColumnType.STRING, verbatim=True),
    }


@given(st.lists(st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{0,4})?(e5)?", fullmatch=True), min_size=1))
def test_numbers_become_shorter_and_nothing_else_changes(cells: list[str]) -> None:
    values = text_values(Column(ColumnType.STRING), cells)

    for cell, value in zip(cells, values, strict=True):
        if value == cell:
            assert not re.fullmatch(r"-?(0|[1-9]\d*)\.\d*0", cell) or cell.endswith(".")
        else:
            assert Decimal(value) == Decimal(cell)
            assert len(value) < len(cell)
            assert "e" not in cell
    assert text_values(Column(ColumnType.STRING, verbatim=True), cells) == cells


@given(st.sampled_from(ALL), st.text(max_size=20))
def test_any_text_is_converted_or_a_misfit(column: Column, text: str) -> None:
    try:
        (value,) = text_values(column, [text])
    except MisfitError:
        assert text.strip()
    else:
        assert value is not None or not text.strip() or text.strip() == "null"
