"""Bookmarks: how far each stream is complete, from Singer's state and back to it.

The state keeps the SDK's form::

    {"bookmarks": {"jobs": {"replication_key": "createdAt", "replication_key_value": "…"},
                   "rows": {"partitions": [{"context": {…}, "replication_key": "interval_end",
                                            "replication_key_value": "…",
                                            "digests": {"2026-03-09T00:00:00Z": "…"}}]}}}

Digests are of the windows within the look-back, by where each begins; see
:mod:`tap_kit.engine.look_back`.

A bookmark moves only on the main thread, after the records that it covers were written. The SDK's
own bookkeeping is not used: it searches partitions one by one and compares values as text.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeAlias

from tap_kit.errors import SettingsError
from tap_kit.inputs.files import type_in_words
from tap_kit.time.clock import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping
    from datetime import datetime

    from tap_kit.streams.reader import Bookmark

Entry = dict[str, Any]
Partition: TypeAlias = frozenset[tuple[str, Any]]
"""A partition as a key."""

RECORDS_BETWEEN = 10_000
"""Records after which a STATE message is due."""
SECONDS_BETWEEN = 5.0
"""Seconds after which one is due, even after fewer records."""

MOST_DIGESTS = 400
"""Windows of a partition whose digests are kept: a year of days."""
_DIGESTS = "digests"


def checked_state(state: Mapping[str, Any], name: str = "state") -> dict[str, Any]:
    """Check the state of a previous run; of a whole STATE message the value counts.

    Args:
        state: What the user gave.
        name: Its name in messages.

    Raises:
        SettingsError: It is no state.
    """
    if state.get("type") == "STATE" and "value" in state:
        return checked_state(_object(state["value"], f"{name}: value"), name)
    if "bookmarks" not in state and state.keys() - {"currently_syncing"}:
        found = ", ".join(sorted(map(str, state)))[:80]
        msg = f'{name} has no bookmarks, but {found}; it must be {{"bookmarks": {{...}}}}'
        raise SettingsError(msg)
    bookmarks = _object(state.get("bookmarks", {}), f"{name}: bookmarks")
    for stream, entry in bookmarks.items():
        about = f"{name}: bookmarks.{stream}"
        _check_value(_object(entry, about), about)
        partitions = entry.get("partitions", [])
        if not isinstance(partitions, list):
            msg = f"{about}.partitions must be a list, not {type_in_words(partitions)}"
            raise SettingsError(msg)
        for number, partition in enumerate(partitions):
            place = f"{about}.partitions.{number}"
            _check_value(_object(partition, place), place)
            context = _object(partition.get("context"), f"{place}.context")
            if any(isinstance(value, (dict, list)) for value in context.values()):
                msg = f"{place}.context must hold plain values"
                raise SettingsError(msg)
    return dict(state)


def _object(value: object, name: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    msg = f"{name} must be an object, not {type_in_words(value)}"
    raise SettingsError(msg)


def _check_value(entry: Mapping[str, Any], name: str) -> None:
    for key in ("replication_key_value", "replication_key"):
        if not isinstance(entry.get(key), str | None):
            msg = f"{name}.{key} must be text, not {type_in_words(entry[key])}"
            raise SettingsError(msg)


class State:
    """All bookmarks of a tap.

    Args:
        value: The tap's state; changed in place.
        clock: Monotonic seconds.
    """

    def __init__(
        self, value: MutableMapping[str, Any], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.value = value
        self._clock = clock
        self._partitions: dict[str, dict[Partition, Entry]] = {}
        self._confirmed: set[tuple[str, Partition | None, str]] = set()
        self._moved = False
        self._records = 0
        self._written_at = clock()

    def entry(self, stream: str, partition: Mapping[str, Any] | None = None) -> Entry:
        """Return the entry of a stream or a partition; empty if there is none yet."""
        if partition is None:
            found: Entry = self.value.get("bookmarks", {}).get(stream, {})
            return found
        return self._index(stream).get(_key(partition), {})

    def bookmark(self, stream: str, partition: Mapping[str, Any] | None = None) -> str | None:
        """Return the value up to which a stream or partition is complete; None if there is none."""
        value = self.entry(stream, partition).get("replication_key_value")
        return None if value is None else str(value)

    def lookup(self, stream: str) -> Callable[[Mapping[str, Any]], str | None]:
        """Copy the present bookmarks of a stream's partitions, for any thread to read.

        Readers that find their partitions during the run copy them before it begins.
        """
        now = {
            key: str(entry["replication_key_value"])
            for key, entry in self._index(stream).items()
            if entry.get("replication_key_value") is not None
        }
        return lambda partition: now.get(_key(partition))

    def position(self, stream: str) -> str | None:
        """Return how far a whole stream is complete: its bookmark, or its partitions' earliest."""
        values = [
            str(entry["replication_key_value"])
            for entry in self._index(stream).values()
            if entry.get("replication_key_value") is not None
        ]
        return min(values) if values else self.bookmark(stream)

    def as_of(self, stream: str) -> str | None:
        """Return the time that a bookmark stands for which is none itself, if its reader knows."""
        found: str | None = self.entry(stream).get("as_of")
        return found

    def beyond(self, stream: str, moment: datetime) -> str | None:
        """Return a bookmark of the stream that is later than a time; None if there is none."""
        return next((value for value in self._times(stream) if _is_later(value, moment)), None)

    def _times(self, stream: str) -> Iterator[str]:
        for entry in (self.entry(stream), *self._index(stream).values()):
            for name in ("replication_key_value", "started"):
                if entry.get(name) is not None:
                    yield str(entry[name])

    def digests(self, stream: str) -> dict[tuple[Partition | None, str], str]:
        """Copy the digests of a stream's windows, by partition and by where a window begins."""
        entries = [(None, self.entry(stream)), *self._index(stream).items()]
        return {
            (partition, start): digest
            for partition, entry in entries
            for start, digest in _digests(entry).items()
            if isinstance(digest, str)
        }

    def forget_digests(self, stream: str) -> bool:
        """Take back the digests of a stream's windows that this run has not read yet.

        They have to go before anything of a changed window is written: after an interruption the
        window may hold what it held before, while the target has some of what it held meanwhile.

        They become null, because Meltano merges the state of a run that did not end into the one
        before, in which what is absent here is still there.

        Returns:
            Whether there were any.
        """
        found = False
        for partition, entry in [(None, self.entry(stream)), *self._index(stream).items()]:
            old = _digests(entry)
            kept = {
                start: digest if (stream, partition, start) in self._confirmed else None
                for start, digest in old.items()
            }
            if kept != old:
                entry[_DIGESTS] = kept
                found = True
        return found

    def move(self, bookmark: Bookmark, replication_key: str | None) -> None:
        """Move a bookmark, after its records were written; a time never moves back."""
        nothing_yet = self.bookmark(bookmark.stream, bookmark.partition) is None
        if bookmark.value is None and not bookmark.extra and nothing_yet:
            return  # a digest stands beside a bookmark, or not at all
        entry = self._entry_for_change(bookmark.stream, bookmark.partition)
        before = entry.get("replication_key_value")
        value = bookmark.value
        if bookmark.ordered and before is not None and value is not None:
            value = _later(str(before), value)
        after: Entry = dict(bookmark.extra)
        if value is not None:
            if replication_key is not None:
                after["replication_key"] = replication_key
            after["replication_key_value"] = value
        if any(entry.get(key) != changed for key, changed in after.items()):
            entry.update(after)
            self._moved = True
        if bookmark.digest is not None or value == bookmark.value:
            self._move_digest(entry, bookmark)  # not where a one-off run ends behind the bookmark

    def _move_digest(self, entry: Entry, bookmark: Bookmark) -> None:
        """Note a window's digest; without one, those of other windows may be wrong by now, too."""
        digest, before = bookmark.digest, entry.get(_DIGESTS)
        if digest is None:
            if none := dict.fromkeys(_digests(entry)):
                self._moved = self._moved or before != none
                entry[_DIGESTS] = none
            return
        after = {start: old for start, old in _digests(entry).items() if start >= digest.since}
        after[digest.start] = digest.value
        after = dict(sorted(after.items())[-MOST_DIGESTS:])
        partition = None if bookmark.partition is None else _key(bookmark.partition)
        self._confirmed.add((bookmark.stream, partition, digest.start))
        if after != before:
            entry[_DIGESTS] = after
            self._moved = True

    def count(self, records: int) -> None:
        """Note that records were written since the last STATE."""
        self._records += records

    @property
    def due(self) -> bool:
        """Whether a STATE message should be written now."""
        return self._moved and (
            self._records >= RECORDS_BETWEEN or self._clock() - self._written_at >= SECONDS_BETWEEN
        )

    def written(self) -> None:
        """Note that a STATE message was written."""
        self._moved = False
        self._records = 0
        self._written_at = self._clock()

    def _entry_for_change(self, stream: str, partition: Mapping[str, Any] | None) -> Entry:
        entry: Entry = self.value.setdefault("bookmarks", {}).setdefault(stream, {})
        if partition is None:
            return entry
        index = self._index(stream)
        key = _key(partition)
        if key not in index:
            index[key] = {"context": dict(partition)}
            entry.setdefault("partitions", []).append(index[key])
        return index[key]

    def _index(self, stream: str) -> dict[Partition, Entry]:
        if stream not in self._partitions:
            entry = self.value.get("bookmarks", {}).get(stream, {})
            self._partitions[stream] = {
                _key(partition["context"]): partition for partition in entry.get("partitions", [])
            }
        return self._partitions[stream]


def _key(partition: Mapping[str, Any]) -> Partition:
    return frozenset(partition.items())


def _digests(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The digests of an entry, null where they were taken back; none where something else is."""
    found = entry.get(_DIGESTS)
    return found if isinstance(found, dict) else {}


def _is_later(value: str, moment: datetime) -> bool:
    """Whether a bookmark is later than a time; False for cursors."""
    try:
        return "-" in value and parse_time(value) > moment
    except ValueError:
        return False


def _later(one: str, other: str) -> str:
    """Return the later of two times, whatever their formats; the second if one can't be parsed."""
    try:
        return one if parse_time(one) > parse_time(other) else other
    except ValueError:
        return other
