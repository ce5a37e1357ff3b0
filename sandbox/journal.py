"""What was asked of the sandbox: one entry for each request, in the order of their beginnings."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.web import Request, Route, Vendor

BODY_LIMIT = 2048
KEPT = 20_000


@dataclass(slots=True)
class Entry:
    """One request. Control requests (``/_sandbox/...``) are none."""

    vendor: str | None
    """None where the path is no vendor's."""
    route: str | None
    """The route's name; None for an unknown path (404) and a wrong verb (405)."""
    method: str
    path: str
    """Below the vendor's prefix, as it was sent (percent-encoded)."""
    query: str
    headers: Mapping[str, str]
    """Header names in lower case."""
    body: str
    """The first 2 048 bytes."""
    in_flight: int
    """Requests under way when this one began, with itself."""
    started: float
    """Seconds of :func:`time.monotonic`."""
    ended: float | None = None
    """None while it is under way."""
    status: int | None = None
    """None where no answer was sent."""
    fault: str | None = None
    """The kind of the fault that was played, several joined by ``+``."""
    write: bool = False
    """The route would change data at the vendor."""


@dataclass
class Journal:
    """The newest 20 000 entries, and counts over all of them."""

    enabled: bool = True
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    total: int = 0
    """Requests since the beginning or the last :meth:`clear`, with those no longer kept."""
    max_in_flight: int = 0
    """The most requests that were under way at once."""
    in_flight: int = 0

    @contextmanager
    def entry(
        self, vendor: Vendor | None, route: Route | None, request: Request
    ) -> Iterator[Entry]:
        """Keep an entry for a request while it is under way, and after."""
        self.in_flight += 1
        self.total += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        entry = Entry(
            vendor=vendor.name if vendor is not None else None,
            route=route.name if route is not None else None,
            method=request.method,
            path=request.path,
            query=request.query_string,
            headers=request.headers,
            body=request.body[:BODY_LIMIT].decode(errors="replace"),
            in_flight=self.in_flight,
            started=time.monotonic(),
            write=route is not None and route.writes,
        )
        if self.enabled:
            self.entries.append(entry)
        try:
            yield entry
        finally:
            self.in_flight -= 1
            entry.ended = time.monotonic()

    def clear(self) -> None:
        """Forget all entries and start the counts again."""
        self.entries.clear()
        self.total = 0
        self.max_in_flight = self.in_flight

    def for_route(self, vendor: str, route: str) -> list[Entry]:
        """The requests of one route."""
        return [entry for entry in self if (entry.vendor, entry.route) == (vendor, route)]

    def writes(self) -> list[Entry]:
        """The requests that would have changed data at a vendor."""
        return [entry for entry in self if entry.write]

    def __iter__(self) -> Iterator[Entry]:
        """The entries that are kept, oldest first."""
        return iter(tuple(self.entries))

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self.entries)

    def __getitem__(self, index: int) -> Entry:
        """One of the entries that are kept; -1 is the newest."""
        return self.entries[index]
