"""Schema drift: fields that the vendor has added since discovery are kept, and reported once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_kit.streams.schema import EXTRA_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_kit.stats import StreamStats

_log = logging.getLogger(__name__)


def note_drift(stats: StreamStats, fields: Iterable[str]) -> None:
    """Warn of each field that the catalog does not know, once in a run; from any thread."""
    for name in sorted(fields):
        if stats.note_drifted(name):
            _log.warning(
                "stream %s: the vendor sends a field that the catalog does not know: %s; its "
                "values go to %s. Run discovery again to make it a column of its own.",
                stats.stream,
                name,
                EXTRA_COLUMNS,
            )
