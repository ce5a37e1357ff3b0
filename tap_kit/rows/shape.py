"""Rows as records: the envelope, the known columns, ``extra_columns`` and ``row_id``.

Everything that depends on a table's headings is decided once, in a :class:`_Layout`; what is
left for each row is a few calls into C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_kit.errors import DataError
from tap_kit.rows.canonical import canonical, text_of
from tap_kit.rows.columns import EXTRA_COLUMNS, ROW_ID, name_columns
from tap_kit.rows.identity import RowIdentity
from tap_kit.rows.types import Column, MisfitError, json_converter, text_converter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from tap_kit.rows.block import Block
    from tap_kit.rows.types import Convert

_VALUE_SHOWN = 50


class RowShape:
    """What the records of a stream look like; shared by all its answers, on any thread."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        envelope: Collection[str],
        row_id_columns: Collection[str] = (),
    ) -> None:
        """Declare a stream's records.

        Args:
            columns: The columns known at discovery, with the setting ``columns`` applied.
            envelope: Names of what the tap adds (``row_id`` and ``extra_columns`` are always).
            row_id_columns: The columns that make a row's identity; none: all of ``columns``.
        """
        self.columns = dict(columns)
        self.envelope = frozenset(envelope)
        self.identity = frozenset(row_id_columns or columns)

    def decoder(self, scope: Sequence[object], envelope: Mapping[str, Any]) -> RowDecoder:
        """Begin an answer (again, when it is read again).

        Args:
            scope: What the rows belong to, for ``row_id``: JSON values in fixed order.
            envelope: The envelope's values, the same in all its records.
        """
        return RowDecoder(self, scope, envelope)


class RowDecoder:
    """Turns the rows of one answer into records; used by one thread.

    Attributes:
        drifted: Columns met that discovery did not know.
        renamed: Headings that needed another name, and the name: blank, repeated, or reserved.
    """

    def __init__(
        self, shape: RowShape, scope: Sequence[object], envelope: Mapping[str, Any]
    ) -> None:
        """Begin an answer; see :meth:`RowShape.decoder`."""
        self.drifted: set[str] = set()
        self.renamed: dict[str, str] = {}
        self._shape = shape
        self._envelope = dict(envelope)
        self._identity = RowIdentity(scope)
        self._layouts: dict[tuple[tuple[str, ...], bool], _Layout] = {}

    def decode(self, blocks: Iterable[Block]) -> Iterator[list[dict[str, Any]]]:
        """Decode blocks as they come; blocks without rows are left out.

        Raises:
            DataError: A row has more cells than there are headings, or a value does not fit its
                column's type.
        """
        for block in blocks:
            records = self.records(block)
            if records:
                yield records

    def records(self, block: Block) -> list[dict[str, Any]]:
        """Decode one block; raises like :meth:`decode`."""
        key = (block.headings, block.typed)
        layout = self._layouts.get(key)
        if layout is None:
            layout = self._layouts[key] = _Layout(self._shape, *key)
            self.drifted.update(layout.unknown)
            self.renamed.update(layout.renamed)
        return [
            layout.record(row, number, self._envelope, self._identity)
            for number, row in enumerate(block.rows, start=block.first)
        ]


class _Layout:
    """A table's headings against the shape of the stream."""

    def __init__(self, shape: RowShape, headings: tuple[str, ...], typed: bool) -> None:  # noqa: FBT001
        self.names = name_columns(headings, shape.envelope)
        self.unknown = [name for name in self.names if name not in shape.columns]
        self.renamed = {
            heading: name
            for heading, name in zip(headings, self.names, strict=True)
            if heading != name
        }
        self.typed = typed
        converters = ((name, shape.columns[name]) for name in self.names if name in shape.columns)
        self.converters: list[tuple[str, Convert]] = []
        for name, column in converters:
            convert = json_converter(column) if typed else text_converter(column)
            if convert is not None:
                self.converters.append((name, convert))
        self.types = shape.columns
        self.identity = sorted(
            (name, at) for at, name in enumerate(self.names) if name in shape.identity
        )

    def record(
        self, row: Sequence[Any], number: int, envelope: dict[str, Any], identity: RowIdentity
    ) -> dict[str, Any]:
        surplus = len(row) - len(self.names)
        if surplus > 0:
            msg = f"Row {number} has {len(row)} cells under {len(self.names)} headings"
            raise DataError(msg)
        cells = [*row, *[None] * -surplus]
        if not self.typed:
            cells = [cell or None for cell in cells]
        record = {**envelope, **dict(zip(self.names, cells, strict=True))}
        for name, convert in self.converters:
            if record[name] is not None:
                try:
                    record[name] = convert(record[name])
                except MisfitError as error:
                    raise self._misfit(name, number, record[name], error) from None
        if self.unknown:
            record[EXTRA_COLUMNS] = {name: record.pop(name) for name in self.unknown}
        texts = ((name, canonical(text_of(cells[at]))) for name, at in self.identity)
        content = "\x1e".join(f"{name}\x1f{text}" for name, text in texts if text)
        record[ROW_ID] = identity.row_id(content)
        return record

    def _misfit(self, name: str, number: int, value: object, error: MisfitError) -> DataError:
        shown = canonical(text_of(value))[:_VALUE_SHOWN]
        return DataError(
            f"Column {name!r}, row {number}: expected {self.types[name].type.value}, "
            f"found {error}: {shown!r}"
        )
