"""The ``jobs`` query: its fields from the selected streams, and their records from its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from tap_flow.cursor_state import CURSOR, UPDATED
from tap_kit.streams.codec import PLAIN, Codec, RowLayout, unnest
from tap_kit.streams.graphql import selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_flow.stream import FlowStream
    from tap_kit.streams.codec import AnyRecord
    from tap_kit.streams.schema import Schema

Kind: TypeAlias = "type[FlowStream]"

JOBS = "jobs"
"""The root field of the query."""
_PAGING = ("jobId", CURSOR, UPDATED)
"""Requested of each job, selected or not: paging and windows need them."""


@dataclass(frozen=True, slots=True)
class JobFields:
    """What to request of each job.

    Attributes:
        text: The selection set of ``jobs``, without braces.
        codec: Decodes the responses.
    """

    text: str
    codec: Codec = PLAIN


class Query(Protocol):
    """What is requested of each job, and what becomes of it.

    Attributes:
        fields: The fields to request.
        kept: What the streams' state keeps beside their bookmarks.
    """

    fields: JobFields
    kept: Mapping[str, object]

    def records(self, jobs: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
        """The records of jobs by stream; the jobs lose their nested members."""


class JobQuery:
    """The query for some streams of completed jobs; threads share it.

    Attributes:
        fields: The selected columns, and the keys that children need of parents that are not
            selected.
    """

    kept: Mapping[str, object] = MappingProxyType({})

    def __init__(self, streams: Sequence[FlowStream]) -> None:
        """Take the selected streams, parents first."""
        self._chosen: dict[Kind, FlowStream] = {type(stream): stream for stream in streams}
        self._below: dict[Kind, list[Kind]] = {}
        (self._jobs,) = {self._link(kind) for kind in self._chosen}
        codec = Codec(self._layout(self._jobs), "data", JOBS)
        self.fields = JobFields(self._fields(self._jobs), codec)

    def _link(self, kind: Kind) -> Kind:
        """Note a stream as child of its parent, selected or not, and so on up to the jobs."""
        parent = kind.parent()
        if parent is None:
            return kind
        children = self._below.setdefault(parent, [])
        if kind not in children:
            children.append(kind)
        return self._link(parent)

    def records(self, jobs: Sequence[AnyRecord]) -> dict[str, Sequence[AnyRecord]]:
        """Return the records of each stream, parents first; the jobs lose their nested members.

        Raises:
            DataError: What should be a list of rows is something else.
        """
        taken: dict[str, Sequence[AnyRecord]] = {}
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

    def _layout(self, kind: Kind) -> RowLayout:
        """The layout of a stream's rows, with those of its children in it."""
        members = {child.nesting.member: self._layout(child) for child in self._children(kind)}
        inherited = kind.nesting.inherited
        stream = self._chosen.get(kind)
        if stream is None:
            keys = _of_keys([*self._keys(kind), *inherited])
            return RowLayout(keys, inherited=inherited, members=members)
        mask = stream.mask
        return RowLayout(
            stream.schema,
            deselected={
                name for name in stream.schema["properties"] if not mask["properties", name]
            },
            requested=self._keys(kind),
            inherited=inherited,
            members=members,
        )

    def _take(
        self, kind: Kind, rows: Sequence[AnyRecord], taken: dict[str, Sequence[AnyRecord]]
    ) -> None:
        stream = self._chosen.get(kind)
        if stream is not None:
            taken[stream.name] = rows
        for child in self._children(kind):
            member, inherited = child.nesting.member, child.nesting.inherited
            self._take(child, unnest(child.name, rows, member, inherited), taken)


def _of_keys(names: Sequence[str]) -> Schema:
    """The schema of rows that are requested only for the sake of their children."""
    text = {"type": "string"}
    return {"properties": dict.fromkeys(names, text), "required": names}
