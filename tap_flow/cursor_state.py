"""The state of the streams of completed jobs: what their entries mean.

Every stream keeps an entry of its own, with the same content while they go together::

    {"replication_key": "completedJobCursor", "replication_key_value": "5e3036f5…",
     "as_of": "2024-04-30T22:14:07Z", "started": "2024-05-01T02:00:00Z",
     "filters": "9f86d0…", "backfill": null}

``as_of`` is ``updated`` of the job that has the cursor, for people. ``started`` is the start of the
last run that also read changed jobs; everything up to then has been read. Until a first run is
complete there is no value, but ``backfill``: the cursor after which reading goes on once all
windows are read, the end of the last complete window, the start of the run that began, and the job
that was the newest then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tap_kit.errors import SettingsError
from tap_kit.time.clock import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_kit.time.windows import Window


CURSOR: Final = "completedJobCursor"
"""The job's place in the order of uploads; opaque (docs: taps/flow/facts#cursor)."""
UPDATED: Final = "updated"
"""When a job was last changed."""


@dataclass(frozen=True, slots=True)
class NewestJob:
    """The job that was the last to be uploaded; ``updated`` is None if it can't be parsed."""

    job_id: str
    cursor: str
    updated: datetime | None

    def lies_in(self, window: Window) -> bool:
        """Whether the job lies in a window, unless it has changed since."""
        return (
            self.updated is not None
            and (window.start is None or window.start <= self.updated)
            and self.updated < window.end
        )

    def as_state(self) -> dict[str, Any]:
        """As kept in the state."""
        updated = format_time(self.updated) if self.updated else None
        return {"jobId": self.job_id, "cursor": self.cursor, "updated": updated}

    @classmethod
    def from_state(cls, kept: Mapping[str, Any]) -> NewestJob:
        """From what the state keeps."""
        updated = kept.get("updated")
        return cls(
            str(kept["jobId"]), str(kept["cursor"]), parse_time(updated) if updated else None
        )


@dataclass(frozen=True, slots=True)
class Backfill:
    """A first run that is not complete.

    Attributes:
        cursor: The last cursor before the run; reading goes on after it.
        started: When the first run began.
        newest: The last job to be uploaded then; the windows must contain it.
        until: The end of the last complete window.
    """

    cursor: str
    started: datetime
    newest: NewestJob | None = None
    until: datetime | None = None

    def as_state(self, until: datetime | None) -> dict[str, Any]:
        """As kept in the state once everything up to ``until`` is written."""
        return {
            "cursor": self.cursor,
            "started": format_time(self.started),
            "until": format_time(until) if until else None,
            "newest": self.newest.as_state() if self.newest else None,
        }

    @classmethod
    def from_state(cls, kept: Mapping[str, Any]) -> Backfill:
        """From what the state keeps."""
        until, newest = kept.get("until"), kept.get("newest")
        return cls(
            str(kept["cursor"]),
            parse_time(kept["started"]),
            NewestJob.from_state(newest) if newest else None,
            parse_time(until) if until else None,
        )


@dataclass(frozen=True, slots=True)
class CursorState:
    """How far a stream has been read; all attributes are None before its first run.

    Attributes:
        cursor: All jobs up to this cursor have been read.
        started: All jobs and changes up to this time have been read.
        backfill: A first run that is not complete.
        filters: The fingerprint of the filters with which the stream was read.
    """

    cursor: str | None = None
    started: datetime | None = None
    backfill: Backfill | None = None
    filters: str | None = None

    @classmethod
    def of(cls, entry: Mapping[str, Any], key: str) -> CursorState:
        """Read a stream's entry, if it is one for that replication key.

        Raises:
            SettingsError: The entry can't be read.
        """
        try:
            return cls._read(entry, key)
        except (KeyError, TypeError, ValueError, AttributeError):
            msg = (
                "state: a bookmark of completed jobs must be as the tap wrote it (started and "
                "backfill are times and a cursor); restore it, or remove it from the state"
            )
            raise SettingsError(msg) from None

    @classmethod
    def _read(cls, entry: Mapping[str, Any], key: str) -> CursorState:
        backfill = entry.get("backfill")
        cursor = None if backfill else entry.get("replication_key_value")
        if (entry.get("replication_key") or key) != key or not (cursor or backfill):
            return cls()
        started, filters = entry.get("started"), entry.get("filters")
        if not isinstance(filters, str | None):
            raise TypeError(filters)
        return cls(
            cursor=str(cursor) if cursor else None,
            started=parse_time(started) if started else None,
            backfill=Backfill.from_state(backfill) if backfill else None,
            filters=filters,
        )

    @property
    def target(self) -> str | None:
        """The cursor after which new jobs are read; None if there is none yet."""
        return self.cursor or (self.backfill.cursor if self.backfill else None)

    @property
    def seen(self) -> datetime | None:
        """The time up to which everything has been read, or a first run's windows will read it."""
        return self.started or (self.backfill.started if self.backfill else None)

    @property
    def rank(self) -> tuple[bool, bool, float, str]:
        """Return a key that sorts streams by how far they have been read.

        Cursors are opaque, but they are compared here: if their order is not what it seems to be,
        records are repeated, and none is lost.
        """
        return (
            self.cursor is not None,
            self.backfill is not None,
            self.started.timestamp() if self.started else 0.0,
            self.cursor or "",
        )
