"""Which completed jobs there are now, in the order of their cursors, and which match a filter."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sandbox.flow.formats import MINUTE, SECOND, object_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.flow.history import Course

INDEX_BITS = 24
"""A sort key is a number: a time, then the job's index in the lowest bits."""
INDEX_MASK = (1 << INDEX_BITS) - 1
REMEMBERED = 32
"""Filters whose matches are kept."""
THUMBNAILS_AFTER = 7 * MINUTE
REPORT_AFTER = 20 * MINUTE
"""After the files."""


class Event(NamedTuple):
    """What makes a version of a job visible."""

    visible: int
    job: int
    updated: int
    """The job's ``updated`` from then on."""
    moves: bool
    """The job gets a new cursor."""


@dataclass
class State:
    """All completed jobs between two events."""

    since: int
    until: float
    order: list[int]
    """Cursor keys: upload time in seconds, then the job."""
    by_updated: list[int]
    """Keys: ``updated`` in ms, then the job."""
    updated: dict[int, int]
    key: dict[int, int]
    """By job."""
    matches: dict[object, list[int]] = field(default_factory=dict)
    """Cursor keys in order, by filter."""


class Catalogue:
    """Completed jobs, as the Query API finds them."""

    def __init__(
        self,
        courses: Sequence[Course],
        machine: int,
        *,
        edits_move: bool,
        files_update: bool,
        omitted: Callable[[int], bool],
    ) -> None:
        """Lay out the events; ``machine`` are the 40 bits in the middle of each cursor."""
        self._courses = courses
        self._machine = machine
        self._edits_move = edits_move
        self._events = sorted(
            event
            for job, course in enumerate(courses)
            if not omitted(job)
            for event in _events(job, course, edits_move=edits_move, files_update=files_update)
        )
        self._state: State | None = None

    def at(self, now: int) -> State:
        """The state of a moment; the last one is kept until something happens."""
        state = self._state
        if state is None or not state.since <= now < state.until:
            state = self._state = self._replayed(now)
        return state

    def cursor(self, key: int) -> str:
        """The ``completedJobCursor`` of a cursor key."""
        return object_id(
            (key >> INDEX_BITS) * SECOND, self._machine << INDEX_BITS | key & INDEX_MASK
        )

    def key(self, cursor: str, now: int) -> int | None:
        """The key of a cursor that was given out until now, at the latest version or before."""
        try:
            number = int(cursor, 16)
        except ValueError:
            return None
        job = number & INDEX_MASK
        seconds = number >> 64
        if job >= len(self._courses) or seconds * SECOND > now:
            return None
        key = seconds << INDEX_BITS | job
        course = self._courses[job]
        known = [course.uploaded, *([course.edited] if self._edits_move else ())]
        real = cursor == self.cursor(key) and seconds in [at // SECOND for at in known]
        return key if real else None

    def matching(
        self,
        state: State,
        name: object,
        *,
        since: int | None,
        before: int | None,
        test: Callable[[int], bool] | None,
    ) -> list[int]:
        """Cursor keys of the jobs with ``since <= updated < before`` that pass the test.

        ``name`` stands for all of the filter, so that its later pages cost nothing.
        """
        if since is None and before is None and test is None:
            return state.order
        found = state.matches.get(name)
        if found is None:
            if since is None and before is None:
                candidates = state.order
            else:
                begin = bisect_left(state.by_updated, (since or 0) << INDEX_BITS)
                end = (
                    len(state.by_updated)
                    if before is None
                    else bisect_left(state.by_updated, before << INDEX_BITS)
                )
                jobs = islice(state.by_updated, begin, end)
                candidates = sorted(state.key[key & INDEX_MASK] for key in jobs)
            found = [key for key in candidates if test is None or test(key & INDEX_MASK)]
            if len(state.matches) >= REMEMBERED:
                state.matches.clear()
            state.matches[name] = found
        return found

    def _replayed(self, now: int) -> State:
        count = bisect_right(self._events, now, key=lambda event: event.visible)
        updated: dict[int, int] = {}
        key: dict[int, int] = {}
        for visible, job, at, moves in islice(self._events, count):
            updated[job] = at
            if moves:
                key[job] = visible // SECOND << INDEX_BITS | job
        return State(
            since=self._events[count - 1].visible if count else 0,
            until=self._events[count].visible if count < len(self._events) else float("inf"),
            order=sorted(key.values()),
            by_updated=sorted(at << INDEX_BITS | job for job, at in updated.items()),
            updated=updated,
            key=key,
        )


def _events(job: int, course: Course, *, edits_move: bool, files_update: bool) -> list[Event]:
    events = [Event(course.uploaded, job, course.completed, moves=True)]
    if course.edited:
        events.append(Event(course.edited, job, course.edited - 2 * SECOND, moves=edits_move))
    if files_update and not course.example:
        arrivals = (course.files, course.files + THUMBNAILS_AFTER, course.files + REPORT_AFTER)
        events += [Event(at, job, at, moves=False) for at in arrivals]
    return events
