"""The fast path and the SDK's path give the same messages; maps, flattening and batches work."""

from __future__ import annotations

import gzip
import io
import json
import keyword
import re
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from singer_sdk import typing as th

from tap_kit.engine.output import MessageWriter
from tap_kit.engine.record_writer import RecordWriter
from tap_kit.errors import DataError
from tap_kit.stats import StreamStats
from tap_kit.streams.reader import Bookmark, Page
from tap_kit.streams.schema import record_schema
from tap_kit.streams.structs import Row, is_typed, row_type, rows_decoder, untyped
from tap_kit.text.json import ENCODER
from tests.singer import discover, select, sync
from tests.tap_kit.example import CONFIG, ExampleTap, Things

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_kit.streams.stream import RecordStream
    from tap_kit.streams.structs import Records

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
    some = st.text(min_size=1, max_size=8) | st.from_regex("[a-z]{1,5}", fullmatch=True)
    names = draw(st.lists(some, unique=True, max_size=6))
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


def messages(stream: Things, records: Records, *, plain: bool) -> list[Any]:
    out = io.StringIO()
    with redirect_stdout(out):
        writer = MessageWriter()
        path = RecordWriter(stream, writer, StreamStats("things"), include_secrets=False)
        assert path._plain
        path._plain = plain
        path.write_schema()
        if records:
            path.write(path.encode(copy(records)))
        writer.flush()
    # Decimals compare by value and digits.
    lines = [json.loads(line, parse_float=Decimal) for line in out.getvalue().splitlines()]
    for line in lines:
        line.pop("time_extracted", None)
    return lines


def things(schema: dict[str, Any], deselected: Sequence[str] = ()) -> Things:
    class Varied(Things):
        pass

    Varied.schema = schema

    class VariedTap(ExampleTap):
        stream_types: ClassVar[Sequence[type[RecordStream]]] = (Varied,)

    catalog = discover(VariedTap, CONFIG)
    chosen = select(catalog, "things", without=[("things", name) for name in deselected])
    stream = VariedTap(config=dict(CONFIG), catalog=chosen).streams["things"]
    assert isinstance(stream, Things)
    return stream


def copy(records: Records) -> Records:
    return records if is_typed(records) else [dict(record) for record in records]


