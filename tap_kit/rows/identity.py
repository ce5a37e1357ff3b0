"""``row_id``: the same row has the same one in every run, window, order and format.

It is the BLAKE2b hash, 16 bytes in hex, of the answer's scope and the row's columns by sorted name,
each with its canonical text, without the empty ones; a row that has been seen in the answer
before is hashed once more with its number.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGEST_BYTES = 16
_BUCKET, _REST = slice(0, 2), slice(2, 10)
_REST_BYTES = 8


class EqualRows:
    """Numbers equal rows of one answer, in about ten bytes for each row.

    A set of a million digests takes 100 MB. Here a digest's first two bytes choose one of
    65 536 buckets, in which the next eight stand in a row; 80 bits tell a million rows apart with a
    probability of failure of 1 in 10^12.
    """

    def __init__(self) -> None:
        """Begin an answer."""
        self._buckets: defaultdict[bytes, bytearray] = defaultdict(bytearray)
        self._repeats: dict[bytes, int] = {}

    def number(self, digest: bytes) -> int:
        """Count a row and return how often it has come, itself included."""
        bucket = self._buckets[digest[_BUCKET]]
        rest = digest[_REST]
        at = bucket.find(rest)
        while at % _REST_BYTES > 0 and at >= 0:  # across two neighbours
            at = bucket.find(rest, at + 1)
        if at < 0:
            bucket += rest
            return 1
        number = self._repeats.get(digest, 1) + 1
        self._repeats[digest] = number
        return number


class RowIdentity:
    """Gives the rows of one answer their ``row_id``."""

    def __init__(self, scope: Sequence[object]) -> None:
        """Begin an answer.

        Args:
            scope: What the rows belong to, as JSON values (workflow, step, target; report, start
                date), in fixed order.
        """
        self._scope = blake2b(msgspec.json.encode(scope), digest_size=DIGEST_BYTES)
        self._equals = EqualRows()

    def row_id(self, content: str) -> str:
        """Return the id of the row whose columns are ``content``."""
        row = self._scope.copy()
        row.update(content.encode("utf-8", "surrogatepass"))
        digest = row.digest()
        number = self._equals.number(digest)
        if number == 1:
            return digest.hex()
        row.update(b"\n%d" % number)
        return row.hexdigest()
