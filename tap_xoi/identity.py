"""``row_id`` of records to which XOi gives no id of their own."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from tap_kit.tables.identity import DIGEST_BYTES, EqualRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_kit.streams.reader import Record


def event_id(event: Record) -> str:
    """Return the id of an event, made of all its fields: equal events have the same id.

    ``workflowJobId`` is an alias of ``workflowId``, null equals "", and traits are a set.
    """
    content = [
        event.get("event"),
        event.get("firedAt"),
        event.get("jobId"),
        event.get("orgId"),
        sorted(event.get("traits") or ()),
        workflow_of(event),
    ]
    return _hash(content).hex()


def workflow_of(item: Record) -> str:
    """Return the workflow of an event or an item of documentation; "" for the whole job."""
    return item.get("workflowId") or item.get("workflowJobId") or ""


class DocumentationIdentity:
    """Makes the ids of the items of one window.

    A job is completed at one time, so all its items are in one window. Equal items are numbered in
    the order in which XOi sends them.
    """

    def __init__(self) -> None:
        """Begin a window."""
        self._equals = EqualRows()

    def row_ids(self, items: Sequence[Record]) -> list[str]:
        """Return the ids of the next items; the content of an item is no part of its id."""
        digests = [_hash(_place(item)) for item in items]
        ids = [digest.hex() for digest in digests]
        for position, number in self._equals.repeated(digests):
            ids[position] = _hash([ids[position], number]).hex()
        return ids


def _place(item: Record) -> list[object]:
    at = (item.get(name) for name in ("stepIndex", "stepName", "contentId"))
    return [item.get("jobId"), workflow_of(item), *at]


def _hash(content: list[object]) -> bytes:
    return blake2b(msgspec.json.encode(content), digest_size=DIGEST_BYTES).digest()
