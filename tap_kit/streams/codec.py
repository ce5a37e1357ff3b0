"""How the rows of a stream's responses are decoded: chosen once, and unknown to who reads them.

Rows that are only written are decoded into structs (:mod:`tap_kit.streams.structs`), all others
into dictionaries. :class:`AnyRecord` is what both can do, and all that a tap needs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import UNSET

from tap_kit.errors import DataError
from tap_kit.streams.selection import projection
from tap_kit.streams.structs import is_typed, row_type, rows_decoder
from tap_kit.text.json import json_type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tap_kit.streams.reader import Record
    from tap_kit.streams.schema import Schema
    from tap_kit.streams.stream import RecordStream
    from tap_kit.streams.structs import Row


class AnyRecord(Protocol):
    """A decoded record, a struct or a dictionary; it lacks the fields that did not come."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401  # any JSON
        """The field.

        Raises:
            KeyError: It did not come.
        """

    def __setitem__(self, name: str, value: Any, /) -> None:  # noqa: ANN401  # any JSON
        """Change the field."""

    def __contains__(self, name: Any, /) -> bool:  # noqa: ANN401  # as of dictionaries
        """Whether the field came."""

    def __iter__(self) -> Iterator[str]:
        """The names of the fields that came."""

    def get(self, name: str, default: Any = None, /) -> Any:  # noqa: ANN401  # any JSON
        """The field, or the default where it did not come."""


@dataclass(frozen=True, slots=True)
class RowLayout:
    """What is known of rows before they come.

    Attributes:
        schema: Of the rows; required properties are their keys.
        deselected: Properties that are not written.
        requested: Properties that come all the same.
        inherited: Columns that are set from the row around it, with their names there.
        members: What lies in a row and becomes rows of its own, by the name of the member.
    """

    schema: Schema
    deselected: Collection[str] = ()
    requested: Collection[str] = ()
    inherited: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, RowLayout] = field(default_factory=dict)


class Codec:
    """Decodes the rows of responses with one layout; threads share it.

    Args:
        layout: None: the rows are decoded as any JSON.
        path: The members of a response, from the outside, in which the list of rows lies.
    """

    def __init__(self, layout: RowLayout | None = None, *path: str) -> None:
        kind = _struct_of(layout) if layout is not None else None
        self._decode = rows_decoder(kind, *path) if kind is not None else None

    def decode(self, content: bytes) -> Sequence[AnyRecord] | None:
        """Decode a response straight into its rows; None where it must be decoded as any JSON."""
        return self._decode(content) if self._decode is not None else None


PLAIN = Codec()
"""For responses that are decoded as any JSON, into dictionaries."""


def codec_of(stream: RecordStream) -> Codec:
    """The codec of responses that are a list of the stream's records, and nothing besides."""
    return Codec(RowLayout(stream.schema)) if projection(stream) is None else PLAIN


def unnest(
    stream: str, rows: Sequence[Any], member: str, inherited: Mapping[str, str]
) -> list[Any]:
    """Take the rows of a stream out of those of its parent.

    Args:
        stream: Name of the stream, for errors.
        rows: The parent's rows; they lose the member.
        member: The member that holds a list of objects, or one object; may be absent or null.
        inherited: Columns that are the parent's, with their names there.

    Raises:
        DataError: The member holds something else.

    Returns:
        Each an :class:`AnyRecord`.
    """
    if is_typed(rows):
        return _unnest_structs(rows, member, inherited)
    return _unnest_records(stream, rows, member, inherited)


def _unnest_records(
    stream: str, rows: Sequence[Record], member: str, inherited: Mapping[str, str]
) -> list[Record]:
    unnested: list[Record] = []
    for row in rows:
        value = row.pop(member, None)
        if value is None:
            continue
        keys = {own: row.get(theirs) for own, theirs in inherited.items()}
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                msg = (
                    f"stream {stream}: field {member} is declared as a list of objects, but the "
                    f"vendor sent {json_type(item)} in it"
                )
                raise DataError(msg)
            item.update(keys)
            unnested.append(item)
    return unnested


def _unnest_structs(rows: Sequence[Row], member: str, inherited: Mapping[str, str]) -> list[Row]:
    unnested: list[Row] = []
    keys: dict[str, list[str]] = {own: [] for own in inherited}
    for row in rows:
        items = getattr(row, member)
        setattr(row, member, UNSET)
        if not items:  # UNSET is false, too
            continue
        for own, theirs in inherited.items():
            keys[own] += [getattr(row, theirs)] * len(items)
        unnested += items
    for own, values in keys.items():
        # All in one call: rows are many.
        deque(map(setattr, unnested, repeat(own), values), maxlen=0)
    return unnested


def _struct_of(layout: RowLayout) -> type[Row] | None:
    """The struct of rows; None where there is more to do than to write them."""
    members = {name: _struct_of(inner) for name, inner in layout.members.items()}
    known = {name: row for name, row in members.items() if row is not None}
    if len(known) < len(members):
        return None
    if not {*layout.deselected}.isdisjoint([*layout.requested, *layout.inherited]):
        return None
    return row_type(
        layout.schema, without=layout.deselected, inherited=layout.inherited, members=known
    )
