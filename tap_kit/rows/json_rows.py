"""JSON answers: lists of objects, or arrays under ``fields``, bare or wrapped in an object."""

from __future__ import annotations

import decimal
import os
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

import ijson
import msgspec

from tap_kit.errors import BadBodyError, DataError
from tap_kit.rows.block import BLOCK_ROWS, Block
from tap_kit.rows.types import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGE = 8 * 2**20
"""Bodies over this many bytes are parsed piece by piece."""
ROW_MEMBERS = ("data", "rows", "results", "items", "records")
"""Where an object keeps its rows; otherwise in its only list."""
FIELD_NAMES = ("name", "id", "key", "field")
"""What an item of ``fields`` calls its column, where it is an object."""
_FIELDS = "fields"
_MARK = b"\xef\xbb\xbf"


def read_json(file: IO[bytes]) -> Iterator[Block]:
    """Read a JSON answer: rows as objects, or as arrays in the order of ``fields``.

    Args:
        file: The body, at its beginning; stays open.

    Yields:
        Blocks of JSON values; numbers are int or Decimal. Consecutive objects with the same
        members in the same order make a block; ``fields`` without rows make one, too.

    Raises:
        BadBodyError: The body is not JSON, was cut off, or holds no list of rows.
        DataError: A row is neither object nor array, or an array without ``fields``.
    """
    start = file.tell()
    if file.read(len(_MARK)) == _MARK:
        start += len(_MARK)
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    try:
        fields, rows = _large(file, start) if size > LARGE else _small(file.read())
        yield from _blocks(fields, rows)
    except (msgspec.DecodeError, ijson.JSONError, ArithmeticError, UnicodeDecodeError) as error:
        msg = f"The answer is not JSON, or not whole: {error}"
        raise BadBodyError(msg) from error


_JSON = msgspec.json.Decoder(float_hook=decimal.Decimal)


def _small(body: bytes) -> tuple[Any, Iterable[Any]]:
    answer = _JSON.decode(body)
    if isinstance(answer, list):
        return None, answer
    if not isinstance(answer, dict):
        raise _no_rows(type_name(answer))
    lists = [name for name, member in answer.items() if isinstance(member, list)]
    return answer.get(_FIELDS), answer[_rows_member(lists)]


def _large(file: IO[bytes], start: int) -> tuple[Any, Iterable[Any]]:
    """Find the rows without building them: a first pass up to where they begin."""
    lists = []
    for prefix, event, _ in ijson.parse(file):
        if event == "start_array" and not prefix:
            file.seek(start)
            return None, ijson.items(file, "item")
        if event == "start_array" and "." not in prefix:
            lists.append(prefix)
            if prefix in ROW_MEMBERS:
                break
    member = _rows_member(lists)
    file.seek(start)
    first = next(ijson.items(file, f"{member}.item"), None)
    fields = None
    if not isinstance(first, dict):  # objects name their members themselves
        file.seek(start)
        fields = next(ijson.items(file, _FIELDS), None)
    file.seek(start)
    return fields, ijson.items(file, f"{member}.item")


def _rows_member(lists: list[str]) -> str:
    named = [name for name in lists if name in ROW_MEMBERS]
    others = [name for name in lists if name != _FIELDS]
    if named:
        return named[0]
    if len(others) == 1:
        return others[0]
    raise _no_rows(type_name({}))


def _no_rows(kind: str) -> BadBodyError:
    return BadBodyError(f"The JSON answer is of type {kind} and holds no list of rows")


def _blocks(fields: Any, rows: Iterable[Any]) -> Iterator[Block]:  # noqa: ANN401  # any JSON value
    headings = _headings(fields)
    if headings:
        yield Block(headings, [], typed=True)
    first = 1
    rows = iter(rows)
    while chunk := list(islice(rows, BLOCK_ROWS)):
        kinds = set(map(type, chunk))
        if kinds == {dict}:
            members = tuple(dict.fromkeys(chain(headings, *chunk)))
            cells = [list(map(row.get, members)) for row in chunk]
            yield Block(members, cells, first, typed=True)
        elif kinds == {list} and headings:
            yield Block(headings, chunk, first, typed=True)
        else:
            raise _no_row(chunk, first, named=bool(headings))
        first += len(chunk)


def _no_row(chunk: list[Any], first: int, *, named: bool) -> DataError:
    for number, row in enumerate(chunk, start=first):
        if not isinstance(row, dict | list):
            return DataError(f"Row {number} of the JSON answer is of type {type_name(row)}")
        if isinstance(row, list) and not named:
            return DataError(
                f"Row {number} of the JSON answer is an array, but nothing names fields"
            )
    return DataError("The JSON answer mixes rows as objects and rows as arrays")


def _headings(fields: Any) -> tuple[str, ...]:  # noqa: ANN401  # any JSON value
    if not isinstance(fields, list):
        return ()
    return tuple(
        next((str(field[name]) for name in FIELD_NAMES if field.get(name)), "")
        if isinstance(field, dict)
        else str(field)
        for field in fields
    )
