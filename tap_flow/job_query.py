"""The ``jobs`` query: its fields from the selected streams, and its answer as their records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_flow.nesting import unnest, unnest_structs
from tap_flow.streams.completed_jobs import CURSOR, LEVELS, UPDATED
from tap_kit.streams.graphql import selection
from tap_kit.streams.structs import is_typed, row_type, rows_decoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_flow.streams.completed_jobs import Level
    from tap_kit.streams.reader import Records
    from tap_kit.streams.schema import Schema
    from tap_kit.streams.stream import RecordStream
    from tap_kit.streams.structs import Row, RowsDecoder

JOBS = "jobs"
"""The root field of the query."""
_JOBS = LEVELS[0]
_PAGING = ("jobId", CURSOR, UPDATED)
"""Of each job always asked for: what pages, and what tells jobs apart."""


@dataclass(frozen=True, slots=True)
class JobFields:
    """What to ask of each job.

    Attributes:
        text: The selection set of ``jobs``, without braces.
        decode: Decodes answers that fit straight into rows, where that can be.
    """

    text: str
    decode: RowsDecoder | None = None


class JobQuery:
    """What some streams want of each job; threads share it.

    Attributes:
        fields: What is selected, and the keys that children need of parents that are not.
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
        kind = self._type(_JOBS)
        decode = rows_decoder(kind, "data", JOBS) if kind else None
        self.fields = JobFields(self._fields(_JOBS), decode)

    def records(self, jobs: Records) -> dict[str, Records]:
        """Return the records of each stream, parents first; the jobs lose their nested members.

        Raises:
            DataError: What should be a list of rows is something else.
        """
        taken: dict[str, Records] = {}
        self._take(_JOBS, jobs, taken)
        return taken

    def _fields(self, level: Level) -> str:
        asked = self._keys(level)
        stream = self._chosen.get(level.stream)
        if stream is not None:
            left_out = {*asked, *level.inherited}
            mask = stream.mask
            asked.append(
                selection(stream.schema, lambda crumb: crumb[1] not in left_out and mask[crumb])
            )
        below = self._below[level.stream]
        asked += [f"{child.member} {{ {self._fields(child)} }}" for child in below]
        return " ".join(filter(None, asked))

    def _keys(self, level: Level) -> list[str]:
        """What is asked for in any case, selected or not."""
        given = [
            theirs for child in self._below[level.stream] for theirs in child.inherited.values()
        ]
        keys = dict.fromkeys([*(_PAGING if level is _JOBS else ()), *given])
        return [key for key in keys if key not in level.inherited]

    def _type(self, level: Level) -> type[Row] | None:
        """The rows of a level as they come; None where there is more to do than to write them."""
        members = {child.member: self._type(child) for child in self._below[level.stream]}
        known = {name: kind for name, kind in members.items() if kind is not None}
        stream = self._chosen.get(level.stream)
        if len(known) < len(members):
            return None
        if stream is None:
            keys = _of_keys([*self._keys(level), *level.inherited])
            return row_type(keys, inherited=level.inherited, members=known)
        mask = stream.mask
        deselected = {name for name in stream.schema["properties"] if not mask["properties", name]}
        if not deselected.isdisjoint([*self._keys(level), *level.inherited]):
            return None
        return row_type(stream.schema, without=deselected, inherited=level.inherited, members=known)

    def _take(self, level: Level, rows: Records, taken: dict[str, Records]) -> None:
        if level.stream in self._chosen:
            taken[level.stream] = rows
        for child in self._below[level.stream]:
            if is_typed(rows):
                unnested: Records = unnest_structs(rows, child.member, child.inherited)
            else:
                unnested = unnest(child.stream, rows, child.member, child.inherited)
            self._take(child, unnested, taken)


def _of_keys(names: Sequence[str]) -> Schema:
    """The schema of rows that are there for their children."""
    text = {"type": "string"}
    return {"properties": dict.fromkeys(names, text), "required": names}
