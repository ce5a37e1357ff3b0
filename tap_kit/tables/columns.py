"""Property names of a vendor's headings: every column has its own name, and keeps it.

Names depend only on the table's headings and the envelope, and not on what discovery found. So the
same file always has the same properties.
"""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EXTRA_COLUMNS = "extra_columns"
ROW_ID = "row_id"


def name_columns(headings: Sequence[str], envelope: Collection[str] | None) -> tuple[str, ...]:
    """Return the property names of a table's headings.

    A blank heading becomes ``column_<position>``, from 1; one that the envelope has becomes
    ``column_<name>``; a repeated one gets ``_2``, ``_3``. A heading that needs no change always
    keeps its name: ``a, a, a_2`` become ``a, a_3, a_2``.

    Args:
        headings: The table's headings, in order.
        envelope: The names that the tap puts beside the columns; ``row_id`` and
            ``extra_columns`` are always among them. None where the columns stand alone, in an
            object of their own.

    Returns:
        One name for each heading, no two of them alike.
    """
    reserved = set() if envelope is None else {*envelope, ROW_ID, EXTRA_COLUMNS}
    taken = {*reserved, *(heading for heading in headings if heading.strip())}
    free = taken.difference(reserved)
    names = []
    for position, heading in enumerate(headings, start=1):
        if heading in free:
            free.remove(heading)
            names.append(heading)
            continue
        if not heading.strip():
            wanted = f"column_{position}"
        elif heading in reserved:
            wanted = f"column_{heading}"
        else:
            wanted = heading
        numbered = (f"{wanted}_{number}" for number in count(2))
        name = next(name for name in chain([wanted], numbered) if name not in taken)
        taken.add(name)
        names.append(name)
    return tuple(names)
