"""A low-code source of airbyte-cdk's, read with its concurrent engine."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from airbyte_cdk.entrypoint import launch
from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
    ConcurrentDeclarativeSource,
)

Spec = dict[str, Any]
PAGE = 100
STREAM = "records"


def requester(spec: Spec, **more: object) -> dict[str, Any]:
    """How requests are made."""
    return {
        "type": "HttpRequester",
        "url_base": spec["url"],
        "path": spec["path"],
        "http_method": "GET",
        "request_headers": spec["headers"],
        **more,
    }


def selector(*path: str) -> dict[str, Any]:
    """Where the records are."""
    return {
        "type": "RecordSelector",
        "extractor": {"type": "DpathExtractor", "field_path": list(path)},
    }


def nested(spec: Spec) -> dict[str, Any]:
    """Pages behind a cursor that the last record holds."""
    return {
        "type": "SimpleRetriever",
        "requester": requester(
            spec,
            http_method="POST",
            request_body_json={"query": spec["query"].replace("\n", " ")},
        ),
        "record_selector": selector("data", "jobs"),
        "paginator": {
            "type": "DefaultPaginator",
            "page_token_option": {
                "type": "RequestOption",
                "inject_into": "body_json",
                "field_path": ["variables", "cursor"],
            },
            "pagination_strategy": {
                "type": "CursorPagination",
                "cursor_value": "{{ last_record['completedJobCursor'] }}",
                "stop_condition": "{{ last_page_size == 0 }}",
            },
        },
    }


def flat(spec: Spec) -> dict[str, Any]:
    """Pages by skip and limit."""
    return {
        "type": "SimpleRetriever",
        "requester": requester(spec),
        "record_selector": selector(),
        "paginator": {
            "type": "DefaultPaginator",
            "page_size_option": {
                "type": "RequestOption",
                "inject_into": "request_parameter",
                "field_name": "limit",
            },
            "page_token_option": {
                "type": "RequestOption",
                "inject_into": "request_parameter",
                "field_name": "skip",
            },
            "pagination_strategy": {"type": "OffsetIncrement", "page_size": PAGE},
        },
    }


def objects(spec: Spec) -> dict[str, Any]:
    """One request for each of a list of partitions."""
    ends = [spec["path"].format(**pair) for pair in spec["pairs"]]
    return {
        "type": "SimpleRetriever",
        "requester": requester(spec, path="{{ stream_partition.path }}"),
        "record_selector": selector(),
        "partition_router": {
            "type": "ListPartitionRouter",
            "values": ends,
            "cursor_field": "path",
        },
    }


def table(spec: Spec) -> dict[str, Any]:
    """A CSV file."""
    return {
        "type": "SimpleRetriever",
        "requester": requester(spec, http_method="POST", request_body_json={"contentType": "csv"}),
        "decoder": {"type": "CsvDecoder", "encoding": "utf-8"},
        "record_selector": selector(),
    }


def manifest(spec: Spec) -> dict[str, Any]:
    """The whole source."""
    made = {"nested": nested, "flat": flat, "objects": objects, "csv": table}
    return {
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": [STREAM]},
        "concurrency_level": {
            "type": "ConcurrencyLevel",
            "default_concurrency": spec["concurrency"],
            "max_concurrency": spec["concurrency"],
        },
        "streams": [
            {
                "type": "DeclarativeStream",
                "name": STREAM,
                "primary_key": spec["keys"],
                "retriever": made[spec["case"]](spec),
                "schema_loader": {"type": "InlineSchemaLoader", "schema": spec["schema"]},
            }
        ],
        "spec": {"type": "Spec", "connection_specification": {"type": "object"}},
    }


def main() -> None:
    """Read the one stream, as a platform would."""
    spec = json.loads(Path(sys.argv[-1]).read_text())
    catalog = {
        "streams": [
            {
                "stream": {
                    "name": STREAM,
                    "json_schema": spec["schema"],
                    "supported_sync_modes": ["full_refresh"],
                },
                "sync_mode": "full_refresh",
                "destination_sync_mode": "overwrite",
            }
        ]
    }
    with tempfile.TemporaryDirectory() as folder:
        files = {"config": {}, "catalog": catalog}
        paths = {name: Path(folder) / f"{name}.json" for name in files}
        for name, content in files.items():
            paths[name].write_text(json.dumps(content))
        source = ConcurrentDeclarativeSource(
            catalog=None, config={}, state=None, source_config=manifest(spec)
        )
        arguments = ["--config", str(paths["config"]), "--catalog", str(paths["catalog"])]
        launch(source, ["read", *arguments])


if __name__ == "__main__":
    main()
