"""PyAirbyte: a low-code source of airbyte-cdk's, read incrementally into a cache by its merge."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

os.environ["AIRBYTE_OFFLINE_MODE"] = "1"  # it is read when the package is imported
os.environ["DO_NOT_TRACK"] = "1"

import airbyte as ab
from airbyte.caches import DuckDBCache, PostgresCache

Spec = dict[str, Any]
STREAM = "completed_jobs"
_MOMENT = "%Y-%m-%dT%H:%M:%S.%_msZ"


def manifest(spec: Spec) -> dict[str, Any]:
    """Pages behind a cursor that the last record holds, from the last change that is known."""
    retriever = {
        "type": "SimpleRetriever",
        "requester": {
            "type": "HttpRequester",
            "url_base": spec["url"],
            "path": spec["path"],
            "http_method": "POST",
            "request_headers": spec["headers"],
            "request_body_json": {
                "query": spec["query"],
                "variables": {"since": "{{ stream_interval['start_time'] }}"},
            },
        },
        "record_selector": {
            "type": "RecordSelector",
            "extractor": {"type": "DpathExtractor", "field_path": ["data", "jobs"]},
        },
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
    return {
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": [STREAM]},
        "streams": [
            {
                "type": "DeclarativeStream",
                "name": STREAM,
                "primary_key": ["jobId"],
                "retriever": retriever,
                "incremental_sync": {
                    "type": "DatetimeBasedCursor",
                    "cursor_field": "updated",
                    "start_datetime": {"type": "MinMaxDatetime", "datetime": spec["since"]},
                    "datetime_format": _MOMENT,
                    "cursor_datetime_formats": [_MOMENT, "%Y-%m-%dT%H:%M:%SZ"],
                    # As our tap does: what came late is read again.
                    "lookback_window": "P1D",
                },
                "schema_loader": {"type": "InlineSchemaLoader", "schema": spec["schema"]},
            }
        ],
        "spec": {"type": "Spec", "connection_specification": {"type": "object"}},
    }


def cache(spec: Spec) -> Any:  # noqa: ANN401  # either
    """Where to load."""
    place = spec["warehouse"]
    if spec["destination"] == "duckdb":
        return DuckDBCache(db_path=place["path"], schema_name=spec["dataset"])
    names = {"user": "username"}
    own = {names.get(name, name): value for name, value in place.items()}
    return PostgresCache(**own, schema_name=spec["dataset"])


def main() -> None:
    """Load."""
    spec = json.loads(Path(sys.argv[-1]).read_text())
    # With `source_manifest` it runs in the same process, but begins anew each time: it is given no
    # state (0.71.3).
    source = ab.get_source(
        "source-bench",
        config={"__injected_declarative_manifest": manifest(spec)},
        local_executable=Path(sys.executable).with_name("source-declarative-manifest"),
    )
    source.select_streams([STREAM])
    source.read(cache=cache(spec), write_strategy="merge")
    # The source is a process of its own.
    own, source_took = (
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    print(json.dumps({"extraction": source_took, "loading": own}))


if __name__ == "__main__":
    main()
