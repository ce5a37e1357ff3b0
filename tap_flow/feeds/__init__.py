"""The feeds of the tap: which requests serve which streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_flow.client import Api
from tap_flow.feeds.grouping import job_feeds
from tap_flow.feeds.listing import ListFeed
from tap_flow.feeds.rest import rest_feeds
from tap_kit.graphql import selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_flow.tap import TapFlow
    from tap_kit.feed import Feed
    from tap_kit.stream import RecordStream


def all_feeds(tap: TapFlow, streams: Mapping[str, RecordStream]) -> Iterator[Feed]:
    """The feeds of the selected streams, in the order of emission."""
    api = Api(tap.client, tap.config)
    yield from job_feeds(tap, streams, api)
    yield from _query_users(tap, streams, api)
    yield from rest_feeds(tap, streams, api)


def _query_users(tap: TapFlow, streams: Mapping[str, RecordStream], api: Api) -> Iterator[Feed]:
    stream = streams.get("query_users")
    if stream is None:
        return
    mask = stream.mask
    document = f"{{ users {{ {selection(stream.schema, mask.__getitem__)} }} }}"
    yield ListFeed(
        [stream],
        tap.client,
        tap.stats_of(stream.name),
        read=lambda stats: api.query(document, "users", stats),
        shape=lambda rows: {stream.name: rows},
    )
