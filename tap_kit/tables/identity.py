"""``row_id``: a row has the same one in every run, window, order and format.

It is a BLAKE2b hash, 16 bytes in hex, of the scope, the sorted names of the row's columns that are
not empty, and their canonical texts. For a row that equals an earlier one of the same table, the
hash goes on over its number. This must never change.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from hashlib import blake2b
from itertools import compress, repeat
from typing import TYPE_CHECKING

import msgspec

from tap_kit.tables.canonical import SEPARATOR, SUSPECTS, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

DIGEST_BYTES = 16
_ESCAPE = "\x1e"
_FIRST_SLOTS = 1 << 12
_REMEMBERED = 5000


class EqualRows:
    """Numbers the equal rows of one table; takes 12 to 24 bytes for each row.

    A Python set of a million hashes would take 100 MB. This is a hash table of their first eight
    bytes, with open addressing and linear probing, at most two thirds full. Among a million rows,
    two different ones share these bytes with a probability of 1 in 37 million; their ids still
    differ then.
    """

    def __init__(self) -> None:
        self._slots = array("Q", [0]) * _FIRST_SLOTS
        self._used = 0
        self._numbers: dict[bytes, int] = {}

    def repeated(self, digests: Sequence[bytes]) -> Iterator[tuple[int, int]]:
        """Count rows.

        Yields:
            Of each row that equals an earlier one: its position, and its number, from 2.
        """
        while (self._used + len(digests)) * 3 > len(self._slots) * 2:
            self._grow()
        slots, last = self._slots, len(self._slots) - 1
        prefixes = array("Q", b"".join(digests))[:: DIGEST_BYTES // 8]
        for position, prefix in enumerate(prefixes):
            slot = prefix & last
            while (seen := slots[slot]) and seen != prefix:
                slot = slot + 1 & last
            if not seen:
                slots[slot] = prefix
                self._used += 1
                continue
            digest = digests[position]
            self._numbers[digest] = number = self._numbers.get(digest, 1) + 1
            yield position, number

    def _grow(self) -> None:
        slots = array("Q", [0]) * (2 * len(self._slots))
        last = len(slots) - 1
        for prefix in filter(None, self._slots):
            slot = prefix & last
            while slots[slot]:
                slot = slot + 1 & last
            slots[slot] = prefix
        self._slots = slots


class RowIdentity:
    """Makes the ``row_id`` of each row of one table."""

    def __init__(self, scope: Sequence[object]) -> None:
        """Begin a table.

        Args:
            scope: What the table's rows belong to, as JSON values in a fixed order: workflow, step
                and target, or report and start date.
        """
        self._scope = list(scope)
        self._equals = EqualRows()
        self._states: dict[tuple[str, ...], blake2b] = {}
        self._columns: dict[str, ComparableColumn] = defaultdict(ComparableColumn)

    def row_ids(self, columns: Mapping[str, Sequence[str]], rows: int) -> list[str]:
        """Return the ids of consecutive rows.

        Args:
            columns: The name and the text cells of each column that makes identity.
            rows: The number of rows.
        """
        digests = []
        for state, content in self._contents(columns, rows):
            row = state.copy()
            row.update(content.encode())
            digests.append(row.digest())
        ids = [digest.hex() for digest in digests]
        for position, number in self._equals.repeated(digests):
            again = blake2b(digests[position], digest_size=DIGEST_BYTES)
            again.update(b"%d" % number)
            ids[position] = again.hexdigest()
        return ids

    def _contents(
        self, columns: Mapping[str, Sequence[str]], rows: int
    ) -> Iterable[tuple[blake2b, str]]:
        """Yield each row's texts, and the hash of its column names, to which they are added."""
        filled = {name: columns[name] for name in sorted(columns) if any(columns[name])}
        texts = [self._columns[name].texts(cells) for name, cells in filled.items()]
        gaps = [map(bool, cells) for cells in texts if "" in cells]
        if not texts:
            return repeat((self._state(()), ""), rows)
        if not gaps:
            return zip(
                repeat(self._state(tuple(filled))), map(SEPARATOR.join, zip(*texts, strict=True))
            )
        return self._with_gaps(tuple(filled), texts, gaps)

    def _with_gaps(
        self,
        names: tuple[str, ...],
        texts: Sequence[Sequence[str]],
        gaps: Sequence[Iterable[bool]],
    ) -> Iterator[tuple[blake2b, str]]:
        states: dict[tuple[bool, ...], blake2b] = {}
        for row, present in zip(zip(*texts, strict=True), zip(*gaps, strict=True), strict=True):
            state = states.get(present)
            if state is None:
                state = states[present] = self._state(tuple(compress(names, row)))
            yield state, SEPARATOR.join(filter(None, row))

    def _state(self, names: tuple[str, ...]) -> blake2b:
        state = self._states.get(names)
        if state is None:
            prefix = msgspec.json.encode([self._scope, names])
            state = self._states[names] = blake2b(prefix, digest_size=DIGEST_BYTES)
        return state


class ComparableColumn:
    """Makes the cells of a column canonical, and escapes the separator in them.

    It remembers cells that need no change, as many as a column of labels has, because checking one
    takes longer than all else.
    """

    def __init__(self) -> None:
        self._plain: set[str] = set()

    def texts(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the canonical texts of cells."""
        different = set(cells)
        new = different - self._plain
        if not new:
            return cells
        joined = SEPARATOR.join(["", *new, ""])
        suspects = SUSPECTS.findall(joined)
        if _ESCAPE in joined or joined.count(SEPARATOR) > len(new) + 1:
            suspects += [cell for cell in new if SEPARATOR in cell or _ESCAPE in cell]
        if len(self._plain) + len(new) <= _REMEMBERED:
            self._plain |= new.difference(suspects)
        if not suspects:
            return cells
        known = {
            cell: canonical(cell).replace(_ESCAPE, f"{_ESCAPE}0").replace(SEPARATOR, f"{_ESCAPE}1")
            for cell in suspects
        }
        return [known.get(cell, cell) for cell in cells]
