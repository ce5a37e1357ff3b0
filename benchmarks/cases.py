"""The four cases: what a vendor has, what our tap is told, what its peers are told.

The peers get a token ready to use, so that none of them needs an authenticator; our taps fetch
theirs. All ask for the same fields in pages of the same size and write all that comes. Where our
tap makes streams of their own out of nested rows (steps), the peers keep them nested, and jobs
are what is counted for all.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from tap_kit.streams.graphql import selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.remote import RemoteSandbox

Json = dict[str, Any]
BIN = Path(sys.executable).parent
PAGE = 100


@dataclass(frozen=True, slots=True)
class PreparedCase:
    """What a case makes of a running sandbox.

    Attributes:
        config: Settings of our tap.
        streams: Streams of our tap that are selected.
        counted: The stream whose records count.
        spec: What a peer is told; the arena adds what all cases have.
        headers: Makes headers with a token that is good.
        schema: Takes the schemas of our streams and makes that of the peers' one stream.
    """

    config: Json
    streams: tuple[str, ...]
    counted: str
    spec: Json
    headers: Callable[[], Json]
    schema: Callable[[Mapping[str, Json]], Json]


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison.

    Attributes:
        name: As in tables and on the command line.
        title: What it is.
        vendor: Whose tap it is.
        options: Options of the sandbox for about so many records.
        prepare: Makes the rest, given the sandbox, the number of records and the requests in
            flight.
        records: The two sizes of a run: nearly nothing, and enough to measure.
        independent: Whether requests don't depend on each other, so that they can overlap.
    """

    name: str
    title: str
    vendor: str
    options: Callable[[int], Json]
    prepare: Callable[[RemoteSandbox, int, int], PreparedCase]
    records: tuple[int, int]
    independent: bool

    @property
    def tap(self) -> str:
        """Our command."""
        return str(BIN / f"tap-{self.vendor}")


def catalog(vendor: str, streams: Sequence[str], config: Path) -> Json:
    """A tap's catalog with these streams alone, selected."""
    tap = str(BIN / f"tap-{vendor}")
    found = subprocess.run(
        [tap, "--config", str(config), "--discover"], check=True, capture_output=True
    )
    chosen: Json = json.loads(found.stdout)
    chosen["streams"] = [
        stream for stream in chosen["streams"] if stream["tap_stream_id"] in streams
    ]
    for stream in chosen["streams"]:
        root = next(entry for entry in stream["metadata"] if not entry["breadcrumb"])["metadata"]
        root["selected"] = True
    return chosen