def storable(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """The value as databases can store it: without NUL."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return list(map(storable, value))
    if isinstance(value, dict):
        return {name: storable(member) for name, member in value.items()}
    return value


@settings(max_examples=150, deadline=None)
@given(cases())
def test_both_paths_give_the_same_messages(
    case: tuple[dict[str, Any], list[dict[str, Any]], list[str]],
) -> None:
    schema, records, deselected = case
    stream = things(schema, deselected)
    fast = messages(stream, records, plain=True)
    assert fast == messages(stream, records, plain=False)
    kept = [
        {name: storable(value) for name, value in record.items() if name not in deselected}
        for record in records
    ]
    assert [line["record"] for line in fast if line["type"] == "RECORD"] == kept


@pytest.mark.parametrize("plain", [True, False])
@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_typed_rows_give_the_same_messages(
    case: tuple[dict[str, Any], list[dict[str, Any]], list[str]], *, plain: bool
) -> None:
    schema, records, _ = case
    kind = row_type(schema)
    awkward = [name for name in schema["properties"] if not re.fullmatch("[a-z]+", name)]
    if kind is None:
        assert awkward or any(
            keyword.iskeyword(name) or hasattr(Row, name) for name in schema["properties"]
        )
        return
    decode = rows_decoder(kind, "data", "rows")
    rows = decode(ENCODER.encode({"data": {"rows": records}}))
    assert rows is not None
    stream = things(schema)
    assert messages(stream, rows, plain=plain) == messages(stream, records, plain=plain)


class TestTypedRows:
    """What does not fit is left to the general way."""

    kind = row_type(Things.schema)
    fits: ClassVar[dict[str, Any]] = {
        "id": "a",
        "ratio": 1.5,
        "place": {"city": "Oulu"},
        "files": [{"link": "x"}],
        "options": {"any": [1.25, {"more": None}]},
    }

    def decoded(self, response: bytes) -> list[Row] | None:
        assert self.kind
        return rows_decoder(self.kind, "rows")(response)

    def test_a_row_reads_like_a_dictionary(self) -> None:
        [row] = self.decoded(ENCODER.encode({"rows": [self.fits]})) or []
        assert untyped([row]) == [self.fits]
        assert {name: row[name] for name in row}.keys() == self.fits.keys()
        assert (row["id"], row.get("count"), row.get("count", 7)) == ("a", None, 7)
        assert "count" not in row
        with pytest.raises(KeyError):
            row["count"]
        row["count"] = 3
        assert row["count"] == 3

    @pytest.mark.parametrize(
        "change",
        [
            {"new": 1},
            {"id": None},
            {"id": 5},
            {"count": "many"},
            {"place": {"city": "Oulu", "new": 1}},
            {"files": [{"link": 1}]},
            {"files": {"link": "x"}},
        ],
    )
    def test_a_response_that_does_not_fit_is_not_decoded(self, change: dict[str, Any]) -> None:
        assert self.decoded(ENCODER.encode({"rows": [self.fits, {**self.fits, **change}]})) is None

    @pytest.mark.parametrize(
        "response",
        [b"", b"[]", b'{"rows":null}', b'{"rows":[],"errors":[]}', b'{"rows":[{}]}', b"\xff"],
    )
    def test_nor_one_of_another_form(self, response: bytes) -> None:
        assert self.decoded(response) is None

    @pytest.mark.parametrize("value", [b'"much"', b"true", b"[1]", b"{}"])
    def test_numbers_are_checked_before_they_are_written(self, value: bytes) -> None:
        rows = self.decoded(b'{"rows":[{"id":"a","ratio":1.50},{"id":"b","ratio":%b}]}' % value)
        assert rows is not None
        with pytest.raises(DataError, match="field ratio is declared as number"):
            messages(things(Things.schema), rows, plain=True)

    def test_numbers_stay_as_they_came(self) -> None:
        number = "1234567890.12345678901234567890"
        rows = self.decoded(b'{"rows":[{"id":"a","ratio":%b}]}' % number.encode())
        assert rows is not None
        *_, line = messages(things(Things.schema), rows, plain=True)
        assert line["record"]["ratio"] == Decimal(number)

    @pytest.mark.parametrize("deep", [True, False])
    def test_declared_links_and_secrets_are_cleaned(
        self, monkeypatch: pytest.MonkeyPatch, *, deep: bool
    ) -> None:
        link = "https://x.example/y?z=1"
        found = {"id": "a", "link": link, "secret": "s", "files": [{"link": link}]}
        rows = self.decoded(ENCODER.encode({"rows": [found]}))
        assert rows is not None
        stream = things(Things.schema)
        if not deep:
            monkeypatch.setattr(type(stream), "signed_links", ("link",))
            monkeypatch.setattr(type(stream), "secret_fields", ("secret",))
        *_, line = messages(stream, rows, plain=True)
        assert line["record"] == {
            "id": "a",
            "link": "https://x.example/y",
            "secret": None,
            "files": [{"link": "https://x.example/y" if deep else link}],
        }


@pytest.mark.parametrize("text", ["a\u0085b", "\u2028", "é \u2029", "\u00a0\u2027\u2030\u0085"])
def test_what_some_readers_take_for_the_end_of_a_line_is_escaped(text: str) -> None:
    _, line = messages(things(Things.schema), [{"id": text}], plain=True)
    assert line["record"] == {"id": text}


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
        path = RecordWriter(stream, tap.writer, StreamStats("things"), include_secrets=False)
        path.write(path.encode([{"id": "a", "ratio": value}]))
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
