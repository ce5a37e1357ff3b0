"""A tap without a vendor: its readers give what a test puts in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_kit.inputs.settings import common_settings, settings_schema
from tap_kit.streams.reader import Page, Reader, Record, WindowSlice
from tap_kit.streams.schema import OpenObject, record_schema
from tap_kit.streams.stream import RecordStream
from tap_kit.tap import KitTap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_kit.http.auth import Auth


class GivenReader(Reader):
    """Gives the pages of the test that the tap was made for."""

    given: list[list[Any]]

    def slices(self) -> Iterator[Iterator[Page]]:
        for pages in self.given:
            yield pages if isinstance(pages, WindowSlice) else self._pages(pages)

    def _pages(self, pages: list[Any]) -> Iterator[Page]:
        for page in pages:
            if isinstance(page, Exception):
                raise page
            yield page


class Given:
    """Reads what the test gives under a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, tap: ExampleTap, streams: Sequence[RecordStream]) -> Iterator[Reader]:
        reader = GivenReader(streams, tap.client, tap.stats_of(self._name))
        reader.given = tap.given.get(self._name, [])
        yield reader


class Things(RecordStream):
    name = "things"
    reader = Given("things")
    primary_keys = ("id",)
    replication_key = "changed"
    signed_links = ("link", "files.*.link")
    secret_fields = ("secret", "options.*")
    schema = record_schema(
        th.Property("id", th.StringType, required=True),
        th.Property("changed", th.StringType),
        th.Property("count", th.IntegerType),
        th.Property("ratio", th.NumberType),
        th.Property("done", th.BooleanType),
        th.Property("link", th.StringType),
        th.Property("secret", th.StringType),
        th.Property("options", OpenObject),
        th.Property(
            "place",
            th.ObjectType(th.Property("city", th.StringType), th.Property("zip", th.StringType)),
        ),
        th.Property("files", th.ArrayType(th.ObjectType(th.Property("link", th.StringType)))),
    )


class Parts(RecordStream):
    name = "parts"
    read_with = Things
    primary_keys = ("id", "number")
    follows_parent = True
    schema = record_schema(
        th.Property("id", th.StringType, required=True),
        th.Property("number", th.IntegerType, required=True),
    )


class Lists(RecordStream):
    name = "lists"
    reader = Given("lists")
    primary_keys = ("id",)
    schema = record_schema(th.Property("id", th.StringType, required=True))


class ExampleTap(KitTap):
    """Example."""

    name = "tap-example"
    config_jsonschema: ClassVar[dict[str, Any]] = settings_schema(
        th.Property("token", th.StringType, required=True, secret=True, description="A token."),
        th.Property("api_url", th.StringType, default="https://example.com"),
        *common_settings(window="month", lookback_days=1),
    )
    stream_types: ClassVar[Sequence[type[RecordStream]]] = (Things, Parts, Lists)
    given: ClassVar[dict[str, list[list[Any]]]] = {}
    """Pages by the name of a reader's first stream, in slices."""

    def auth(self) -> Auth | None:
        return None


CONFIG: dict[str, Any] = {"token": "s3cret-token-value"}


def things(count: int, start: int = 0) -> list[Record]:
    return [{"id": f"t{number}", "count": number} for number in range(start, start + count)]
