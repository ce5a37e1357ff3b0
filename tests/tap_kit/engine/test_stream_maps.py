"""Stream maps and flattening lose nothing: open objects, added fields, numbers of any length."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_kit.errors import SettingsError
from tap_kit.streams.reader import Page
from tests.singer import Output, discover, select, sync
from tests.tap_kit.example import CONFIG, ExampleTap


def flattened(record: dict[str, Any], depth: int, **settings: Any) -> Output:  # noqa: ANN401  # each has its own
    ExampleTap.given = {"things": [[Page({"things": [record]})]]}
    config = {**CONFIG, "flattening_enabled": True, "flattening_max_depth": depth, **settings}
    return sync(ExampleTap, config)


OPEN = {"id": "a", "options": {"x": {"y": 1}}, "new": "n"}


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_open_objects_become_columns_of_text(depth: int) -> None:
    output = flattened({**OPEN, "place": {"city": "Oulu"}}, depth, include_secrets=True)
    [record] = output.records["things"]
    properties = output.schemas["things"]["schema"]["properties"]
    assert json.loads(record["options"]) == {"x": {"y": 1}}
    assert json.loads(record["extra_columns"]) == {"new": "n"}
    assert record["place__city"] == "Oulu"
    for name in ("options", "extra_columns"):
        assert set(properties[name]["type"]) == {"string", "null"}
    assert record.keys() <= properties.keys()


@pytest.mark.parametrize("extra", [{}, {"new": 0.1234567890123456789}])
def test_fields_added_within_objects_go_to_extra_columns(extra: dict[str, Any]) -> None:
    record = {"id": "a", **extra, "place": {"city": "Oulu", "country": {"code": "fi"}}}
    output = flattened(record, 1)
    [row] = output.records["things"]
    properties = output.schemas["things"]["schema"]["properties"]
    assert row.keys() <= properties.keys()
    assert "place__country" in json.loads(row["extra_columns"])
    assert json.loads(row["extra_columns"]).keys() == {"place__country", *extra}


def test_an_object_that_is_null_adds_nothing() -> None:
    output = flattened({"id": "a", "place": None}, 2)
    assert output.records["things"] == [{"id": "a"}]


def test_an_old_catalog_is_flattened_likewise() -> None:
    catalog = select(discover(ExampleTap, CONFIG), "things")
    [entry] = [e for e in catalog["streams"] if e["tap_stream_id"] == "things"]
    entry["schema"]["properties"]["options"] = {
        "type": ["object", "null"],
        "properties": {},
        "additionalProperties": True,
    }
    ExampleTap.given = {"things": [[Page({"things": [dict(OPEN)]})]]}
    config = {**CONFIG, "flattening_enabled": True, "flattening_max_depth": 1}
    output = sync(ExampleTap, config, catalog=catalog)
    assert "options" in output.schemas["things"]["schema"]["properties"]


NUMBERS = ["1e5", "123456789012345.678", "0.1234567890123456789", "2.5", "3", "-0.0", "1E+400"]


@pytest.mark.parametrize("text", NUMBERS)
@pytest.mark.parametrize(
    "expression",
    [
        "ratio * 1.8 + 32",
        "1.8 * ratio",
        "ratio - 0.5",
        "float(ratio) / 3 + int(2.5)",
        "ratio % 7.5 if ratio < 1e300 else 0",
        "'high' if ratio > 99.5 else 'low'",
        "json.dumps(record)",
    ],
)
def test_expressions_reckon_with_any_number(text: str, expression: str) -> None:
    from tap_kit.streams.structs import decode_lines  # noqa: PLC0415  # what the taps decode with

    [value] = decode_lines(f'{{"ratio": {text}}}'.encode())
    ExampleTap.given = {"things": [[Page({"things": [{"id": "a", **value}]})]]}
    maps = {"things": {"other": expression}}
    output = sync(ExampleTap, {**CONFIG, "stream_maps": maps})
    assert output.failures == {}
    [record] = output.records["things"]
    number = float(text)
    if expression == "ratio * 1.8 + 32" and abs(number) < 1e300:
        assert record["other"] == pytest.approx(number * 1.8 + 32)


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_beside_expressions_keep_their_digits(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from tap_kit.streams.structs import decode_lines  # noqa: PLC0415  # what the taps decode with

    [value] = decode_lines(f'{{"ratio": {text}}}'.encode())
    ExampleTap.given = {"things": [[Page({"things": [{"id": "a", **value}]})]]}
    ExampleTap(config={**CONFIG, "stream_maps": {"things": {"other": "id"}}}).sync_all()
    out = capsys.readouterr().out
    plain = {"1e5": "1E+5"}.get(text, text)
    assert f'"ratio":{plain},' in out or f'"ratio":{plain}}}' in out


def test_expressions_see_fields_that_did_not_come_as_null() -> None:
    ExampleTap.given = {"things": [[Page({"things": [{"id": "a"}, {"id": "b", "ratio": 2}]})]]}
    maps = {"things": {"other": "(ratio or 0) * 1.5 + 1", "missing": "ratio is None"}}
    output = sync(ExampleTap, {**CONFIG, "stream_maps": maps})
    assert output.records["things"] == [
        {"id": "a", "other": 1, "missing": True},
        {"id": "b", "ratio": 2, "other": 4, "missing": False},
    ]


def test_an_expression_that_fails_is_an_error_with_its_setting() -> None:
    ExampleTap.given = {"things": [[Page({"things": [{"id": "a", "ratio": None}]})]]}
    output = sync(ExampleTap, {**CONFIG, "stream_maps": {"things": {"other": "ratio * 1.8"}}})
    assert "setting stream_maps" in output.failures["things"]
    assert "NoneType" in output.failures["things"]


@pytest.mark.parametrize("maps", [{"things": 5}, {"things": {"other": "id +"}}])
def test_wrong_maps_are_a_settings_error(maps: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="stream_maps"):
        sync(ExampleTap, {**CONFIG, "stream_maps": maps})


def test_names_that_flattening_makes_twice_are_a_settings_error() -> None:
    catalog = select(discover(ExampleTap, CONFIG), "things")
    [entry] = [e for e in catalog["streams"] if e["tap_stream_id"] == "things"]
    entry["schema"]["properties"]["place__city"] = {"type": ["string", "null"]}
    config = {**CONFIG, "flattening_enabled": True, "flattening_max_depth": 1}
    with pytest.raises(SettingsError, match="place__city"):
        sync(ExampleTap, config, catalog=catalog)
