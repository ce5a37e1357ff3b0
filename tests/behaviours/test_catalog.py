"""Discovery, selection and what the SCHEMA messages promise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator
from singer_sdk.singerlib import Catalog

from tap_kit.errors import SettingsError
from tests.singer import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.behaviours.pipeline import Pipeline

TYPES = {"SCHEMA", "RECORD", "STATE"}


def _root(entry: dict[str, Any]) -> dict[str, Any]:
    (root,) = (item["metadata"] for item in entry["metadata"] if not item["breadcrumb"])
    found: dict[str, Any] = root
    return found


def test_the_catalog_is_one_that_any_runner_takes(pipeline: Pipeline) -> None:
    catalog = pipeline.catalog
    assert catalog == Catalog.from_dict(json.loads(json.dumps(catalog))).to_dict()
    assert pipeline.names
    for entry in catalog["streams"]:
        name, schema = entry["tap_stream_id"], entry["schema"]
        Draft7Validator.check_schema(schema)
        root = _root(entry)
        keys = entry["key_properties"]
        assert keys == root["table-key-properties"]
        assert keys, name
        incremental = name in pipeline.case.incremental
        assert entry["replication_method"] == ("INCREMENTAL" if incremental else "FULL_TABLE")
        key = entry.get("replication_key")
        assert key is None or (key in schema["properties"] and incremental), name
        assert set(schema.get("required", keys)) == set(keys)
        for column, declared in schema["properties"].items():
            types = declared.get("type", ["null"])
            assert ("null" in types) == (column not in keys), (name, column)
        breadcrumbs = {tuple(item["breadcrumb"]) for item in entry["metadata"]}
        assert {("properties", column) for column in schema["properties"]} <= breadcrumbs
        for item in entry["metadata"]:
            if item["breadcrumb"] in [["properties", key] for key in keys]:
                assert item["metadata"]["inclusion"] == "automatic"


def test_discovery_twice_gives_the_same(pipeline: Pipeline) -> None:
    assert discover(pipeline.case.tap, pipeline.config) == pipeline.catalog


def test_importing_and_making_a_tap_asks_nothing(pipeline: Pipeline) -> None:
    catalog = pipeline.catalog
    pipeline.sandbox.clear_journal()
    tap = pipeline.tap(config=pipeline.config, catalog=catalog)
    columns = {name: set(stream.schema["properties"]) for name, stream in tap.streams.items()}
    assert columns == {
        entry["tap_stream_id"]: set(entry["schema"]["properties"]) for entry in catalog["streams"]
    }
    assert not pipeline.requests()


def test_a_stream_that_the_catalog_lacks_is_not_read(pipeline: Pipeline) -> None:
    case = pipeline.case
    catalog = pipeline.chosen()
    catalog["streams"] = [
        entry for entry in catalog["streams"] if entry["tap_stream_id"] in case.others
    ]
    pipeline.sandbox.clear_journal()
    output = pipeline.run(catalog=catalog, start_date="2025-05-12")
    assert not output.failures
    assert set(output.records) == set(output.schemas) == set(case.others)
    for entry in pipeline.requests(case.fault["route"]):
        assert case.fault.get("contains", "") not in f"{entry.path}?{entry.query}{entry.body}"


def test_only_selected_streams_are_read(pipeline: Pipeline) -> None:
    for name in (pipeline.case.broken[0], pipeline.case.others[-1]):
        output = pipeline.run(name, start_date="2025-05-12")
        assert set(output.schemas) == {name}
        assert set(output.records) == {name}


def test_automatic_fields_alone(pipeline: Pipeline) -> None:
    columns = [
        (entry["tap_stream_id"], column)
        for entry in pipeline.catalog["streams"]
        for column in entry["schema"]["properties"]
    ]
    whole = pipeline.run(start_date="2025-05-12")
    output = pipeline.run(without=columns, start_date="2025-05-12")
    for name in pipeline.names:
        schema = output.schemas[name]
        automatic = {*schema["key_properties"], *schema.get("bookmark_properties", ())}
        assert set(schema["schema"]["properties"]) == automatic
        for record in output.records[name]:
            assert set(record) <= automatic, name
            assert set(schema["key_properties"]) <= set(record), name
        keys = schema["key_properties"]
        assert output.by_key(name, *keys).keys() == whole.by_key(name, *keys).keys(), name


def test_a_deselected_field_stays_away(pipeline: Pipeline) -> None:
    name = pipeline.case.others[-1]
    (entry,) = (e for e in pipeline.catalog["streams"] if e["tap_stream_id"] == name)
    gone = next(
        column
        for column in entry["schema"]["properties"]
        if column not in {*entry["key_properties"], "extra_columns"}
    )
    output = pipeline.run(name, without=[(name, gone)])
    assert gone not in output.schemas[name]["schema"]["properties"]
    assert output.records[name]
    assert not any(gone in record for record in output.records[name])
    assert not any(record.get("extra_columns") for record in output.records[name])


def test_records_come_behind_their_schema_and_are_valid(pipeline: Pipeline) -> None:
    output = pipeline.run()
    assert {line["type"] for line in output.lines} == TYPES
    validators: dict[str, Draft7Validator] = {}
    for line in output.lines:
        if line["type"] == "SCHEMA":
            line["schema"]["additionalProperties"] = False  # a record holds what it declares
            assert line["stream"] not in validators, "a second SCHEMA message"
            validators[line["stream"]] = Draft7Validator(line["schema"])
        elif line["type"] == "RECORD":
            errors = list(validators[line["stream"]].iter_errors(line["record"]))
            assert not errors, (line["stream"], errors[0].message)
    assert output.lines[-1]["type"] == "STATE"


def test_no_date_is_the_unset_one(pipeline: Pipeline) -> None:
    assert "0001-01-01T00:00:00" not in json.dumps(pipeline.run().records)


def test_state_is_linear_in_its_partitions(pipeline: Pipeline) -> None:
    state = pipeline.run().state
    assert set(state["bookmarks"]) == set(pipeline.case.incremental)
    for bookmark in state["bookmarks"].values():
        partitions = bookmark.get("partitions", [])
        contexts = [json.dumps(entry["context"], sort_keys=True) for entry in partitions]
        assert len(contexts) == len(set(contexts))
        assert len(json.dumps(bookmark)) < 600 * (1 + len(partitions))


def test_a_new_field_is_kept_and_told_once(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    name, _ = pipeline.case.drift
    assert pipeline.catalog
    pipeline.sandbox.drift(f"{pipeline.case.vendor}.{name}", {"moonPhase": {"now": "waxing"}})
    with caplog.at_level("INFO"):
        output = pipeline.run(name)
    assert not output.failures
    assert output.records[name]
    for record in output.records[name]:
        assert record["extra_columns"] == {"moonPhase": {"now": "waxing"}}
    told = [r for r in caplog.records if r.levelname == "WARNING" and "moonPhase" in r.message]
    assert len(told) == 1
    assert name in told[0].message
    assert any("drifted_fields=moonPhase" in message for message in caplog.messages)


def test_another_type_is_an_error_that_names_it(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    name, column = pipeline.case.drift
    assert pipeline.catalog
    pipeline.sandbox.drift(f"{pipeline.case.vendor}.{name}", {column: ["a", "list"]})
    output = pipeline.run(name, *pipeline.case.others[:1])
    assert set(output.failures) == {name}
    for line in (record.message for record in caplog.records if record.levelname == "ERROR"):
        assert all(word in line for word in (f"stream {name}", column, "string", "array"))
    assert output.records[pipeline.case.others[0]]


def _nested(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for declared in schema.get("properties", {}).values():
        yield declared
        yield from _nested(declared.get("items", declared))


def test_nested_objects_are_open(pipeline: Pipeline) -> None:
    for entry in pipeline.catalog["streams"]:
        for declared in _nested(entry["schema"]):
            assert declared.get("additionalProperties", True) is not False, entry["tap_stream_id"]


@pytest.mark.parametrize("keys", [None, []])
def test_keys_that_a_catalog_leaves_out_are_the_stream_s_own(
    pipeline: Pipeline, keys: list[str] | None
) -> None:
    name = pipeline.case.others[-1]
    catalog = pipeline.chosen(name)
    (entry,) = (item for item in catalog["streams"] if item["tap_stream_id"] == name)
    own = entry.pop("key_properties")
    if keys is not None:
        entry["key_properties"] = keys
    _root(entry).pop("table-key-properties")

    output = pipeline.run(catalog=catalog)

    assert output.schemas[name]["key_properties"] == own


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["object", "null"]},
        {"anyOf": [{"type": "number"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"type": ["array", "boolean"]}]},
    ],
)
def test_a_column_that_can_not_hold_its_values_is_refused_at_the_start(
    pipeline: Pipeline, schema: dict[str, Any]
) -> None:
    name = pipeline.case.others[-1]
    catalog = pipeline.chosen(name)
    (entry,) = (item for item in catalog["streams"] if item["tap_stream_id"] == name)
    (key, *_) = entry["key_properties"]
    entry["schema"]["properties"][key] = schema
    requests = len(pipeline.requests())

    with pytest.raises(SettingsError, match=f"stream {name}, column {key}: the records hold "):
        pipeline.run(catalog=catalog)

    assert len(pipeline.requests()) == requests


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": []},
        {"type": ["string", "integer", "boolean", "null"]},
        {"anyOf": [{"type": ["string", "number"]}, {"type": "null"}]},
        {"anyOf": [{"type": "number"}, {}]},
    ],
)
def test_a_column_may_be_of_a_wider_type(pipeline: Pipeline, schema: dict[str, Any]) -> None:
    name = pipeline.case.others[-1]
    plain = pipeline.run(name)
    catalog = pipeline.chosen(name)
    (entry,) = (item for item in catalog["streams"] if item["tap_stream_id"] == name)
    (key, *_) = entry["key_properties"]
    entry["schema"]["properties"][key] = schema

    output = pipeline.run(catalog=catalog)

    assert output.records == plain.records
