"""A plain singer-sdk tap, as the SDK's cookiecutter lays it out and its guides describe."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from singer_sdk import GraphQLStream, RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseOffsetPaginator, JSONPathPaginator, SinglePagePaginator

if TYPE_CHECKING:
    from collections.abc import Iterable

    import requests


class VendorStream(RESTStream):
    """What all streams share."""

    name = "records"

    @property
    def url_base(self) -> str:
        return self.config["url"]

    @property
    def path(self) -> str:
        return self.config["path"]

    @property
    def schema(self) -> dict[str, Any]:
        return self.config["schema"]

    @property
    def primary_keys(self) -> list[str]:
        return self.config["keys"]

    @property
    def http_headers(self) -> dict[str, Any]:
        return {**super().http_headers, **self.config["headers"]}


class NestedStream(VendorStream, GraphQLStream):
    """Pages behind a cursor that the last record holds."""

    records_jsonpath = "$.data.jobs[*]"

    @property
    def query(self) -> str:
        return self.config["query"]

    def get_new_paginator(self) -> JSONPathPaginator:
        return JSONPathPaginator("$.data.jobs[-1:].completedJobCursor")

    def get_url_params(self, context, next_page_token) -> dict[str, Any]:  # noqa: ANN001, ARG002
        # GraphQLStream sends these as the query's variables.
        return {"cursor": next_page_token} if next_page_token else {}


class SkipPaginator(BaseOffsetPaginator):
    """Pages until an empty one."""

    def has_more(self, response: requests.Response) -> bool:
        return bool(response.json())


class FlatStream(VendorStream):
    """Pages by skip and limit."""

    def get_new_paginator(self) -> SkipPaginator:
        return SkipPaginator(start_value=0, page_size=100)

    def get_url_params(self, context, next_page_token) -> dict[str, Any]:  # noqa: ANN001, ARG002
        return {"skip": next_page_token or 0, "limit": 100}


class ObjectsStream(VendorStream):
    """One request for each partition."""

    records_jsonpath = "$"
    state_partitioning_keys = ()

    @property
    def partitions(self) -> list[dict[str, Any]]:
        return self.config["pairs"]

    def get_new_paginator(self) -> SinglePagePaginator:
        return SinglePagePaginator()


class TableStream(VendorStream):
    """A CSV file."""

    http_method = "POST"

    def prepare_request_payload(self, context, next_page_token) -> dict[str, Any]:  # noqa: ANN001, ARG002
        return {"contentType": "csv"}

    def get_new_paginator(self) -> SinglePagePaginator:
        return SinglePagePaginator()

    def parse_response(self, response: requests.Response) -> Iterable[dict[str, Any]]:
        response.encoding = response.encoding or "utf-8"
        # Not iter_lines(), which would cut cells of several lines.
        yield from csv.DictReader(io.StringIO(response.text, newline=""))


STREAMS = {
    "nested": NestedStream,
    "flat": FlatStream,
    "objects": ObjectsStream,
    "csv": TableStream,
}


class TapPlain(Tap):
    """The tap."""

    name = "tap-plain"
    config_jsonschema = th.PropertiesList(
        th.Property("case", th.StringType, required=True),
        th.Property("url", th.StringType, required=True),
        th.Property("path", th.StringType, required=True),
        th.Property("headers", th.ObjectType(additional_properties=True), required=True),
        th.Property("schema", th.ObjectType(additional_properties=True), required=True),
        th.Property("keys", th.ArrayType(th.StringType), required=True),
        th.Property("query", th.StringType),
        th.Property("pairs", th.ArrayType(th.ObjectType(additional_properties=True))),
    ).to_dict()

    def discover_streams(self) -> list[VendorStream]:
        return [STREAMS[self.config["case"]](self)]


if __name__ == "__main__":
    TapPlain.cli()
