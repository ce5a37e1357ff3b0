"""The readers of the REST services: which endpoint serves which streams."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tap_flow import endpoints
from tap_flow.nesting import unnest
from tap_flow.readers import items
from tap_flow.readers.collection_files import CollectionRecordsReader
from tap_flow.readers.job_list import JobList, JobListReader, client_job_id, is_open, job_id
from tap_flow.readers.listing import ItemReader, ListReader
from tap_kit.streams.selection import projection
from tap_kit.streams.structs import row_type, rows_decoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_flow.client import FlowClient, Rows
    from tap_flow.endpoints import Endpoint
    from tap_flow.tap import TapFlow
    from tap_kit.stats import StreamStats
    from tap_kit.streams.reader import Reader, Record
    from tap_kit.streams.stream import RecordStream
    from tap_kit.streams.structs import RowsDecoder

    Shape = Callable[[list[Record]], dict[str, list[Record]]]
    Ids = Callable[[StreamStats], Iterator[str]]
    IdOf = Callable[[Record], str | None]
    Read = Callable[[FlowClient, str, StreamStats], Rows]


def rest_readers(
    tap: TapFlow, streams: Mapping[str, RecordStream], api: FlowClient
) -> Iterator[Reader]:
    """The readers of the selected streams, in the order of emission."""
    mine = tap.config["job_scope"] == "my"
    schedule = endpoints.MY_SCHEDULED_JOBS if mine else endpoints.SCHEDULED_JOBS
    jobs = JobList(api, tap.config)
    make = _Maker(tap, streams, api)
    yield from make.jobs()
    yield from make.items(
        "job_details", endpoints.JOB, *_job_ids(jobs, job_id, is_open), items.job_detail
    )
    yield from make.items(
        "job_snapshots",
        endpoints.JOB_SNAPSHOTS,
        *_job_ids(jobs, client_job_id),
        items.job_snapshots,
    )
    yield from make.items(
        "job_report_urls",
        endpoints.REPORT_URL,
        *_job_ids(jobs, client_job_id, lambda job: not is_open(job)),
        items.job_report_url,
    )
    yield from make.list("users", endpoints.USERS)
    users = _ids(api, endpoints.USERS, "userId")
    yield from make.items(
        "user_permissions", endpoints.USER_PERMISSIONS, users, users, items.user_permissions
    )
    groups = _ids(api, endpoints.GROUPS, "id")
    yield from make.items("groups", endpoints.GROUP, groups, groups, items.group)
    yield from make.list("workflows", endpoints.WORKFLOWS, _workflows, "workflow_versions")
    yield from make.list("scheduled_jobs", schedule, _scheduled_jobs, "scheduled_job_tasks")
    yield from make.list("triggers", endpoints.TRIGGERS)
    yield from make.list("report_templates", endpoints.REPORT_TEMPLATES)
    templates = _ids(api, endpoints.REPORT_TEMPLATES, "reportTemplateId")
    yield from make.items(
        "report_template_contents",
        endpoints.REPORT_TEMPLATE_CONTENT,
        templates,
        templates,
        items.report_template_content,
    )
    yield from make.list("team_settings", endpoints.TEAM_SETTINGS, _team_settings)
    yield from make.list("collections", endpoints.COLLECTIONS)
    yield from make.collection_records()


class _Maker:
    """Makes readers for those streams that are selected."""

    def __init__(self, tap: TapFlow, streams: Mapping[str, RecordStream], api: FlowClient) -> None:
        self._tap = tap
        self._streams = streams
        self._api = api

    def list(
        self, name: str, endpoint: Endpoint, shape: Shape | None = None, *others: str
    ) -> Iterator[Reader]:
        """One request for a stream, and for others whose rows lie in its rows."""
        streams = [self._streams[each] for each in (name, *others) if each in self._streams]
        if streams:
            yield ListReader(
                streams,
                self._tap.client,
                self._tap.stats_of(streams[0].name),
                read=partial(self._api.rows, endpoint),
                shape=shape or (lambda rows: {name: rows}),
            )

    def items(
        self, name: str, endpoint: Endpoint, ids: Ids, sample: Ids, read: Read
    ) -> Iterator[Reader]:
        """One request for each item."""
        if name in self._streams:
            yield ItemReader(
                [self._streams[name]],
                self._tap.client,
                self._tap.stats_of(name),
                endpoint=endpoint,
                items=ids,
                sample=sample,
                read=partial(read, self._api),
            )

    def jobs(self) -> Iterator[Reader]:
        """The list of jobs."""
        stream = self._streams.get("jobs")
        if stream is not None:
            jobs = JobList(self._api, self._tap.config, _decoder(stream))
            stats = self._tap.stats_of(stream.name)
            yield JobListReader([stream], self._tap.client, stats, jobs=jobs)

    def collection_records(self) -> Iterator[Reader]:
        """One file for each collection."""
        name = "collection_records"
        if name in self._streams:
            stats = self._tap.stats_of(name)
            streams = [self._streams[name]]
            yield CollectionRecordsReader(streams, self._tap.client, stats, api=self._api)


def _decoder(stream: RecordStream) -> RowsDecoder | None:
    """Straight into rows, if all of what comes is wanted."""
    kind = row_type(stream.schema) if projection(stream) is None else None
    return rows_decoder(kind) if kind else None


def _ids(api: FlowClient, endpoint: Endpoint, member: str) -> Ids:
    return lambda stats: _present(row.get(member) for row in api.rows(endpoint, stats).rows)


def _job_ids(
    jobs: JobList, of: IdOf, wanted: Callable[[Record], bool] = lambda _: True
) -> tuple[Ids, Ids]:
    """The ids of all jobs that are wanted, and that of any job."""

    def every(stats: StreamStats) -> Iterator[str]:
        for page in jobs.pages(stats):
            yield from _present(of(job) for job in page.rows if wanted(job))

    return every, lambda stats: _present(map(of, jobs.sample(stats)))


def _present(ids: Iterable[str | None]) -> Iterator[str]:
    return (found for found in ids if found)


def _workflows(rows: list[Record]) -> dict[str, list[Record]]:
    name = "workflow_versions"
    versions = unnest(name, rows, "versions", {"workflowId": "workflowId"})
    return {"workflows": rows, name: versions}


def _scheduled_jobs(rows: list[Record]) -> dict[str, list[Record]]:
    for row in rows:
        # The vendor's jobId is that of the scheduled job here, not of a job (guide 10.1).
        row["scheduledJobId"] = row.pop("jobId", None)
    name = "scheduled_job_tasks"
    tasks = unnest(name, rows, "tasks", {"scheduledJobId": "scheduledJobId"})
    return {"scheduled_jobs": rows, name: tasks}


def _team_settings(rows: list[Record]) -> dict[str, list[Record]]:
    return {"team_settings": [{**row, "settingsId": "team"} for row in rows]}
