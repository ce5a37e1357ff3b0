"""Reads JSON tables: a list of objects, or of arrays in the order of ``fields``."""

from __future__ import annotations

import decimal
import os
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

from tap_kit.errors import BadBodyError, DataError
from tap_kit.tables.block import BLOCK_ROWS, Block
from tap_kit.tables.json_pieces import JsonPieces
from tap_kit.tables.text_file import text_encoding
from tap_kit.text.charset import is_known
from tap_kit.text.content import ROW_NAMES, JsonDecoder, error_in, error_in_rows, means_rows
from tap_kit.text.json import json_type
from tap_kit.text.unstorable import NUL, met

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LARGE = 8 * 2**20
"""Bodies over this many bytes are parsed piece by piece."""
FIELD_NAMES = ("name", "id", "key", "field")
"""What an item of ``fields`` calls its column, where it is an object."""
_FIELDS = "fields"


def read_json(file: IO[bytes], charset: str | None = None) -> Iterator[Block]:
    """Read a JSON table: rows are objects, or arrays in the order of ``fields``.

    The rows are a list, or the member of an object whose name means rows
    (:data:`~tap_kit.text.content.ROW_NAMES`). The object must report no error.

    Args:
        file: The body, at its beginning; it stays open.
        charset: The charset in ``Content-Type``; it counts where the body is not in UTF-8.

    Yields:
        Blocks of JSON values; numbers are int or Decimal. Consecutive objects with the same
        members in the same order make a block. ``fields`` without rows make a block, too.

    Raises:
        BadBodyError: The body is not JSON, was cut off, reports an error, or has no list of rows.
        DataError: A row is neither object nor array, or an array without ``fields``.
    """
    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    try:
        yield from _large(file, charset) if size > LARGE else _small(file.read(), charset)
    except (ValueError, ArithmeticError, RecursionError) as error:
        msg = f"The response is not JSON, or not whole: {error}"
        raise BadBodyError(msg) from error


_JSON = JsonDecoder(decimal.Decimal)


def _small(body: bytes, charset: str | None) -> Iterator[Block]:
    decoded = _JSON.decode(body, charset)
    suspect = met() or NUL in body
    if isinstance(decoded, list):
        _check_rows(decoded)
        yield from _blocks(None, decoded, suspect=suspect)
        return
    if not isinstance(decoded, dict):
        raise _no_rows(json_type(decoded))
    found = [name for name, member in decoded.items() if means_rows(name, member)]
    named = next((name for name in found if decoded[name]), found[0] if found else None)
    rows = decoded[named] if named is not None else []
    _check_members(decoded, found, len(rows))
    _check_rows(rows)
    yield from _blocks(decoded.get(_FIELDS), rows, suspect=suspect)


def _large(file: IO[bytes], charset: str | None) -> Iterator[Block]:
    start = file.tell()
    encoding = text_encoding(file, charset if charset and is_known(charset) else None)
    pieces = JsonPieces(file, encoding, decimal.Decimal)
    rows = pieces.rows()
    first = list(islice(rows, 1))
    fields = pieces.members.get(_FIELDS)
    if first and isinstance(first[0], list) and fields is None:
        # They stand after the rows that need them.
        file.seek(start)
        before = JsonPieces(file, encoding, decimal.Decimal)
        for _ in before.rows():
            pass
        fields = before.members.get(_FIELDS)
        file.seek(start)
        pieces = JsonPieces(file, encoding, decimal.Decimal)
        rows, first = pieces.rows(), []
    count = 0
    for block in _blocks(fields, _unless_errors(chain(first, rows))):
        count += len(block.rows)
        yield Block(block.headings, block.rows, block.first, is_json=True, suspect=met())
    if pieces.is_object:
        _check_members(pieces.members, pieces.lists, count)


def _unless_errors(rows: Iterator[Any]) -> Iterator[Any]:
    """Yield rows, as long as not all of them are errors.

    Raises:
        BadBodyError: They are, all to the last.
    """
    error: str | None = None
    while chunk := list(islice(rows, BLOCK_ROWS)):
        error = error_in_rows(chunk)
        yield from chunk
        if error is None:
            yield from rows
    if error is not None:
        raise _reported(error)


def _check_rows(rows: list[Any]) -> None:
    """Check that rows are not errors, all of them.

    Raises:
        BadBodyError: They are.
    """
    error = error_in_rows(rows)
    if error is not None:
        raise _reported(error)


def _check_members(members: Mapping[str, Any], lists: list[str], rows: int) -> None:
    """Check the members beside the rows.

    Raises:
        BadBodyError: They report an error, or there is no list of rows.
    """
    error = error_in(
        {name: member for name, member in members.items() if name not in lists}, rows=rows
    )
    if error is not None:
        raise _reported(error)
    if not lists:
        raise _no_rows(json_type({}))


def _reported(error: str) -> BadBodyError:
    return BadBodyError(f"The JSON response reports an error: {error}")


def _no_rows(kind: str) -> BadBodyError:
    return BadBodyError(
        f"The JSON response is of type {kind} and holds no list of rows (a list that stands alone, "
        f"or under one of the names {', '.join(ROW_NAMES)})"
    )


def _blocks(
    fields: Any,  # noqa: ANN401  # any JSON value
    rows: Iterable[Any],
    *,
    suspect: bool = False,
) -> Iterator[Block]:
    headings = _headings(fields)
    if headings:
        yield Block(headings, [], is_json=True)
    first = 1
    rows = iter(rows)
    while chunk := list(islice(rows, BLOCK_ROWS)):
        kinds = set(map(type, chunk))
        if kinds == {dict}:
            members = tuple(dict.fromkeys(chain(headings, *chunk)))
            cells = [list(map(row.get, members)) for row in chunk]
            yield Block(members, cells, first, is_json=True, suspect=suspect)
        elif kinds == {list} and headings:
            yield Block(headings, chunk, first, is_json=True, suspect=suspect)
        else:
            raise _no_row(chunk, first, named=bool(headings))
        first += len(chunk)


def _no_row(chunk: list[Any], first: int, *, named: bool) -> DataError:
    for number, row in enumerate(chunk, start=first):
        if not isinstance(row, dict | list):
            return DataError(f"Row {number} of the JSON response is of type {json_type(row)}")
        if isinstance(row, list) and not named:
            return DataError(
                f"Row {number} of the JSON response is an array, but nothing names fields"
            )
    return DataError("The JSON response mixes rows as objects and rows as arrays")


def _headings(fields: Any) -> tuple[str, ...]:  # noqa: ANN401  # any JSON value
    if not isinstance(fields, list):
        return ()
    return tuple(
        next((str(field[name]) for name in FIELD_NAMES if field.get(name)), "")
        if isinstance(field, dict)
        else str(field)
        for field in fields
    )
