"""The fast path and the SDK's path give the same messages; maps, flattening and batches work."""

from __future__ import annotations

import gzip
import io
import json
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from singer_sdk import typing as th

from tap_kit.feed import Bookmark, Page
from tap_kit.records import RecordPath
from tap_kit.schema import record_schema
from tap_kit.stats import StreamStats
from tests.singer import discover, select, sync
from tests.tap_kit.example import CONFIG, ExampleTap, Things

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_kit.stream import RecordStream

scalars = {
    "string": (th.StringType, st.text()),
    "integer": (th.IntegerType, st.integers(-(2**80), 2**80)),
    "number": (
        th.NumberType,
        st.one_of(
            st.integers(),
            st.decimals(
                allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30
            ),
        ),
    ),
    "boolean": (th.BooleanType, st.booleans()),
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """A schema, records that fit it, and the properties to deselect."""
    names = draw(st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=6))
    # "a" and "b" stand inside others, and deselection by name goes to any depth.
    others = {"id", "nested", "a", "b", "extra_columns"}
    names = [name for name in names if name not in others]
    kinds = {name: draw(st.sampled_from(sorted(scalars))) for name in names}
    nested = draw(st.sampled_from([None, "object", "array"]))
    properties = [th.Property("id", th.StringType, required=True)]
    values: dict[str, st.SearchStrategy[Any]] = {"id": st.text(max_size=5)}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, kind in kinds.items():
        declared, strategy = scalars[kind]
        properties.append(th.Property(name, declared))
        optional[name] = st.none() | strategy
    if nested:
        inner = th.ObjectType(th.Property("a", th.StringType), th.Property("b", th.IntegerType))
        inner_values = st.fixed_dictionaries({}, optional={"a": st.text(), "b": st.integers()})
        outer: Any = inner if nested == "object" else th.ArrayType(inner)
        properties.append(th.Property("nested", outer))
        optional["nested"] = inner_values if nested == "object" else st.lists(inner_values)
    records = draw(st.lists(st.fixed_dictionaries(values, optional=optional), max_size=5))
    deselected = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    return record_schema(*properties), records, deselected


def messages(stream: Things, records: list[dict[str, Any]], *, plain: bool) -> list[Any]:
    out = io.StringIO()
    with redirect_stdout(out):
        path = RecordPath(stream, stream.kit.writer, StreamStats("things"), include_secrets=False)
        assert path._plain
        path._plain = plain
        path.write_schema()
        if records:
            path.write(path.prepare([dict(record) for record in records]))
        stream.kit.writer.flush()
    # Decimals compare by value and digits.
    lines = [json.loads(line, parse_float=Decimal) for line in out.getvalue().splitlines()]
    for line in lines:
        line.pop("time_extracted", None)
    return lines


@settings(max_examples=150, deadline=None)
@given(cases())
def test_both_paths_give_the_same_messages(
    case: tuple[dict[str, Any], list[dict[str, Any]], list[str]],
) -> None:
    schema, records, deselected = case

    class Varied(Things):
        pass

    Varied.schema = schema

    class VariedTap(ExampleTap):
        stream_types: ClassVar[Sequence[type[RecordStream]]] = (Varied,)

    catalog = discover(VariedTap, CONFIG)
    chosen = select(catalog, "things", without=[("things", name) for name in deselected])
    tap = VariedTap(config=dict(CONFIG), catalog=chosen)
    stream = tap.streams["things"]
    assert isinstance(stream, Things)
    fast = messages(stream, records, plain=True)
    assert fast == messages(stream, records, plain=False)
    kept = [
        {name: value for name, value in record.items() if name not in deselected}
        for record in records
    ]
    assert [line["record"] for line in fast if line["type"] == "RECORD"] == kept


@pytest.mark.parametrize(
    "number", ["12345678901234567890123", "0.1234567890123456789", "1.10", "-0.0", "1E+400"]
)
def test_numbers_keep_their_value(number: str) -> None:
    out = io.StringIO()
    tap = ExampleTap(config=dict(CONFIG))
    stream = tap.streams["things"]
    assert isinstance(stream, Things)
    value = int(number) if number.isdigit() else Decimal(number)
    with redirect_stdout(out):
        path = RecordPath(stream, tap.writer, StreamStats("things"), include_secrets=False)
        path.write(path.prepare([{"id": "a", "ratio": value}]))
        tap.writer.flush()
    assert f'"ratio":{number}' in out.getvalue()


def given_things(*records: dict[str, Any]) -> None:
    ExampleTap.given = {"things": [[Page({"things": [dict(record) for record in records]})]]}


def test_stream_maps_rename_filter_and_compute() -> None:
    given_things({"id": "a", "count": 1}, {"id": "b", "count": 5})
    maps = {
        "things": {
            "__alias__": "renamed",
            "__filter__": "record['count'] > 2",
            "double": "record['count'] * 2",
        }
    }
    output = sync(ExampleTap, {**CONFIG, "stream_maps": maps})
    assert output.records["renamed"] == [{"id": "b", "count": 5, "double": 10}]
    assert "double" in output.schemas["renamed"]["schema"]["properties"]


def test_a_stream_can_be_mapped_away() -> None:
    given_things({"id": "a"})
    output = sync(ExampleTap, {**CONFIG, "stream_maps": {"things": "__NULL__"}})
    assert "things" not in output.schemas
    assert not output.records["things"]


def test_flattening() -> None:
    given_things({"id": "a", "place": {"city": "Oulu"}})
    config = {**CONFIG, "flattening_enabled": True, "flattening_max_depth": 1}
    output = sync(ExampleTap, config)
    [record] = output.records["things"]
    assert record["place__city"] == "Oulu"
    assert "place__city" in output.schemas["things"]["schema"]["properties"]


def test_batches_hold_the_records_and_come_before_their_state(tmp_path: Path) -> None:
    records = [{"id": f"t{n}", "count": n} for n in range(25)]
    ExampleTap.given = {
        "things": [
            [
                Page({"things": records[:12]}, bookmarks=[Bookmark("things", "2024-01-01")]),
                Page({"things": records[12:]}, bookmarks=[Bookmark("things", "2024-01-02")]),
            ]
        ]
    }
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri()},
        "batch_size": 10,
    }
    output = sync(ExampleTap, {**CONFIG, "batch_config": batch})
    files = [
        Path(urlsplit(uri).path)
        for line in output.lines
        if line["type"] == "BATCH"
        for uri in line["manifest"]
    ]
    lines = [line for path in files for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert [json.loads(line) for line in lines] == records
    assert output.lines[-1]["type"] == "STATE"
    assert not output.records
