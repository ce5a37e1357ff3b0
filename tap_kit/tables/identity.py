"""``row_id``: the same row has the same one in every run, window, order and format.

It is the BLAKE2b hash, 16 bytes in hex, of the answer's scope, the sorted names of the row's
columns that are not empty, and their canonical texts; a row that has come before in the answer
is hashed once more with its number. Like the texts, this must never change.
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
    """Numbers equal rows of one answer, in 12 to 24 bytes for each row.

    A set of a million digests would take 100 MB. This is a hash table of their first eight bytes,
    open, with linear probing, at most two thirds full; 64 bits fail to tell a million rows apart
    with a probability of 1 in 37 million (two different rows then still have two ids).
    """

    def __init__(self) -> None:
        """Begin an answer."""
        self._slots = array("Q", [0]) * _FIRST_SLOTS
        self._used = 0
        self._numbers: dict[bytes, int] = {}

    def repeated(self, digests: Sequence[bytes]) -> Iterator[tuple[int, int]]:
        """Count rows.

        Yields:
            Position and number, from 2, of each row that has come before.
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
    """Gives the rows of one answer their ``row_id``."""

    def __init__(self, scope: Sequence[object]) -> None:
        """Begin an answer.

        Args:
            scope: What the rows belong to, as JSON values (workflow, step, target; report, start
                date), in fixed order.
        """
        self._scope = list(scope)
        self._equals = EqualRows()
        self._states: dict[tuple[str, ...], blake2b] = {}
        self._columns: dict[str, ComparableColumn] = defaultdict(ComparableColumn)

    def row_ids(self, columns: Mapping[str, Sequence[str]], rows: int) -> list[str]:
        """Return the ids of consecutive rows.

        Args:
            columns: Name and cells, as texts, of the columns that make identity.
            rows: How many rows there are.
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
        """Give each row's texts, and the hash to continue: that of the columns it has."""
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
    """Writes a column so that equal values are equal texts, and no text holds the separator.

    Texts that need no change are remembered, as many as a column of labels has: looking at one
    takes longer than all the rest.
    """

    def __init__(self) -> None:
        """Begin an answer."""
        self._plain: set[str] = set()

    def texts(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells, comparable."""
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
