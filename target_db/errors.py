"""What ends a load, in words for the person who runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from target_db.kinds import Kind


class LoadError(Exception):
    """The load can't go on; the message is one line: what happened, and what to do."""


class SettingsError(LoadError):
    """A setting is missing or wrong; the message names it, and never its value."""


class DataError(Exception):
    """The database did not take rows of a stream."""

    def __init__(self, reason: str) -> None:
        """Take the database's reason, without any of the data."""
        super().__init__(reason)
        self.reason = reason


class TooNarrowError(Exception):
    """A value does not fit the type of its column."""

    def __init__(self, kind: Kind) -> None:
        """Take the kind that the column needs."""
        super().__init__()
        self.kind = kind


class UnstorableError(Exception):
    """A value that no column of the database can hold; the message says why."""
