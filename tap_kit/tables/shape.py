"""Makes records of rows: the envelope, the known columns, ``extra_columns`` and ``row_id``.

A :class:`_Layout` decides once what depends on a table's headings. The rows of a block are
transposed into columns and back: a column that needs no change then costs next to nothing, and any
other one takes a single comprehension.
"""

from __future__ import annotations

from itertools import repeat, zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

from tap_kit.errors import DataError
from tap_kit.streams.structs import table_row_type
from tap_kit.tables.canonical import text_of
from tap_kit.tables.columns import EXTRA_COLUMNS, ROW_ID, name_columns
from tap_kit.tables.identity import RowIdentity
from tap_kit.tables.types import (
    Column,
    ColumnType,
    MisfitError,
    described,
    is_no_number,
    json_values,
    text_values,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from tap_kit.streams.structs import Records, TableRow
    from tap_kit.tables.block import Block

    Convert: TypeAlias = Callable[[Column, Sequence[Any]], Sequence[Any]]

_TEXT = Column(ColumnType.STRING)


class TableShape:
    """The columns of a stream's records; threads may share it."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        envelope: Collection[str],
        row_id_columns: Collection[str] = (),
    ) -> None:
        """Take the columns.

        Args:
            columns: The columns that discovery found, with the setting ``columns`` applied.
            envelope: The names that the tap puts beside them, besides ``row_id`` and
                ``extra_columns``.
            row_id_columns: The columns that make a row's identity. If there are none, all of
                ``columns`` do; if discovery found none either, all columns of the table do.
        """
        self.columns = dict(columns)
        self.envelope = frozenset(envelope)
        self.identity = frozenset(row_id_columns or columns)
        self._kinds: dict[tuple[str, ...], type[TableRow] | None] = {}

    def kind(self, names: tuple[str, ...]) -> type[TableRow] | None:
        """The type of rows with just these properties; None where there can't be one."""
        if names not in self._kinds:
            self._kinds[names] = table_row_type(names)
        return self._kinds[names]

    def names(self, headings: Sequence[str]) -> tuple[str, ...]:
        """Return the property names of a table's headings."""
        return name_columns(headings, self.envelope)

    def decoder(self, scope: Sequence[object], envelope: Mapping[str, Any]) -> RowDecoder:
        """Return a decoder for one table; a table that is read again needs a new one.

        Args:
            scope: What the rows belong to, for ``row_id``: JSON values in a fixed order.
            envelope: The envelope's values, the same in all records of the table.
        """
        return RowDecoder(self, scope, envelope)


class RowDecoder:
    """Makes records of the rows of one table; for one thread.

    Attributes:
        drifted: Columns that discovery did not know.
        renamed: Headings by property name, where these differ: blank, repeated or reserved ones.
        replaced: Columns in which something was replaced that no target can store.
    """

    def __init__(
        self, shape: TableShape, scope: Sequence[object], envelope: Mapping[str, Any]
    ) -> None:
        """Begin a table; see :meth:`TableShape.decoder`."""
        self.drifted: set[str] = set()
        self.renamed: dict[str, str] = {}
        self.replaced: set[str] = set()
        self._shape = shape
        self._envelope = dict(envelope)
        self._identity = RowIdentity(scope)
        self._layout = _Layout(shape, (), self.replaced, is_json=False)

    def decode(self, blocks: Iterable[Block]) -> Iterator[list[dict[str, Any]]]:
        """Yield the records of each block that has rows.

        Raises:
            DataError: A row has more cells than there are headings, or a value does not fit its
                column's type.
        """
        for block in blocks:
            records = self.records(block)
            if records:
                yield records

    def records(self, block: Block) -> list[dict[str, Any]]:
        """Return the records of one block; raises as :meth:`decode` does."""
        return self._layout_of(block).records(block, self._envelope, self._identity)

    def rows(self, block: Block) -> Records:
        """The same, as structs where that is possible: for records that are only written."""
        return self._layout_of(block).rows(block, self._envelope, self._identity)

    def _layout_of(self, block: Block) -> _Layout:
        layout = self._layout
        if (layout.headings, layout.is_json) != (block.headings, block.is_json):
            layout = self._layout = _Layout(
                self._shape, block.headings, self.replaced, is_json=block.is_json
            )
            self.drifted.update(layout.unknown)
            self.renamed.update(layout.renamed)
        self.replaced.update(layout.names[position] for position in block.replaced)
        return layout


class _Layout:
    """How a table's headings match the columns of the stream."""

    def __init__(
        self, shape: TableShape, headings: tuple[str, ...], replaced: set[str], *, is_json: bool
    ) -> None:
        self._replaced = replaced
        self.headings = headings
        self.is_json = is_json
        self.names = names = shape.names(headings)
        self.renamed = {
            name: heading for name, heading in zip(names, headings, strict=True) if name != heading
        }
        self.unknown = [name for name in names if name not in shape.columns]
        self._known = {name: shape.columns[name] for name in names if name in shape.columns}
        self._identity = [name for name in names if not shape.identity or name in shape.identity]
        self._empty = None if is_json else ""
        self._values: Convert = json_values if is_json else text_values
        self._own = (*self._known, ROW_ID)
        self._shape = shape

    def rows(self, block: Block, envelope: Mapping[str, Any], identity: RowIdentity) -> Records:
        kind = self._shape.kind((*envelope, *self._own))
        if kind is None or self.unknown:
            return self.records(block, envelope, identity)
        _, columns = self._values_of(block, identity)
        return list(map(kind, *map(repeat, envelope.values()), *columns))

    def records(
        self, block: Block, envelope: Mapping[str, Any], identity: RowIdentity
    ) -> list[dict[str, Any]]:
        cells, columns = self._values_of(block, identity)
        names = self._own
        template = {**envelope, **dict.fromkeys(names)}
        records = []
        for row in zip(*columns, strict=True):
            record = template.copy()  # has its final size: cheaper than letting a new one grow
            record.update(zip(names, row, strict=True))
            records.append(record)
        if self.unknown:
            columns = [cells[name] for name in self.unknown]
            if not self.is_json:
                columns = [text_values(_TEXT, column) for column in columns]
            self._add_unknown(records, columns)
        return records

    def _values_of(
        self, block: Block, identity: RowIdentity
    ) -> tuple[Mapping[str, Sequence[Any]], list[Sequence[Any]]]:
        """Return all cells by column, and the values of the known columns, with the ids last."""
        cells = dict(zip(self.names, self._columns(block), strict=True))
        texts = {name: self._texts(cells[name]) for name in self._identity}
        ids = identity.row_ids(texts, len(block.rows))
        columns = [self._converted(name, cells[name], block.first) for name in self._known]
        return cells, [*columns, ids]

    def _columns(self, block: Block) -> list[Sequence[Any]]:
        """Transpose rows into columns, one for each heading; short rows are filled up."""
        width = len(self.headings)
        if set(map(len, block.rows)) == {width}:
            return list(zip(*block.rows, strict=True))
        for number, row in enumerate(block.rows, start=block.first):
            if len(row) > width:
                msg = f"Row {number} has {len(row)} cells under {width} headings"
                raise DataError(msg)
        full_row = [self._empty] * width
        columns = zip_longest(*block.rows, full_row, fillvalue=self._empty)
        return [column[:-1] for column in columns]

    def _texts(self, cells: Sequence[Any]) -> Sequence[str]:
        if not self.is_json or set(map(type, cells)) == {str}:
            return cells
        return list(map(text_of, cells))

    def _converted(self, name: str, cells: Sequence[Any], first: int) -> Sequence[Any]:
        column = self._known[name]
        try:
            return self._values(column, cells)
        except MisfitError as error:
            cell = error.cell
            if is_no_number(column, cell):
                self._replaced.add(name)
                left = [self._empty if is_no_number(column, one) else one for one in cells]
                return self._converted(name, left, first)
            number = next(at for at, one in enumerate(cells, start=first) if one is cell)
            msg = (
                f"Column {name!r}, row {number}: expected {column.type.value}, "
                f"found {described(cell)}"
            )
            raise DataError(msg) from None

    def _add_unknown(
        self, records: Iterable[dict[str, Any]], columns: Iterable[Sequence[Any]]
    ) -> None:
        for record, row in zip(records, zip(*columns, strict=True), strict=True):
            extra = {
                name: cell for name, cell in zip(self.unknown, row, strict=True) if cell is not None
            }
            if extra:
                record[EXTRA_COLUMNS] = extra
