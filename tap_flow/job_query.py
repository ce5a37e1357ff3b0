"""The ``jobs`` query: its fields from the selected streams, and their records from its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tap_flow.cursor_state import CURSOR, UPDATED
from tap_flow.nesting import unnest, unnest_structs
from tap_kit.streams.graphql import selection
from tap_kit.streams.structs import is_typed, row_type, rows_decoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_flow.stream import FlowStream
    from tap_kit.streams.schema import Schema
    from tap_kit.streams.structs import Records, Row, RowsDecoder

Kind: TypeAlias = "type[FlowStream]"

JOBS = "jobs"
"""The root field of the query."""
_PAGING = ("jobId", CURSOR, UPDATED)
"""Requested of each job, selected or not: paging and windows need them."""


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
    """The query for some streams of completed jobs; threads share it.

    Attributes:
        fields: The selected columns, and the keys that children need of parents that are not
            selected.
    """

    def __init__(self, streams: Sequence[FlowStream]) -> None:
        """Take the selected streams, parents first."""
        self._chosen: dict[Kind, FlowStream] = {type(stream): stream for stream in streams}
        self._below: dict[Kind, list[Kind]] = {}
        (self._jobs,) = {self._link(kind) for kind in self._chosen}
        kind = self._type(self._jobs)
        decode = rows_decoder(kind, "data", JOBS) if kind else None
        self.fields = JobFields(self._fields(self._jobs), decode)

    def _link(self, kind: Kind) -> Kind:
        """Note a stream as child of its parent, selected or not, and so on up to the jobs."""
        parent = kind.parent()
        if parent is None:
            return kind
        children = self._below.setdefault(parent, [])
        if kind not in children:
            children.append(kind)
        return self._link(parent)

    def records(self, jobs: Records) -> dict[str, Records]:
        """Return the records of each stream, parents first; the jobs lose their nested members.

        Raises:
            DataError: What should be a list of rows is something else.
        """
        taken: dict[str, Records] = {}
        self._take(self._jobs, jobs, taken)
        return taken

    def _fields(self, kind: Kind) -> str:
        """The selection set of a stream's rows, with those of its children in it."""
        inherited = kind.nesting.inherited
        requested = self._keys(kind)
        stream = self._chosen.get(kind)
        if stream is not None:
            left_out = {*requested, *inherited}
            mask = stream.mask
            requested.append(
                selection(stream.schema, lambda crumb: crumb[1] not in left_out and mask[crumb])
            )
        requested += [
            f"{child.nesting.member} {{ {self._fields(child)} }}" for child in self._children(kind)
        ]
        return " ".join(filter(None, requested))

    def _children(self, kind: Kind) -> Sequence[Kind]:
        return self._below.get(kind, ())

    def _keys(self, kind: Kind) -> list[str]:
        """Fields that are requested in any case, selected or not."""
        given = [
            theirs for child in self._children(kind) for theirs in child.nesting.inherited.values()
        ]
        keys = dict.fromkeys([*(_PAGING if kind is self._jobs else ()), *given])
        return [key for key in keys if key not in kind.nesting.inherited]

    def _type(self, kind: Kind) -> type[Row] | None:
        """The struct of a stream's rows; None where there is more to do than to write them."""
        members = {child.nesting.member: self._type(child) for child in self._children(kind)}
        known = {name: row for name, row in members.items() if row is not None}
        inherited = kind.nesting.inherited
        stream = self._chosen.get(kind)
        if len(known) < len(members):
            return None
        if stream is None:
            keys = _of_keys([*self._keys(kind), *inherited])
            return row_type(keys, inherited=inherited, members=known)
        mask = stream.mask
        deselected = {name for name in stream.schema["properties"] if not mask["properties", name]}
        if not deselected.isdisjoint([*self._keys(kind), *inherited]):
            return None
        return row_type(stream.schema, without=deselected, inherited=inherited, members=known)

    def _take(self, kind: Kind, rows: Records, taken: dict[str, Records]) -> None:
        stream = self._chosen.get(kind)
        if stream is not None:
            taken[stream.name] = rows
        for child in self._children(kind):
            member, inherited = child.nesting.member, child.nesting.inherited
            if is_typed(rows):
                unnested: Records = unnest_structs(rows, member, inherited)
            else:
                unnested = unnest(child.name, rows, member, inherited)
            self._take(child, unnested, taken)


def _of_keys(names: Sequence[str]) -> Schema:
    """The schema of rows that are requested only for the sake of their children."""
    text = {"type": "string"}
    return {"properties": dict.fromkeys(names, text), "required": names}
