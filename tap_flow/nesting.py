"""Rows that lie in other rows: taken out, to be records of a stream of their own."""

from __future__ import annotations

from collections import deque
from itertools import repeat
from typing import TYPE_CHECKING

from msgspec import UNSET

from tap_kit.errors import DataError
from tap_kit.streams.schema import json_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_kit.streams.reader import Record
    from tap_kit.streams.structs import Row


def unnest(
    stream: str, rows: Sequence[Record], member: str, inherited: Mapping[str, str]
) -> list[Record]:
    """Take the rows of a stream out of those of its parent.

    Args:
        stream: Name of the stream, for errors.
        rows: The parent's rows; they lose the member.
        member: The member that holds a list of objects, or one object; may be absent or null.
        inherited: Columns that are the parent's, with their names there.

    Raises:
        DataError: The member holds something else.
    """
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


def unnest_structs(rows: Sequence[Row], member: str, inherited: Mapping[str, str]) -> list[Row]:
    """Do the same with rows that were decoded into structs."""
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
