"""Which readers read the streams of completed jobs, by what the state has of each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tap_flow.cursor_state import CURSOR, UPDATED, CursorState
from tap_flow.readers.job_cursor import CatchUpReader, CursorReader
from tap_flow.readers.job_windows import ChangedFilters, WindowReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_flow.readers.context import FlowContext
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
        """Make the readers of completed jobs and what is nested in them.

        Streams with the same bookmark share their requests; mostly that is all of them.
        """
        by_cursor = tap.streams[streams[0].head().name].replication_key == CURSOR
        if by_cursor and tap.period.end_date is not None:
            # A one-off run: bookmarks stay as they are.
            yield WindowReader(tap, streams)
            return
        full = [stream for stream in streams if not stream.incremental]
        if full:
            yield WindowReader(tap, full)
        key = CURSOR if by_cursor else UPDATED
        states = {
            stream: CursorState.of(tap.bookmarks.entry(stream.name), key)
            for stream in streams
            if stream.incremental
        }
        fingerprint = tap.jobs.filters.fingerprint
        changed = [s for s, state in states.items() if state.filters not in {None, fingerprint}]
        if changed:
            yield ChangedFilters(changed, tap.client, tap.stats_of(changed[0].name))
        groups: dict[CursorState, list[FlowStream]] = defaultdict(list)
        for stream, state in states.items():
            if stream not in changed:
                groups[state].append(stream)
        if not by_cursor:
            for state, together in groups.items():
                yield WindowReader(tap, together, moves=True, bookmark=state.cursor)
        elif groups:
            yield from _by_cursor(tap, [s for s in states if s not in changed], groups)


def _by_cursor(
    tap: FlowContext,
    streams: Sequence[FlowStream],
    groups: Mapping[CursorState, Sequence[FlowStream]],
) -> Iterator[Reader]:
    """First the streams that lag, group by group; then all together from the furthest cursor on.

    Args:
        tap: The tap.
        streams: All of them, parents first.
        groups: The same by their state; one group at least.
    """
    *lagging, furthest = sorted(groups, key=lambda state: state.rank)
    for state in lagging:
        # Only a stream that has a cursor can be further than another one.
        target = furthest.target or ""
        yield CatchUpReader(tap, groups[state], state=state, target=target)
    seen = [state.seen or tap.started_at for state in groups if state.target]
    yield CursorReader(
        tap,
        streams,
        state=furthest,
        own=groups[furthest],
        changed_since=tap.period.behind(min(seen)) if seen else tap.started_at,
    )