def token(url: str, config: Json) -> Json:
    """Headers with a token that is good."""
    answer = requests.post(
        url,
        data={
            "grant_type": "client_credentials",
            "client_id": config["client_id"],
            "client_secret": config["client_secret"],
        },
        timeout=60,
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _flow_options(records: int) -> Json:
    # Seven weeks after its epoch nothing that the sandbox's future holds is still to come.
    return {
        "scale": max(records / _JOBS_AT_SCALE_1, 0.01),
        "epoch": "2026-01-01T00:00:00Z",
        "now": _FLOW_NOW,
    }


_FLOW_START = "2025-10-01T00:00:00Z"
"""Before all jobs but five, which are of the years before."""
_FLOW_NOW = "2026-02-20T00:00:00Z"
_JOBS_AT_SCALE_1 = 336


def _nested(sandbox: RemoteSandbox, records: int, concurrency: int) -> PreparedCase:  # noqa: ARG001  # prepare()
    from tap_flow.streams.completed_jobs import CompletedJobs, JobSteps  # noqa: PLC0415

    config = sandbox.settings("flow")
    fields = selection(CompletedJobs.schema, lambda _: True)
    steps = selection(JobSteps.schema, lambda crumb: crumb[1] != "jobId")
    query = (
        f'query ($cursor: String) {{ jobs(limit: {PAGE}, order: "asc", cursor: $cursor, '
        f'updatedSince: "{_FLOW_START}") {{ {fields} steps {{ {steps} }} }} }}'
    )

    def schema(ours: Mapping[str, Json]) -> Json:
        jobs, steps = dict(ours["completed_jobs"]), dict(ours["job_steps"])
        inner = {name: kind for name, kind in steps["properties"].items() if name != "jobId"}
        nested = {"type": ["array", "null"], "items": {"type": "object", "properties": inner}}
        return {**jobs, "properties": {**jobs["properties"], "steps": nested}}

    return PreparedCase(
        {
            **config,
            "concurrency": concurrency,
            "start_date": _FLOW_START,
            "end_date": _FLOW_NOW,
            "window": "week",
        },
        ("completed_jobs", "job_steps"),
        "completed_jobs",
        {
            "url": config["gateway_url"],
            "path": "/query/v2/graph",
            "query": query,
            "keys": ["jobId"],
        },
        lambda: token(f"{config['accounts_url']}/connect/token", config),
        schema,
    )


def _same(stream: str) -> Callable[[Mapping[str, Json]], Json]:
    return lambda ours: ours[stream]


def _flat(sandbox: RemoteSandbox, records: int, concurrency: int) -> PreparedCase:  # noqa: ARG001  # prepare()
    config = sandbox.settings("flow")
    return PreparedCase(
        {**config, "concurrency": concurrency, "jobs_page_size": PAGE},
        ("jobs",),
        "jobs",
        {
            "url": config["gateway_url"],
            "path": "/jobs/v1/",
            "keys": ["jobId"],
        },
        lambda: token(f"{config['accounts_url']}/connect/token", config),
        _same("jobs"),
    )


def _xoi_options(records: int) -> Json:
    return {"scale": max(records / 350, 0.1)}


def _objects(sandbox: RemoteSandbox, records: int, concurrency: int) -> PreparedCase:
    config = sandbox.settings("xoi")
    pairs = [
        {"job_id": report["jobId"], "workflow_job_id": report["workflowJobId"]}
        for report in sandbox.truth("xoi", "workflow_job_reports")
    ][:records]

    def headers() -> Json:
        credentials = {name: config[name] for name in ("api_key", "api_secret")}
        answer = requests.post(config["token_url"], json=credentials, timeout=60)
        return {"Authorization": answer.json()["token"]}

    return PreparedCase(
        {
            **config,
            "concurrency": concurrency,
            "workflow_job_source": "config",
            "workflow_jobs": pairs,
        },
        ("workflow_job_reports",),
        "workflow_job_reports",
        {
            "url": config["reporting_url"],
            "path": "/job/{job_id}/workflow-job/{workflow_job_id}",
            "pairs": pairs,
            "keys": ["jobId", "workflowJobId"],
        },
        headers,
        _same("workflow_job_reports"),
    )


def _table(sandbox: RemoteSandbox, records: int, concurrency: int) -> PreparedCase:
    config = sandbox.settings("crewmojo")
    report = f"bench.rows.{records}"

    def schema(ours: Mapping[str, Json]) -> Json:
        (whole,) = ours.values()
        own = {"report", "start_date", "end_date", "row_id", "extra_columns"}
        kept = {name: kind for name, kind in whole["properties"].items() if name not in own}
        return {"type": "object", "properties": kept}

    name = report.replace(".", "_")
    return PreparedCase(
        {
            **config,
            "concurrency": concurrency,
            "reports": [{"report": report, "date_range": False, "format": "csv"}],
        },
        (name,),
        name,
        {
            "url": config["api_url"],
            "path": f"/integrations/download/{report}",
            "keys": ["rowNumber"],
        },
        lambda: token(f"{config['api_url']}/oauth/token", config),
        schema,
    )


CASES = (
    Case(
        "nested",
        "nested GraphQL pages (Flow, 100 jobs with their steps a page)",
        "flow",
        _flow_options,
        _nested,
        (200, 20_000),
        independent=True,
    ),
    Case(
        "flat",
        "flat REST pages (Flow, 100 jobs a page)",
        "flow",
        _flow_options,
        _flat,
        (200, 20_000),
        independent=False,
    ),
    Case(
        "objects",
        "one object per request (XOi, reports)",
        "xoi",
        _xoi_options,
        _objects,
        (50, 1_000),
        independent=True,
    ),
    Case(
        "csv",
        "CSV of 12 columns in one answer (Crewmojo)",
        "crewmojo",
        lambda _: {},
        _table,
        (500, 50_000),
        independent=False,
    ),
)
