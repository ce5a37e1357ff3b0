"""Splits the intervals that are too long or too heavy for giosg.

No limit is documented (docs: taps/giosg/facts#intervals), so it is found by trying: after a 400
about the interval, or a 500 in every try, the two halves are requested, down to one hour.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_giosg.client import ABOUT_LENGTH
from tap_kit.errors import RetriesExhaustedError, StreamError, TransientError, VendorError
from tap_kit.tables import ROW_ID
from tap_kit.tables.pages import sized
from tap_kit.time.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_giosg.event_requests import EventRequests
    from tap_giosg.event_series import EventSeries
    from tap_kit.http.download import Download
    from tap_kit.stats import StreamStats
    from tap_kit.tables import Block, TableShape

_log = logging.getLogger(__name__)

_BAD_REQUEST = 400
_TOO_HEAVY = frozenset({500, 504})
_HOUR = timedelta(hours=1)


def split(window: Window, error: StreamError) -> tuple[Window, Window]:
    """Return the halves of a window that was refused with an error; they meet at a full hour.

    Raises:
        StreamError: The error itself, if it doesn't concern the interval's length, or the window
            is no longer than an hour.
    """
    assert window.start is not None  # noqa: S101  # giosg has no open interval
    length = window.end - window.start
    if length <= _HOUR or not is_about_length(error):
        raise error
    _log.info("asking for the halves of an interval: %s", error)
    middle = window.start + max(length / 2 // _HOUR, 1) * _HOUR
    return Window(window.start, middle), Window(middle, window.end)


def is_about_length(error: StreamError) -> bool:
    """Whether a shorter interval may help: a 400 about the interval, or a 500 in every try."""
    if isinstance(error, VendorError):
        return error.status == _BAD_REQUEST and ABOUT_LENGTH.search(error.detail) is not None
    cause = error.__cause__
    return (
        isinstance(error, RetriesExhaustedError)
        and isinstance(cause, TransientError)
        and cause.status in _TOO_HEAVY
    )


def sample(
    requests: EventRequests, series: EventSeries, window: Window, stats: StreamStats, *, limit: int
) -> list[Block]:
    """Request a few rows of a window, halved as often as giosg requires, the newer half first.

    Returns:
        Blocks; without rows (but perhaps with headings) where the whole window has none.
    """
    try:
        download = requests.download(series, window, stats, limit=limit)
    except StreamError as error:
        older, newer = split(window, error)
    else:
        if download is None:
            return []
        with download:
            return list(requests.blocks(download))
    found = sample(requests, series, newer, stats, limit=limit)
    if has_rows(found):
        return found
    return found + sample(requests, series, older, stats, limit=limit)


def has_rows(blocks: list[Block]) -> bool:
    """Whether a sample found any row."""
    return any(block.rows for block in blocks)


@dataclass(frozen=True, slots=True)
class SplitWindow:
    """All rows of a window, as if giosg had sent them in one response.

    Attributes:
        requests: Fetch its parts.
        shape: Tells rows apart.
        series: Whose.
        stats: Takes the counts.
    """

    requests: EventRequests
    shape: TableShape
    series: EventSeries
    stats: StreamStats

    def blocks(self, window: Window) -> Iterator[tuple[Block, int]]:
        """Yield blocks, each with its size in bytes of the response."""
        try:
            download = self._download(window)
        except StreamError as error:
            first, second = split(window, error)
        else:
            if download is not None:
                with download:
                    yield from sized(self.requests.blocks(download), download.file)
            return
        yield from self.blocks(first)
        yield from self._without_edge(second)

    def _without_edge(self, window: Window) -> Iterator[tuple[Block, int]]:
        """Yield the rows of a second half, without those on its first edge that came already.

        Whether giosg's intervals include their edges is unknown. An interval from the edge to
        itself shows it: if both edges are included, it has the rows on the edge, which both halves
        have; otherwise it is empty. If giosg refuses that request, no row is left out: a row that
        comes twice is better than one that is lost.
        """
        assert window.start is not None  # noqa: S101  # giosg has no open interval
        on_edge = self._ids_at(window.start)
        if not on_edge:
            yield from self.blocks(window)
            return
        decoder = self.shape.decoder((), {})
        for block, size in self.blocks(window):
            ids = (record[ROW_ID] for record in decoder.records(block))
            rows = [row for row, id_ in zip(block.rows, ids, strict=True) if id_ not in on_edge]
            yield replace(block, rows=rows), size

    def _download(self, window: Window) -> Download | None:
        return self.requests.download(self.series, window, self.stats, shape=self.shape)

    def _ids_at(self, edge: datetime) -> frozenset[str]:
        try:
            download = self._download(Window(edge, edge))
        except VendorError as error:
            _log.warning("rows at %s may come twice: %s", edge.isoformat(), error)
            return frozenset()
        if download is None:
            return frozenset()
        with download:
            records = self.shape.decoder((), {}).decode(self.requests.blocks(download))
            return frozenset(record[ROW_ID] for page in records for record in page)
