"""Which reports there are: XOi lists none; the setting ``workflow_job_source`` says where from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_xoi.job_part import JobPart
from tap_xoi.readers.windows import Intervals
from tap_xoi.report_refs.by_event import EventRefs
from tap_xoi.report_refs.by_job import DocumentedRefs, SummarisedRefs
from tap_xoi.report_refs.refs import ConfiguredRefs

if TYPE_CHECKING:
    from tap_kit.streams.context import TapContext
    from tap_kit.streams.stream import RecordStream
    from tap_xoi.client import Xoi
    from tap_xoi.report_refs.refs import RefSource


def source_of(tap: TapContext, stream: RecordStream, xoi: Xoi) -> RefSource:
    """Return the source of a stream's reports in this run.

    Args:
        tap: The tap, with its settings.
        stream: The stream, whose bookmark the source begins at.
        xoi: Sends the requests.
    """
    config = tap.config
    intervals = Intervals.of(tap, stream)
    name, workers = config["workflow_job_source"], config["concurrency"]
    if name == "config":
        return ConfiguredRefs(config["workflow_jobs"])
    if name == "documentation":
        every_step = config["include_all_steps"]
        return DocumentedRefs(xoi, intervals, include_all_steps=every_step, workers=workers)
    given = {"page_size": config["page_size"], "skip_missing": config["skip_missing"]}
    if name == "job_summary":
        return SummarisedRefs(xoi, intervals, workers=workers, **given)
    part = config.get("workflow_job_part")
    return EventRefs(
        xoi,
        intervals,
        resumed=stream.incremental and tap.bookmarks.bookmark(stream.name) is not None,
        part=JobPart.parse(part) if part else None,
        workers=workers,
        **given,
    )
