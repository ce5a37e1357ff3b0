"""What no target can store is replaced on every way that records take, and told once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.engine.output import MessageWriter
from tap_kit.engine.record_writer import RecordWriter
from tap_kit.http.response import Response
from tap_kit.stats import StreamStats
from tap_kit.streams.structs import row_type, rows_decoder
from tap_kit.text.unstorable import storable_records
from tests.singer import discover, select
from tests.tap_kit.example import ExampleTap, Things

if TYPE_CHECKING:
    from tap_kit.streams.structs import Records

CONFIG = {"token": "t"}
SCHEMA = {
    "properties": {
        "note": {"type": "string"},
        "place": {"type": "object", "properties": {"city": {"type": "string"}}},
        "parts": {"type": "array", "items": {"properties": {"name": {"type": "string"}}}},
        "open": {"type": "object"},
    }
}


@pytest.mark.parametrize(
    ("record", "clean", "field"),
    [
        ({"note": "a\0"}, {"note": "a\ufffd"}, "note"),
        ({"note": "a\ud83d"}, {"note": "a\ufffd"}, "note"),
        ({"n": float("nan")}, {"n": None}, "n"),
        ({"place": {"city": "\udc00"}}, {"place": {"city": "\ufffd"}}, "place.city"),
        ({"parts": [{"name": "\0"}]}, {"parts": [{"name": "\ufffd"}]}, "parts.name"),
        ({"open": {"k": ["\0"]}}, {"open": {"k": ["\ufffd"]}}, "open"),
        ({"open": {"k\0": 1}}, {"open": {"k\ufffd": 1}}, "open"),
        (
            {"open": {"k\0": 1, "k\ufffd": 2}},
            {"open": {"k\ufffd\ufffd": 1, "k\ufffd": 2}},
            "open",
        ),
    ],
)
def test_fields_are_called_by_their_declared_path(
    record: dict[str, Any], clean: dict[str, Any], field: str
) -> None:
    assert storable_records([record], SCHEMA) == ([clean], {field})


JSON = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(), max_size=3), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.text(st.characters(), max_size=3), JSON))
def test_everything_can_be_stored_and_nothing_is_lost(record: dict[str, Any]) -> None:
    ((clean,), _) = storable_records([record], {})
    written = json.dumps(clean, allow_nan=False, ensure_ascii=False).encode()

    assert b"\\u0000" not in written.replace(b"\\\\", b"")
    assert len(clean) == len(record)


def things() -> Things:
    stream = ExampleTap(
        config=CONFIG, catalog=select(discover(ExampleTap, CONFIG), "things")
    ).streams["things"]
    assert isinstance(stream, Things)
    return stream


def written(records: Records, *, plain: bool) -> list[dict[str, Any]]:
    writer = RecordWriter(things(), MessageWriter(), StreamStats("things"), include_secrets=False)
    writer._plain = plain
    encoded = writer.encode(records)
    if encoded.records is not None:
        return list(encoded.records)
    return [json.loads(line)["record"] for line in encoded.lines.splitlines()]


BODY = rb"""{"rows": [
    {"id": "a", "changed": "x\u0000y", "ratio": 1.5},
    {"id": "b", "changed": "fine"}
]}"""
WORSE = BODY.replace(rb"\u0000", rb"\ud83d").replace(b"1.5", b"NaN")


NO_UTF_8 = BODY.replace(rb"\u0000", b"\xe2\x82")


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The tap's own; the SDK logs what it likes."""
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


@pytest.mark.parametrize("plain", [True, False])
def test_nul_in_typed_rows(caplog: pytest.LogCaptureFixture, *, plain: bool) -> None:
    kind = row_type(Things.schema)
    assert kind is not None
    rows = rows_decoder(kind, "rows")(BODY)
    assert rows is not None

    assert written(rows, plain=plain) == [
        {"id": "a", "changed": "x\ufffdy", "ratio": 1.5},
        {"id": "b", "changed": "fine"},
    ]
    (message,) = warnings_in(caplog)
    assert "stream things: field changed holds characters" in message


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(("body", "ratio"), [(BODY, 1.5), (WORSE, None), (NO_UTF_8, 1.5)])
def test_all_in_dictionaries(
    caplog: pytest.LogCaptureFixture, body: bytes, ratio: float | None, *, plain: bool
) -> None:
    kind = row_type(Things.schema)
    assert kind is not None
    if body is not BODY:
        assert rows_decoder(kind, "rows")(body) is None
    records = Response(200, {}, body).json()["rows"]

    assert written(records, plain=plain)[0] == {"id": "a", "changed": "x\ufffdy", "ratio": ratio}
    assert len(warnings_in(caplog)) == (2 if ratio is None else 1)


def test_each_field_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    writer = RecordWriter(things(), MessageWriter(), StreamStats("things"), include_secrets=False)
    for _ in range(3):
        writer.encode([{"id": "a", "changed": "\0"}])

    assert len(warnings_in(caplog)) == 1
