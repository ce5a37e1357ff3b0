"""Which readers serve the streams of completed jobs, by what the state says of each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tap_flow.cursor_state import CursorState
from tap_flow.readers.job_cursor import CatchUpReader, CursorReader
from tap_flow.readers.job_windows import ChangedFilters, WindowReader
from tap_flow.streams.completed_jobs import CURSOR, LEVELS, UPDATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_flow.job_pages import JobPager
    from tap_flow.tap import TapFlow
    from tap_kit.streams.reader import Reader
    from tap_kit.streams.stream import RecordStream


def job_readers(tap: TapFlow, streams: Mapping[str, RecordStream]) -> Iterator[Reader]:
    """The readers of the selected streams of completed jobs.

    Streams with the same bookmark share their requests; mostly that is all of them.
    """
    reader = tap.jobs
    chosen = [streams[level.stream] for level in LEVELS if level.stream in streams]
    by_cursor = tap.streams[LEVELS[0].stream].replication_key == CURSOR
    key = CURSOR if by_cursor else UPDATED
    if by_cursor and tap.period.end_date is not None:
        # A one-off run: bookmarks stay as they are.
        if chosen:
            yield WindowReader(chosen, tap, reader)
        return
    full = [stream for stream in chosen if not stream.incremental]
    if full:
        yield WindowReader(full, tap, reader)
    states = {
        stream: CursorState.of(tap.bookmarks.entry(stream.name), key)
        for stream in chosen
        if stream.incremental
    }
    changed = [
        stream
        for stream, state in states.items()
        if state.filters not in {None, reader.filters.fingerprint}
    ]
    if changed:
        yield ChangedFilters(changed, tap.client, tap.stats_of(changed[0].name))
    groups: dict[CursorState, list[RecordStream]] = defaultdict(list)
    for stream, state in states.items():
        if stream not in changed:
            groups[state].append(stream)
    if by_cursor:
        yield from _by_cursor(tap, reader, groups)
    else:
        for state, together in groups.items():
            yield WindowReader(together, tap, reader, moves=True, bookmark=state.cursor)


def _by_cursor(
    tap: TapFlow, reader: JobPager, groups: Mapping[CursorState, Sequence[RecordStream]]
) -> Iterator[Reader]:
    """Those that are behind first, each on their own; then all together from the furthest on."""
    if not groups:
        return
    *behind, furthest = sorted(groups, key=lambda state: state.rank)
    for state in behind:
        # Where anybody is behind, the furthest has been somewhere.
        target = furthest.target or ""
        yield CatchUpReader(groups[state], tap, reader, state=state, target=target)
    seen = [state.seen or tap.started_at for state in groups if state.target]
    everybody = [stream for together in groups.values() for stream in together]
    yield CursorReader(
        sorted(everybody, key=lambda stream: _PLACES[stream.name]),
        tap,
        reader,
        state=furthest,
        own=groups[furthest],
        changed_since=tap.period.behind(min(seen)) if seen else tap.started_at,
    )


_PLACES = {level.stream: place for place, level in enumerate(LEVELS)}
