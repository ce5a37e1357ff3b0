from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest

from tap_kit.errors import BadBodyError, DataError
from tap_kit.tables import json_rows as module
from tap_kit.tables import read_json
from tap_kit.tables.block import BLOCK_ROWS


@pytest.fixture(params=["small", "large"])
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put every test through both parsers."""
    if request.param == "large":
        monkeypatch.setattr(module, "LARGE", -1)


pytestmark = pytest.mark.usefixtures("_size")


def rows(body: bytes) -> list[dict[str, Any]]:
    return [
        dict(zip(block.headings, row, strict=False))
        for block in read_json(io.BytesIO(body))
        for row in block.rows
    ]


OBJECTS = b'[{"a": 1, "b": "x"}, {"a": 2.50, "b": null}]'
ARRAYS = b'[[1, "x"], [2.50, null]]'
EXPECTED = [{"a": 1, "b": "x"}, {"a": Decimal("2.50"), "b": None}]


@pytest.mark.parametrize(
    "body",
    [
        OBJECTS,
        b"\xef\xbb\xbf" + OBJECTS,
        b" \n" + OBJECTS + b"\n",
        b'{"data": %s}' % OBJECTS,
        b'{"rows": %s, "count": 2}' % OBJECTS,
        b'{"meta": {"data": [1]}, "events": %s}' % OBJECTS,
        b'{"errors": [], "results": %s}' % OBJECTS,
        b'{"data": %s, "fields": [{"name": "a", "type": "metric"}, {"name": "b"}]}' % OBJECTS,
        b'{"fields": [{"name": "a"}, {"name": "b"}], "data": %s}' % ARRAYS,
        b'{"data": %s, "fields": ["a", "b"]}' % ARRAYS,
        b'{"data": %s, "fields": [{"id": "a", "type": "metric"}, {"key": "b"}]}' % ARRAYS,
    ],
)
def test_rows_in_every_wrapping(body: bytes) -> None:
    assert rows(body) == EXPECTED
    assert isinstance(rows(body)[1]["a"], Decimal)


def test_numbers_keep_their_value() -> None:
    body = b'[{"n": 0.1000000000000000055511151231257827, "i": 12345678901234567890}]'

    assert rows(body) == [
        {"n": Decimal("0.1000000000000000055511151231257827"), "i": 12345678901234567890}
    ]


def test_objects_may_have_different_members() -> None:
    body = b'[{"a": 1}, {"b": 2, "a": 3}, {}]'

    assert rows(body) == [{"a": 1, "b": None}, {"a": 3, "b": 2}, {"a": None, "b": None}]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"data": []}',
        b'{"fields": [], "data": []}',
        b'{"status": "ok", "code": 200, "message": "No data", "error": null, "data": []}',
        b'{"Rows": [], "errors": []}',
    ],
)
def test_no_rows(body: bytes) -> None:
    assert rows(body) == []


def test_rows_come_in_blocks_that_know_their_number() -> None:
    body = json.dumps([{"n": number} for number in range(1, 2502)]).encode()

    blocks = list(read_json(io.BytesIO(body)))

    assert sum(len(block.rows) for block in blocks) == 2501
    assert len(blocks) > 2
    assert all(list(block.rows[0]) == [block.first] for block in blocks)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b'[{"a": 1}',
        b'[{"a": 1}] x',
        b'{"data": [{"a": 1}, {"a"',
        b'[{"a": "\xff\xfe\xff"}]',
        b"null",
        b"3",
        b'{"detail": "not now"}',
        b'{"data": null}',
        b'{"a": [], "b": []}',
        b'{"a": [{"b": 1}]}',
        b'{"errors": [{"message": "boom"}]}',
        b'{"error": "x", "rows": []}',
        b'{"rows": [], "error": "x"}',
        b'{"rows": [{"a": 1}], "error": "x"}',
        b'{"success": false, "rows": [{"a": 1}]}',
        b'{"rows": [], "status": "error"}',
        b'{"rows": [], "message": "Internal server error"}',
        b'{"rows": [], "code": 500}',
        b'{"details": [], "message": "?"}',
        b'[{"a": 1e99999999999999999999}]',
    ],
)
def test_what_is_no_json_or_has_no_rows_is_fetched_again(body: bytes) -> None:
    with pytest.raises(BadBodyError):
        rows(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'[{"a": 1}, 3]', "Row 2 of the JSON response is of type integer"),
        (b'[{"a": 1}, null]', "Row 2 of the JSON response is of type null"),
        (b"[[1]]", "Row 1 of the JSON response is an array, but nothing names fields"),
        (b'{"fields": ["a"], "data": [[1], {"a": 1}]}', "mixes rows"),
    ],
)
def test_rows_that_are_none(body: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        rows(body)


def test_fields_without_rows_are_headings() -> None:
    body = b'{"fields": [{"name": "a"}, {"type": "metric"}], "data": []}'

    (block,) = read_json(io.BytesIO(body))
    assert (block.headings, list(block.rows), block.is_json) == (("a", ""), [], True)


def test_a_message_beside_rows_is_about_anything() -> None:
    assert rows(b'{"message": "2 checks failed", "rows": [{"a": 1}]}') == [{"a": 1}]


def test_an_empty_list_is_passed_by() -> None:
    assert rows(b'{"items": [], "rows": [{"a": 1}]}') == [{"a": 1}]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
def test_pieces_may_end_anywhere(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_kit.tables.json_pieces.PIECE", piece)
    body = (
        b'{"count": 12345, "meta": {"x": [true, null]}, "data": [[1.25, "\\ud83d\\ude00 \\" ]"], '
        b'[-1e5, "\xc3\xa9"]], "fields": ["a", "b"], "ok": true}'
    )

    assert rows(body) == [
        {"a": Decimal("1.25"), "b": '\U0001f600 " ]'},
        {"a": Decimal("-1e5"), "b": "\xe9"},
    ]


def test_a_list_of_errors_is_no_table_however_long() -> None:
    error = {"error": "it broke", "code": 500}
    several = [error] * (2 * BLOCK_ROWS + 1)
    for listed in (several, {"rows": several}):
        with pytest.raises(BadBodyError, match="it broke"):
            rows(json.dumps(listed).encode())
    assert len(rows(json.dumps([*several, {"a": 1}]).encode())) == len(several) + 1
