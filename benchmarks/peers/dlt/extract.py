"""dlt's declarative ``rest_api`` source, extracted to its normal files; nothing is loaded."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.sources.helpers import requests
from dlt.sources.rest_api import rest_api_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

Spec = dict[str, Any]
PAGE = 100
TABLE = "records"


def nested(spec: Spec, *, parallelized: bool) -> dict[str, Any]:
    """Pages behind a cursor that the last record holds."""
    return {
        "name": TABLE,
        "parallelized": parallelized,
        "endpoint": {
            "path": spec["path"],
            "method": "POST",
            # Braces are dlt's own; doubled, they are themselves.
            "json": {
                "query": spec["query"].replace("{", "{{").replace("}", "}}"),
                "variables": {},
            },
            "data_selector": "data.jobs",
            "paginator": {
                "type": "cursor",
                "cursor_path": "data.jobs[-1:].completedJobCursor",
                "cursor_body_path": "variables.cursor",
            },
        },
    }


def flat(spec: Spec, *, parallelized: bool) -> dict[str, Any]:
    """Pages by skip and limit."""
    return {
        "name": TABLE,
        "parallelized": parallelized,
        "endpoint": {
            "path": spec["path"],
            "paginator": {
                "type": "offset",
                "limit": PAGE,
                "offset_param": "skip",
                "limit_param": "limit",
                "total_path": None,
                "stop_after_empty_page": True,
            },
        },
    }


def objects(spec: Spec, *, parallelized: bool) -> list[Any]:
    """A resource of pairs, and one request for each of them."""

    @dlt.resource(name="pairs", selected=False)
    def pairs() -> Iterator[Any]:
        yield spec["pairs"]

    path = spec["path"]
    for name in ("job_id", "workflow_job_id"):
        path = path.replace(f"{{{name}}}", f"{{resources.pairs.{name}}}")
    return [
        pairs(),
        {
            "name": TABLE,
            "parallelized": parallelized,
            "endpoint": {"path": path, "paginator": "single_page", "data_selector": "$"},
        },
    ]


@dlt.resource(name=TABLE)
def table(spec: Spec) -> Iterator[Any]:
    """A CSV file, which the declarative source doesn't read; pages of rows, as dlt advises."""
    response = requests.post(
        spec["url"] + spec["path"], json={"contentType": "csv"}, headers=spec["headers"]
    )
    response.encoding = response.encoding or "utf-8"
    rows = []
    for row in csv.DictReader(io.StringIO(response.text, newline="")):
        rows.append(row)
        if len(rows) == 1000:  # noqa: PLR2004  # rows of a page
            yield rows
            rows = []
    if rows:
        yield rows


def main() -> None:
    """Extract, and say how many rows there were."""
    spec = json.loads(Path(sys.argv[-1]).read_text())
    parallelized = "--parallelized" in sys.argv
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["EXTRACT__WORKERS"] = str(spec["concurrency"])
    os.environ["EXTRACT__MAX_PARALLEL_ITEMS"] = str(4 * spec["concurrency"])
    if spec["case"] == "csv":
        chosen: Any = table(spec)
        data: Any = chosen.parallelize() if parallelized else chosen
    else:
        made = {"nested": nested, "flat": flat, "objects": objects}[spec["case"]]
        resources = made(spec, parallelized=parallelized)
        data = rest_api_resources(
            {
                "client": {"base_url": spec["url"], "headers": spec["headers"]},
                "resources": resources if isinstance(resources, list) else [resources],
            }
        )
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "benchmark", pipelines_dir=folder, destination="duckdb", dataset_name="benchmark"
        )
        extracted = pipeline.extract(data)
        rows = sum(
            step["table_metrics"][TABLE].items_count
            for steps in extracted.metrics.values()
            for step in steps
            if TABLE in step["table_metrics"]
        )
        print(f"EXTRACTED {rows}")


if __name__ == "__main__":
    main()
