"""Decodes responses straight into types made from a stream's schema: structs of msgspec.

That takes half the time of decoding into dictionaries, and leaves nothing to check. A response that
does not fit (another type, a field that the vendor has added) is decoded once more, into
dictionaries, where the fault can be named or the field kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import UNSET

from tap_kit.streams.schema import EXTRA_COLUMNS, Member, nameable, python_type, types_of, usable
from tap_kit.text.json import ENCODER, Measured, exact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from typing_extensions import TypeIs

    from tap_kit.streams.reader import Record
    from tap_kit.streams.schema import Schema


Records: TypeAlias = "Sequence[Record] | Sequence[Row]"
"""Records of one stream on one page, all decoded in the same way."""

RowsDecoder: TypeAlias = "Callable[[bytes], list[Row] | None]"
"""Decodes a response straight into rows; None where it doesn't fit."""


class Row(Member):
    """A record whose fields are attributes; ``[]`` and ``in`` work as in a dictionary, too.

    A field that did not come is UNSET, and is not encoded. Numbers are :class:`msgspec.Raw`, as the
    vendor wrote them.
    """

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # any JSON
        value = getattr(self, name)
        if value is UNSET:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: object) -> None:
        setattr(self, name, value)

    def __contains__(self, name: str) -> bool:
        return getattr(self, name, UNSET) is not UNSET

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.__struct_fields__ if name in self)


class TableRow(Row):
    """A row of a table, made of cells in their order; names of columns may be none in Python."""


def table_row_type(names: Sequence[str]) -> type[TableRow] | None:
    """Make the type of a table's rows, from cells in the order of ``names``.

    None if a name can't be that of a field.
    """
    if not all(map(nameable, names)):
        return None
    kind: Any = msgspec.defstruct(
        "TableRow",
        [(f"cell_{place}", Any, msgspec.field(name=name)) for place, name in enumerate(names)],
        bases=(TableRow,),
        gc=False,
    )
    row: type[TableRow] = kind
    return row


def row_type(
    schema: Schema,
    *,
    without: Collection[str] = (),
    inherited: Collection[str] = (),
    members: Mapping[str, type[Row]] | None = None,
) -> type[Row] | None:
    """Make the type of a stream's rows, with all fields; None if a field can't be one of a struct.

    Args:
        schema: The stream's; required properties are its keys.
        without: Properties that are no fields, because they don't come.
        inherited: Properties that are set later, from the parent.
        members: Nested records, which are taken out before the row is encoded.
    """
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, declared in schema.get("properties", {}).items():
        if name in without or name == EXTRA_COLUMNS:
            continue
        if not usable(name, Row) or _holds_numbers(declared, top=True):
            return None
        if name in inherited:
            fields.append((name, Any, UNSET))
        elif name in schema.get("required", ()):
            fields.append((name, python_type(declared, required=True, closed=True)))
        elif "number" in (types_of(declared) or ()):
            fields.append((name, msgspec.Raw, UNSET))
        else:
            fields.append((name, python_type(declared, closed=True), UNSET))
    fields += [(name, list[kind] | None, UNSET) for name, kind in (members or {}).items()]  # type: ignore[valid-type]  # at run time
    kind: Any = msgspec.defstruct(
        "Row", fields, bases=(Row,), kw_only=True, gc=False, forbid_unknown_fields=True
    )
    row: type[Row] = kind
    return row


def rows_decoder(kind: type[Row], *path: str) -> RowsDecoder:
    """Return a function that decodes the rows of a response; it returns None if they don't fit.

    Args:
        kind: The rows.
        path: The members of the response, from the outside, in which their list lies.
    """
    shape: Any = list[kind]  # type: ignore[valid-type]  # at run time
    for member in reversed(path):
        shape = msgspec.defstruct("Response", [(member, shape)], forbid_unknown_fields=True)
    decoder = msgspec.json.Decoder(shape, float_hook=exact)

    def decode(content: bytes) -> list[Row] | None:
        try:
            found = decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        for member in path:
            found = getattr(found, member)
        rows: list[Row] = found
        return rows

    return decode


def numbers_check(schema: Schema) -> Callable[[Sequence[Row]], bool]:
    """Return a function that checks that all number columns of a page hold numbers."""
    decoders = {
        name: msgspec.json.Decoder(list[python_type(declared)])  # type: ignore[misc]  # at run time
        for name, declared in schema.get("properties", {}).items()
        if "number" in (types_of(declared) or ())
    }

    def fit(rows: Sequence[Row]) -> bool:
        if isinstance(rows[0], TableRow):
            return True
        try:
            for name, decoder in decoders.items():
                values = [raw for row in rows if (raw := getattr(row, name, UNSET)) is not UNSET]
                decoder.decode(b"[%b]" % b",".join(values))
        except msgspec.ValidationError:
            return False
        return True

    return fit


def is_typed(rows: Records) -> TypeIs[Sequence[Row]]:
    """Whether these are structs and not dictionaries; a page holds one kind only."""
    return bool(rows) and isinstance(rows[0], Row)


def untyped(rows: Sequence[Row]) -> list[Record]:
    """Return rows as dictionaries."""
    return decode_lines(ENCODER.encode_lines(rows))


def decode_lines(lines: bytes) -> list[Record]:
    """Decode records from lines of JSON; numbers keep their value."""
    records: list[Record] = _DECODER.decode_lines(lines)
    return records


def decode_measured(lines: bytes) -> list[Record]:
    """Decode records with numbers with which the expressions of stream maps can calculate."""
    records: list[Record] = _MEASURING_DECODER.decode_lines(lines)
    return records


_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=exact)
_MEASURING_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Measured.read)


def _holds_numbers(declared: Schema, *, top: bool = False) -> bool:
    """Whether there are numbers in nested values, where a float would lose digits."""
    return (not top and "number" in (types_of(declared) or ())) or any(
        _holds_numbers(inner)
        for inner in (
            *declared.get("properties", {}).values(),
            *([declared["items"]] if isinstance(declared.get("items"), dict) else ()),
        )
    )
