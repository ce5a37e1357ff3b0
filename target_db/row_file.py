"""Rows of one stream in a file, from the first one to the commit that takes them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class RowFile:
    """Rows as JSON, a line each.

    Attributes:
        count: How many there are, with those that later ones of their key have superseded.
        version: The table's version that they belong to, where the tap gives one.
        activated: The version that alone stays in the table afterwards, where the tap says so.
    """

    def __init__(self, path: Path) -> None:
        """Begin without rows."""
        self.count = 0
        self.version: int | None = None
        self.activated: int | None = None
        self._path = path
        self._file = path.open("w+b", buffering=1 << 18)
        self._superseded: set[int] = set()

    def add(self, record: bytes) -> None:
        """Take a row."""
        self._file.write(record + b"\n")
        self.count += 1

    def supersede(self, number: int) -> None:
        """Leave a row out, counted from 0: a later one has its key."""
        self._superseded.add(number)

    def lines(self) -> Iterator[bytes]:
        """All rows, superseded ones too."""
        self._file.flush()
        with self._path.open("rb") as lines:
            yield from lines

    def latest(self) -> Path:
        """The file, with the last row of each key."""
        if self._superseded:
            superseded = self._superseded
            self.replace(
                line for number, line in enumerate(self.lines()) if number not in superseded
            )
        self._file.flush()
        return self._path

    def replace(self, lines: Iterable[bytes]) -> None:
        """Have other rows in place of all of these, which may be read meanwhile."""
        other = self._path.with_suffix(".new")
        with other.open("wb") as file:
            file.writelines(lines)
        self._file.close()
        other.replace(self._path)
        self._file = self._path.open("r+b", buffering=1 << 18)
        self._file.seek(0, 2)
        self._superseded = set()

    def tried(self, lines: Iterable[bytes]) -> Path:
        """A file with some rows only, beside this one."""
        path = self._path.with_suffix(".tried")
        path.write_bytes(b"".join(lines))
        return path

    def close(self) -> None:
        """Let go of the file, and of its rows."""
        self._file.close()
        self._path.unlink()
