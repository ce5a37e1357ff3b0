"""What a complete run must bring, by stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, build_schema, get_named_type

from sandbox.flow.catalogue import INDEX_MASK
from sandbox.flow.formats import UNSET, milliseconds, with_links
from sandbox.flow.graph import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.flow.team import Team
    from sandbox.world import World

Body = dict[str, Any]


def _leaves() -> dict[str, tuple[str, ...]]:
    """The fields of each GraphQL type that are no stream of their own."""
    schema = build_schema(SCHEMA.replace("DateTime", "String"))
    streams = {"Step", "Substep", "Attachment", "Thumbnail", "Report"}
    return {
        name: tuple(
            field
            for field, definition in kind.fields.items()
            if get_named_type(definition.type).name not in streams
        )
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType)
    }


LEAVES = _leaves()
LISTS = ("steps", "attachments", "reports")


class Truth:
    """Reads the team's data, not its endpoints."""

    def __init__(self, world: World, team: Team) -> None:
        """Take the data."""
        self._world = world
        self._team = team
        self.base_url = ""
        """Where the server is, for links."""
        self._streams: dict[str, Callable[[], Iterable[Body]]] = {
            "completed_jobs": lambda: (_picked("Job", job) for job in self._jobs()),
            "job_steps": lambda: self._below_jobs("Step", _steps),
            "job_substeps": lambda: self._below_jobs("Substep", _substeps),
            "job_attachments": lambda: self._below_jobs("Attachment", _attachments),
            "job_attachment_thumbnails": lambda: self._below_jobs("Thumbnail", _thumbnails),
            "job_reports": lambda: self._below_jobs("Report", _reports),
            "query_users": self._query_users,
            "jobs": lambda: map(_with_modified, team.rest_jobs.all()),
            "job_details": self._job_details,
            "job_snapshots": self._job_snapshots,
            "job_report_urls": self._job_report_urls,
            "users": lambda: team.directory.users.current().values(),
            "user_permissions": self._user_permissions,
            "groups": lambda: team.directory.groups.current().values(),
            "workflows": self._workflows,
            "workflow_versions": self._workflow_versions,
            "scheduled_jobs": self._scheduled_jobs,
            "scheduled_job_tasks": self._scheduled_job_tasks,
            "triggers": self._triggers,
            "report_templates": lambda: team.templates.rows.current().values(),
            "report_template_contents": lambda: team.templates.contents.current().values(),
            "team_settings": lambda: [team.settings() | {"settingsId": "team"}],
            "collections": team.collections.served,
            "collection_records": self._collection_records,
        }

    def rows(self, stream: str) -> Iterator[Body]:
        """The rows of a stream now; links without their query, dates not set as null."""
        for row in self._streams[stream]():
            yield _unset_as_null(with_links(row, lambda path: f"{self.base_url}/blob/{path}"))

    def _jobs(self) -> Iterator[Body]:
        now = milliseconds(self._world.clock.now())
        jobs = self._team.jobs
        state = jobs.catalogue.at(now)
        for key in state.order:
            yield jobs.render(key & INDEX_MASK, state, now, LISTS)

    def _below_jobs(
        self, kind: str, children: Callable[[Body], Iterable[tuple[Body, Body]]]
    ) -> Iterator[Body]:
        for job in self._jobs():
            for keys, child in children(job):
                yield {**_picked(kind, child), "jobId": job["jobId"], **keys}

    def _query_users(self) -> Iterator[Body]:
        for user in self._team.directory.query_users():
            yield _picked("User", self._world.drifted("flow.query_users", user))

    def _job_details(self) -> Iterator[Body]:
        for job in self._team.rest_jobs.all(detailed=True):
            if job["metadata"]["status"] != "Completed":
                yield _with_modified(job)

    def _job_snapshots(self) -> Iterator[Body]:
        for job in self._team.rest_jobs.all():
            client_job_id = job["metadata"]["clientJobId"]
            body = self._team.snapshots(client_job_id) if client_job_id else None
            if body is not None:
                yield {"clientJobId": client_job_id, "snapshots": body}

    def _job_report_urls(self) -> Iterator[Body]:
        for job in self._team.rest_jobs.all():
            client_job_id = job["metadata"]["clientJobId"]
            path = self._team.report_path(client_job_id) if client_job_id else None
            if path is not None:
                yield {"clientJobId": client_job_id, "reportUrl": path}

    def _user_permissions(self) -> Iterator[Body]:
        for user_id in self._team.directory.users.current():
            yield {"userId": user_id, **(self._team.directory.permissions(user_id) or {})}

    def _workflows(self) -> Iterator[Body]:
        for workflow in self._team.workflows():
            yield _without(workflow, "versions")

    def _workflow_versions(self) -> Iterator[Body]:
        for workflow in self._team.workflows():
            for version in workflow["versions"]:
                row = version | {"workflowId": workflow["workflowId"]}
                yield row | {"downloadSignature": None} if "downloadSignature" in row else row

    def _scheduled_jobs(self) -> Iterator[Body]:
        for job in self._team.scheduled_jobs().values():
            yield _without(job, "jobId", "tasks") | {"scheduledJobId": job["jobId"]}

    def _scheduled_job_tasks(self) -> Iterator[Body]:
        for job in self._team.scheduled_jobs().values():
            for task in job["tasks"]:
                yield {"scheduledJobId": job["jobId"], **task}

    def _triggers(self) -> Iterator[Body]:
        for trigger in self._team.triggers.current().values():
            yield trigger | {"triggerOptions": dict.fromkeys(trigger["triggerOptions"])}

    def _collection_records(self) -> Iterator[Body]:
        for collection in self._team.collections.served():
            upload = self._team.collections.upload(collection.get("csvFileName", ""))
            if upload is None:
                continue
            for number, row in enumerate(upload.rows(), 1):
                yield {
                    "collectionId": collection["collectionId"],
                    "recordNumber": number,
                    "values": {
                        heading: cell or None
                        for heading, cell in zip(upload.headings, row, strict=True)
                    },
                }


def _with_modified(job: Body) -> Body:
    times = job["metadata"].get("modified"), job["metadata"].get("updated")
    return job | {"modified": next((time for time in times if time not in {None, UNSET}), None)}


def _steps(job: Body) -> Iterator[tuple[Body, Body]]:
    for step in job["steps"] or ():
        yield {}, step


def _substeps(job: Body) -> Iterator[tuple[Body, Body]]:
    for step in job["steps"] or ():
        for substep in step["substeps"]:
            yield {"parentUniqueStepId": step["uniqueStepId"]}, substep


def _attachments(job: Body) -> Iterator[tuple[Body, Body]]:
    for attachment in job["attachments"] or ():
        yield {}, attachment


def _thumbnails(job: Body) -> Iterator[tuple[Body, Body]]:
    for attachment in job["attachments"] or ():
        for thumbnail in attachment["thumbnails"]:
            yield {"attachmentId": attachment["attachmentId"]}, thumbnail


def _reports(job: Body) -> Iterator[tuple[Body, Body]]:
    for report in job["reports"] or ():
        yield {}, report


def _picked(kind: str, record: Body) -> Body:
    return {name: record[name] for name in LEAVES[kind]}


def _without(record: Body, *names: str) -> Body:
    return {name: value for name, value in record.items() if name not in names}


def _unset_as_null(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if value == UNSET:
        return None
    if isinstance(value, dict):
        return {name: _unset_as_null(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unset_as_null(item) for item in value]
    return value
