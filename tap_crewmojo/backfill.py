"""How the past of reports is cut: each report by its own windows.

Crewmojo gives no counts, so a window weighs as much as it has days. Shards run one after the other:
the vendor ends the older token when somebody asks for a new one. They bound what is lost when a
first load is interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_crewmojo.days import DAY, last_day, midnight
from tap_crewmojo.report import Report
from tap_kit.streams.backfill import Cell, Track
from tap_kit.streams.reader import Bookmark
from tap_kit.time.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_crewmojo.readers import CrewmojoContext
    from tap_kit.time.windows import Window


def tracks(tap: CrewmojoContext, streams: Sequence[Any], shards: int) -> Iterator[Track]:  # noqa: ARG001  # windows are the smallest parts anyway
    """The track of each report by date, in whole windows.

    Raises:
        StreamError: Discovery failed in this run: without columns, rows have no lasting id.
        CredentialsError: Crewmojo does not accept them.
    """
    items = {Report.of(item).stream: item for item in tap.config["reports"]}
    (reader, *_) = streams[0].reader(tap, streams[:1])
    reader.probe()
    for stream in streams:
        if stream.failure is not None:
            raise stream.failure
        period = stream.report.period(tap.period)
        assert period.start_date is not None  # noqa: S101  # reports by date need it
        end = midnight(last_day(period.settled(period.window)) + DAY)
        past = [*windows(midnight(period.start_date.date()), end, period.window)]
        if past:
            complete = min(end, midnight(tap.started_at.date())) - DAY
            yield Track(
                streams=[stream.name],
                cells=[Cell(one.start, one.end, _days(one)) for one in past],
                bookmarks=[Bookmark(stream.name, complete.date().isoformat())],
                only={"reports": [items[stream.name]]},
            )


def _days(window: Window) -> float:
    assert window.start is not None  # noqa: S101  # as above
    return (window.end - window.start) / DAY
