"""What keeps files: a folder, or a bucket of a cloud.

A file appears at its place when it is complete, and not before.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tap_kit.errors import StreamError, TapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A file that stands at its place.

    Attributes:
        size: Its length in bytes.
        stored_at: When it was stored, by the storage's clock.
        sha256: Its hash, in hex, where the storage gives it beside the length.
    """

    size: int
    stored_at: datetime
    sha256: str | None = None


class Writer:
    """Takes a file, chunk by chunk.

    Attributes:
        size: How many bytes it has taken.
    """

    def __init__(self, take: Callable[[bytes], object], where: str) -> None:
        self._take = take
        self._where = where
        self._hash = hashlib.sha256()
        self.size = 0

    def __call__(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(chunk)
        self.size += len(chunk)
        with failing_as(self._where):
            self._take(chunk)

    @property
    def sha256(self) -> str:
        """The hash of what it has taken, in hex."""
        return self._hash.hexdigest()


class Store(Protocol):
    """A folder or a bucket; threads may share it. All of it raises StreamError on its failures."""

    def uri(self, place: str) -> str:
        """The address of a place: ``s3://…`` or ``file:///…``."""

    def find(self, place: str) -> Found | None:
        """The file at a place; None if there is none."""

    def sha256(self, place: str, found: Found) -> str:
        """The hash of a file that was found at a place, in hex."""

    def room(self, size: int | None) -> AbstractContextManager[None]:
        """Wait until there is memory for a file; to be entered before the file is requested.

        Args:
            size: Its length in bytes, where it is known.
        """

    def writing(
        self, place: str, *, size: int | None = None, content_type: str | None = None
    ) -> AbstractContextManager[Writer]:
        """Store a file, in place of the one that may be there.

        Use it in a ``with`` statement; it gives what takes the bytes. The file appears when the
        block ends, and doesn't if the block raises.

        Args:
            place: Where.
            size: Its length in bytes, where it is known; :meth:`room` has been entered for it.
            content_type: Its media type, for storages that keep one.
        """

    def probe(self) -> None:
        """Check with one request that the storage can be reached."""


_QUERY = re.compile(r"(https?://[^\s?]*)\?\S+")


@contextmanager
def failing_as(where: str) -> Iterator[None]:
    """Turn any failure of the storage into an error of the stream, in one line.

    Args:
        where: The folder or bucket.

    Raises:
        StreamError: The storage failed.
    """
    try:
        yield
    except TapError:
        raise
    except Exception as error:  # each library has its own
        msg = (
            f"files can't be kept in {where}: {_reason(error)}. Check the setting files_to, the "
            "room there, and that the storage's credentials may list, read and write"
        )
        raise StreamError(msg) from error


def _reason(error: Exception) -> str:
    said = getattr(error, "strerror", None) or str(error)
    # Azure's has its whole response below; Google's is an address, whose query is a credential.
    line = _QUERY.sub(r"\1", str(said).strip().partition("\n")[0])[:300].rstrip(" .\r")
    line = line or "it gives no reason"
    # A cloud's client says what it was asked for, which is how its permissions are called.
    operation = getattr(error.__cause__, "operation_name", None)
    return f"{line} ({operation})" if operation else line
