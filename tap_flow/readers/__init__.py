"""The readers of the tap: which requests serve which streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow.readers.job_plan import job_readers
from tap_flow.readers.listing import ListReader
from tap_flow.readers.rest import rest_readers
from tap_kit.streams.graphql import selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_flow.client import FlowClient
    from tap_flow.tap import TapFlow
    from tap_kit.streams.reader import Reader
    from tap_kit.streams.stream import RecordStream


def all_readers(tap: TapFlow, streams: Mapping[str, RecordStream]) -> Iterator[Reader]:
    """The readers of the selected streams, in the order of emission."""
    api = tap.api
    yield from job_readers(tap, streams)
    yield from _query_users(tap, streams, api)
    yield from rest_readers(tap, streams, api)


def _query_users(
    tap: TapFlow, streams: Mapping[str, RecordStream], api: FlowClient
) -> Iterator[Reader]:
    stream = streams.get("query_users")
    if stream is None:
        return
    mask = stream.mask
    document = f"{{ users {{ {selection(stream.schema, mask.__getitem__)} }} }}"
    yield ListReader(
        [stream],
        tap.client,
        tap.stats_of(stream.name),
        read=lambda stats: api.query(document, "users", stats),
        shape=lambda rows: {stream.name: rows},
    )
