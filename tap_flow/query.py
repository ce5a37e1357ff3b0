"""The ``jobs`` query: its fields from the selected streams, and its answer as their records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow.nesting import lift
from tap_flow.streams.completed_jobs import CURSOR, LEVELS, UPDATED
from tap_kit.graphql import selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_flow.streams.completed_jobs import Level
    from tap_kit.feed import Record
    from tap_kit.stream import RecordStream

_JOBS = LEVELS[0]
_PAGING = ("jobId", CURSOR, UPDATED)
"""Of each job always asked for: what pages, and what tells jobs apart."""


class JobTree:
    """What some streams want of each job; threads share it.

    Attributes:
        fields: The selection set of ``jobs``, without braces: what is selected, and the keys
            that children need of parents that are not.
    """

    def __init__(self, streams: Sequence[RecordStream]) -> None:
        """Take the selected streams."""
        self._chosen = {stream.name: stream for stream in streams}
        needed: set[str | None] = set()
        for level in reversed(LEVELS):
            if level.stream in self._chosen or level.stream in needed:
                needed |= {level.stream, level.parent}
        self._below = {
            parent.stream: [
                level
                for level in LEVELS
                if level.parent == parent.stream and level.stream in needed
            ]
            for parent in LEVELS
        }
        self.fields = self._fields(_JOBS)

    def records(self, jobs: list[Record]) -> dict[str, list[Record]]:
        """The records of each stream, parents first; takes the jobs apart.

        Raises:
            DataError: What should be a list of rows is something else.
        """
        taken: dict[str, list[Record]] = {}
        self._take(_JOBS, jobs, taken)
        return taken

    def _fields(self, level: Level) -> str:
        below = self._below[level.stream]
        given = [theirs for child in below for theirs in child.inherited.values()]
        keys = dict.fromkeys([*(_PAGING if level is _JOBS else ()), *given])
        asked = [key for key in keys if key not in level.inherited]
        stream = self._chosen.get(level.stream)
        if stream is not None:
            left_out = {*asked, *level.inherited}
            mask = stream.mask
            asked.append(
                selection(stream.schema, lambda crumb: crumb[1] not in left_out and mask[crumb])
            )
        asked += [f"{child.member} {{ {self._fields(child)} }}" for child in below]
        return " ".join(filter(None, asked))

    def _take(self, level: Level, rows: list[Record], taken: dict[str, list[Record]]) -> None:
        if level.stream in self._chosen:
            taken[level.stream] = rows
        for child in self._below[level.stream]:
            self._take(child, lift(child.stream, rows, child.member, child.inherited), taken)
