"""dlt's declarative ``rest_api`` source into a database, by merge and incrementally."""

from __future__ import annotations

import json
import os
import resource
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source

Spec = dict[str, Any]
TABLE = "completed_jobs"


def configured(spec: Spec) -> None:
    """What dlt takes from the environment, as its page on performance has it."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    if workers := spec.get("workers"):
        # Files are cut, so that processes can normalize them side by side.
        os.environ["NORMALIZE__WORKERS"] = str(workers)
        os.environ["EXTRACT__DATA_WRITER__FILE_MAX_ITEMS"] = "10000"
        os.environ["NORMALIZE__DATA_WRITER__BUFFER_MAX_ITEMS"] = "20000"


def source(spec: Spec) -> Any:  # noqa: ANN401  # dlt's
    """Pages behind a cursor that the last record holds, from the last change that is known."""
    disposition: Any = "merge"
    if strategy := spec.get("strategy"):
        disposition = {"disposition": "merge", "strategy": strategy}
    jobs: Any = {
        "name": TABLE,
        "primary_key": "jobId",
        "write_disposition": disposition,
        "endpoint": {
            "path": spec["path"],
            "method": "POST",
            "json": {
                # Braces are dlt's own; doubled, they are themselves.
                "query": spec["query"].replace("{", "{{").replace("}", "}}"),
                "variables": {"since": "{incremental.start_value}"},
            },
            "incremental": {
                "cursor_path": "updated",
                "initial_value": spec["since"],
                # As our tap does: what came late is read again.
                "lag": 86400,
            },
            "data_selector": "data.jobs",
            "paginator": {
                "type": "cursor",
                "cursor_path": "data.jobs[-1:].completedJobCursor",
                "cursor_body_path": "variables.cursor",
            },
        },
    }
    if "nesting" in spec:
        jobs["max_table_nesting"] = spec["nesting"]
    return rest_api_source(
        {
            "client": {"base_url": spec["url"], "headers": spec["headers"]},
            "resources": [jobs],
        }
    )


def destination(spec: Spec) -> Any:  # noqa: ANN401  # dlt's
    """Where to load."""
    place = spec["warehouse"]
    if spec["destination"] == "duckdb":
        return dlt.destinations.duckdb(place["path"])
    address = f"{place['user']}:none@{place['host']}:{place['port']}/{place['database']}"
    return dlt.destinations.postgres(f"postgresql://{address}")


def spent() -> float:
    """CPU seconds of this process and its children."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    """Load, and say what each step took."""
    spec = json.loads(Path(sys.argv[-1]).read_text())
    configured(spec)
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=spec["folder"],
        destination=destination(spec),
        dataset_name=spec["dataset"],
    )
    data = source(spec)
    marks = [spent()]
    # As `pipeline.run` does.
    pipeline.extract(data, loader_file_format=spec.get("format"))
    marks.append(spent())
    pipeline.normalize()
    marks.append(spent())
    pipeline.load(raise_on_failed_jobs=True)
    marks.append(spent())
    extract, normalize, load = (after - before for before, after in pairwise(marks))
    print(json.dumps({"extraction": extract, "loading": normalize + load}))


if __name__ == "__main__":
    main()
