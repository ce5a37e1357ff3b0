"""What keeps files: a folder, or a bucket of a cloud.

A file appears at its place when it is complete, and not before.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from tap_kit.errors import StreamError, TapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

READ: Final = 1024 * 1024
"""Bytes that are read back at once."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that stands at its place.

    Attributes:
        size: Its length in bytes.
        stored_at: When it was stored, by the storage's clock.
    """

    size: int
    stored_at: datetime


class Store(Protocol):
    """A folder or a bucket; threads may share it. All of it raises StreamError on its failures."""

    def uri(self, place: str) -> str:
        """The address of a place: ``s3://…`` or ``file:///…``."""

    def find(self, place: str) -> Found | None:
        """The file at a place; None if there is none."""

    def read(self, place: str, size: int) -> Iterator[bytes]:
        """Yield the bytes of a file, which has so many of them."""

    def writing(
        self, place: str, *, size: int | None = None, content_type: str | None = None
    ) -> AbstractContextManager[Callable[[bytes], object]]:
        """Store a file, in place of the one that may be there.

        Use it in a ``with`` statement; it gives what takes the next bytes. The file appears when
        the block ends, and doesn't if the block raises.

        Args:
            place: Where.
            size: Its length in bytes, where it is known.
            content_type: Its media type, for storages that keep one.
        """

    def probe(self) -> None:
        """Check with one request that the storage can be reached."""


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
    line = " ".join(str(said).split())
    return line[:300].rstrip(".") or "it gives no reason"
