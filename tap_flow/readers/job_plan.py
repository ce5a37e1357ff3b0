"""Which readers read the streams of completed jobs, by what the state has of each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tap_flow.cursor_state import CURSOR, UPDATED, CursorState
from tap_flow.job_query import JobQuery
from tap_flow.readers.job_cursor import CatchUpReader, CursorReader
from tap_flow.readers.job_windows import ChangedSettings, WindowReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_flow.job_query import Query
    from tap_flow.readers.context import FlowContext
    from tap_flow.readers.job_windows import JobReader
    from tap_flow.stream import FlowStream
    from tap_kit.streams.reader import Reader


class JobPages:
    """Pages of the ``jobs`` query of the Query API, after a cursor or by windows.

    Args:
        section: The section of the guide.
    """

    def __init__(self, section: str) -> None:
        self._section = section

    def __str__(self) -> str:
        """The request, for the documentation."""
        return f"GraphQL jobs (guide {self._section})"

    def __call__(self, tap: FlowContext, streams: Sequence[FlowStream]) -> Iterator[Reader]:
        """Make the readers of completed jobs and what is nested in them."""
        states = {stream: tap.bookmarks.entry(stream.name) for stream in streams}
        return job_readers(tap, states)


def job_readers(
    tap: FlowContext,
    entries: Mapping[FlowStream, Mapping[str, Any]],
    query: Callable[[Sequence[FlowStream]], Query] = JobQuery,
) -> Iterator[JobReader | ChangedSettings]:
    """Make the readers of streams that are made of completed jobs.

    Streams with the same bookmark share their requests; mostly that is all of them.

    Args:
        tap: The tap.
        entries: The streams, parents first, each with what the state keeps for it.
        query: Makes the query of some of them.
    """
    streams = list(entries)
    by_cursor = is_by_cursor(tap)
    if by_cursor and tap.period.end_date is not None:
        # A one-off run: bookmarks stay as they are.
        yield WindowReader(tap, streams, query)
        return
    full = [stream for stream in streams if not stream.incremental]
    if full:
        yield WindowReader(tap, full, query)
    key = CURSOR if by_cursor else UPDATED
    states = {
        stream: CursorState.of(entry, key)
        for stream, entry in entries.items()
        if stream.incremental
    }
    fingerprint = tap.jobs.filters.fingerprint
    changed = [s for s, state in states.items() if state.filters not in {None, fingerprint}]
    if changed:
        yield ChangedSettings(changed, tap, "job_filters")
    groups: dict[CursorState, list[FlowStream]] = defaultdict(list)
    for stream, state in states.items():
        if stream not in changed:
            groups[state].append(stream)
    if not by_cursor:
        for state, together in groups.items():
            yield WindowReader(tap, together, query, moves=True, bookmark=state.cursor)
    elif groups:
        yield from _by_cursor(tap, [s for s in states if s not in changed], groups, query)


def is_by_cursor(tap: FlowContext) -> bool:
    """Whether completed jobs, and what is made of them, go on after a cursor."""
    by_cursor: bool = tap.streams["completed_jobs"].replication_key == CURSOR
    return by_cursor


def _by_cursor(
    tap: FlowContext,
    streams: Sequence[FlowStream],
    groups: Mapping[CursorState, Sequence[FlowStream]],
    query: Callable[[Sequence[FlowStream]], Query],
) -> Iterator[JobReader]:
    """First the streams that lag, group by group; then all together from the furthest cursor on.

    Args:
        tap: The tap.
        streams: All of them, parents first.
        groups: The same by their state; one group at least.
        query: Makes the query of some of them.
    """
    *lagging, furthest = sorted(groups, key=lambda state: state.rank)
    for state in lagging:
        # Only a stream that has a cursor can be further than another one.
        target = furthest.target or ""
        yield CatchUpReader(tap, groups[state], query, state=state, target=target)
    seen = [state.seen or tap.started_at for state in groups if state.target]
    yield CursorReader(
        tap,
        streams,
        query,
        state=furthest,
        own=groups[furthest],
        changed_since=tap.period.behind(min(seen)) if seen else tap.started_at,
    )
