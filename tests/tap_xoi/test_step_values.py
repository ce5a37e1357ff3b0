"""Step data as rows: types, and data plates that keep their identity however they come."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_xoi.step_values import step_values

_decode = msgspec.json.Decoder(float_hook=Decimal).decode

Row = dict[str, Any]


def rows(step_data: str | dict[str, Any] | None) -> dict[str, Row]:
    data = _decode(step_data) if isinstance(step_data, str) else step_data
    found = list(step_values(data))
    ids = [row["value_id"] for row in found]
    assert len(set(ids)) == len(ids)
    return {row["value_id"]: row for row in found}


def filled(row: Row) -> Row:
    """A row without its empty columns."""
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("null", {"value_type": "null"}),
        ('{"value":null}', {"value_type": "null", "value_json": '{"value":null}'}),
        ("{}", {"value_type": "object", "value_json": "{}"}),
        (
            '{"value":15,"unit_type":"Power","unit":"Amps"}',
            {
                "value_type": "number",
                "value_number": 15,
                "unit": "Amps",
                "unit_type": "Power",
                "value_json": '{"value":15,"unit_type":"Power","unit":"Amps"}',
            },
        ),
        (
            '{"value":0.10000000000000000001}',
            {
                "value_type": "number",
                "value_number": Decimal("0.10000000000000000001"),
                "value_json": '{"value":0.10000000000000000001}',
            },
        ),
        (
            '{"value":false}',
            {"value_type": "boolean", "value_boolean": False, "value_json": '{"value":false}'},
        ),
        (
            '{"value":"None"}',
            {"value_type": "string", "value_string": "None", "value_json": '{"value":"None"}'},
        ),
        (
            '{"value":""}',
            {"value_type": "string", "value_string": "", "value_json": '{"value":""}'},
        ),
        (
            '{"value":["Yes","No"]}',
            {"value_type": "array", "value_json": '{"value":["Yes","No"]}'},
        ),
        (
            '{"value":{"b":1.50,"a":null}}',
            {"value_type": "object", "value_json": '{"value":{"b":1.50,"a":null}}'},
        ),
        (
            '{"chosen":["Yes"],"options":[]}',
            {"value_type": "object", "value_json": '{"chosen":["Yes"],"options":[]}'},
        ),
        # Not as documented, but nothing to lose it for.
        ("7", {"value_type": "number", "value_number": 7, "value_json": "7"}),
        ('"text"', {"value_type": "string", "value_string": "text", "value_json": '"text"'}),
    ],
)
def test_each_type_has_its_column(step: str, expected: Row) -> None:
    found = rows(f'{{"key":{step}}}')
    assert filled(found["key"]) == {"reference_key": "key", "value_id": "key", **expected}
    assert found["key"].keys() == rows('{"other":null}')["other"].keys()


@pytest.mark.parametrize(
    ("text", "is_time"),
    [
        ("2023-03-21T13:25:29.200000+00:00", True),
        ("2023-03-21T13:25:29Z", True),
        ("2023-03-21t13:25:29.123456789z", True),
        ("2023-03-21T13:25:29-05:30", True),
        ("2023-03-21T13:25:29", False),
        ("2023-03-21", False),
        ("2023-02-30T13:25:29Z", False),
        ("2023-03-21T25:00:00Z", False),
        ("9999-12-31T23:59:59-05:00", False),
        ("at 2023-03-21T13:25:29Z", False),
        ("2023-03-21T13:25:29Z\n", False),
    ],
)
def test_only_rfc_3339_times_are_times(text: str, *, is_time: bool) -> None:
    row = rows({"key": {"value": text}})["key"]
    assert row["value_string"] == text
    assert row["value_type"] == ("datetime" if is_time else "string")
    assert row["value_datetime"] == (text if is_time else None)


@pytest.mark.parametrize("data", [None, {}])
def test_no_step_data_is_no_row(data: dict[str, Any] | None) -> None:
    assert rows(data) == {}


ACME: Row = {"make": "ACME", "model": "AC-100", "serial": "SN0001"}


@pytest.mark.parametrize("step", [{"value": ACME}, ACME, {"value": None, **ACME}])
def test_a_plate_is_known_by_its_fields_wherever_they_stand(step: Row) -> None:
    [row] = rows({"condenserPlate": step}).values()
    assert row["value_type"] == "dataplate"
    assert row["reference_key"] == "condenserPlate"
    assert {name: row[name] for name in ACME} == ACME
    assert json.loads(row["value_json"]) == step


def test_the_form_of_a_plate_does_not_change_its_id() -> None:
    assert rows({"plate": ACME}).keys() == rows({"plate": {"value": ACME}}).keys()


def test_a_number_of_a_plate_is_text() -> None:
    [row] = rows({"plate": {"serial": 2012112481, "make": None, "model": None}}).values()
    assert row["serial"] == "2012112481"


def test_what_only_has_a_plates_name_is_none() -> None:
    row = rows({"dataplate_1": {"value": "SN1"}})["dataplate_1"]
    assert (row["reference_key"], row["value_type"]) == ("dataplate_1", "string")


def test_a_value_beside_names_of_plates_is_a_value() -> None:
    row = rows({"reading": {"value": 3, "model": "X"}})["reading"]
    assert (row["value_type"], row["value_number"]) == ("number", 3)


@pytest.mark.parametrize(
    ("keys", "references"),
    [
        (["unit", "unit_1", "unit_2"], {"unit"}),
        # A customer's own key may end like a suffix ...
        (["unit_1"], {"unit_1"}),
        (["unit_1", "unit_2"], {"unit_1", "unit_2"}),
        # ... and have plates of its own.
        (["unit_1", "unit_1_1"], {"unit_1"}),
        # Which of two steps a plate belongs to can't be told: one group, so that it can't change.
        (["unit", "unit_1", "unit_1_1"], {"unit"}),
        (["unit_01", "unit"], {"unit_01", "unit"}),
    ],
)
def test_a_suffix_goes_where_the_key_without_it_holds_a_plate(
    keys: list[str], references: set[str]
) -> None:
    data = {key: {**ACME, "serial": key} for key in keys}
    assert {row["reference_key"] for row in rows(data).values()} == references


def test_a_suffix_stays_where_the_key_without_it_is_another_step() -> None:
    found = rows({"filter": {"value": "clean"}, "filter_1": ACME, "belt_3": {"value": 9}})
    assert {row["reference_key"] for row in found.values()} == {"filter", "filter_1", "belt_3"}


@pytest.mark.parametrize("empty", [None, {"value": None}, {"value": None, "unit": None}])
def test_an_empty_step_is_one_of_the_plates_beside_it(empty: object) -> None:
    found = rows({"unit": empty, "unit_1": ACME})

    assert found.keys() == rows({"unit": ACME, "unit_1": empty}).keys()
    assert {row["reference_key"] for row in found.values()} == {"unit"}
    assert sorted(row["value_type"] for row in found.values()) == ["dataplate", "null"]
    assert len(rows({"unit": empty, "unit_1": ACME, "unit_2": empty})) == 3


def test_empty_steps_without_a_plate_beside_them_keep_their_keys() -> None:
    assert rows({"unit": None, "unit_1": None, "unit_1_1": {"value": None}}).keys() == {
        "unit",
        "unit_1",
        "unit_1_1",
    }
    assert rows({"unit": {"value": 3}, "unit_1": None}).keys() == {"unit", "unit_1"}


def test_two_equal_plates_are_two_rows() -> None:
    found = rows({"plate": ACME, "plate_1": dict(ACME), "plate_2": {**ACME, "model": "AC-200"}})
    assert len(found) == 3
    assert len({value_id.rpartition(":")[0] for value_id in found}) == 2


def test_a_plate_keeps_its_id_when_the_machine_corrects_what_is_beside_the_serial() -> None:
    assert rows({"plate": ACME}).keys() == rows({"plate": {**ACME, "make": "Acme Inc."}}).keys()
    partial = {"make": "ACME", "model": "AC-100", "serial": None}
    assert rows({"plate": partial}).keys() != rows({"plate": ACME}).keys()
    assert rows({"plate": partial}).keys() == rows({"plate": {**partial, "name": "x"}}).keys()


def test_the_same_plate_at_two_steps_is_two_rows() -> None:
    assert len(rows({"before": ACME, "after": ACME})) == 2


TEXTS = st.sampled_from([None, "", "A", "B", "ACME", "é"])
PLATES = st.fixed_dictionaries(
    {"make": TEXTS, "model": TEXTS, "serial": TEXTS},
    optional={"name": TEXTS, "confidence": st.sampled_from([1, Decimal("0.50"), [1, None]])},
)
KEYS = st.sampled_from(["a", "a_1", "a_1_1", "a_2", "b", "b_10", "ü_1"])


@st.composite
def two_readings(draw: st.DrawFn) -> tuple[Row, Row]:
    """One workflow as two responses show it: the plates of each step have changed keys."""
    first: Row = {}
    second: Row = {}
    empty = draw(st.sampled_from([None, {"value": None}]))
    for key in draw(st.lists(KEYS, unique=True, max_size=4)):
        plates = draw(st.lists(PLATES | st.just(empty), min_size=1, max_size=4))
        again = draw(st.permutations(plates))
        nested = draw(st.booleans())
        names = [key, *(f"{key}_{number}" for number in range(1, len(plates)))]
        if first.keys() & names:
            continue  # the vendor has no two steps of one name
        for data, members in ((first, plates), (second, again)):
            for name, plate in zip(names, members, strict=True):
                data[name] = {"value": plate} if nested and "make" in (plate or {}) else plate
    others = {"c": {"value": 1}, "c_1": None}
    return {**first, **others}, dict(draw(st.permutations([*second.items(), *others.items()])))


def as_set(step_data: Row) -> Counter[str]:
    return Counter(
        msgspec.json.encode(row, order="sorted").decode() for row in step_values(step_data)
    )


@given(two_readings())
def test_the_same_plates_in_any_order_give_the_same_rows(readings: tuple[Row, Row]) -> None:
    first, second = readings
    assert as_set(first) == as_set(second)
    rows(first)
