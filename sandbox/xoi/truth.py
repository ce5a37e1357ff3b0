"""What a complete run of tap-xoi must bring, from the tenant's data and not from its answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.xoi.jobs import event_record, updated_at, utc
from sandbox.xoi.reporting import step_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sandbox.xoi.habits import Habits
    from sandbox.xoi.queries import Queries
    from sandbox.xoi.tenant import Tenant
    from sandbox.xoi.timeline import Job, Workflow

Record = dict[str, Any]

DEPRECATED = {"sourceId", "workflowJobId", "integrationEntityId"}
"""Fields of the GraphQL types that stand under another name as well; no part of the truth."""

_DERIVED = ("make", "model", "serial", "manufacture_date", "name", "transcript")
_VALUES = ("choice", "date_entry", "number_entry", "text_entry", "note", "workSummary")


class Truth:
    """The rows by stream."""

    def __init__(self, tenant: Tenant, queries: Queries, habits: Habits) -> None:
        """Tell the truth about the tenant, in the forms that are served."""
        self._tenant = tenant
        self._queries = queries
        self._habits = habits

    def of(self, stream: str, source: str) -> Iterator[Record]:
        """The rows of a stream; ``source`` is the setting ``workflow_job_source``.

        Times are as they are served. Left out are deprecated aliases, what depends on the tap's
        windows, and ``value_id``. Data plates stand in the order in which they were taken; which
        of them had which key in an answer means nothing.
        """
        if stream == "jobs":
            return (_plain(self._tenant.record(job)) for job in self._jobs())
        lists = {
            "documentation": self._documentation,
            "webhook_history": self._webhook_history,
            "content": self._content,
            "users": self._users,
        }
        if stream in lists:
            return lists[stream]()
        if stream == "workflow_job_reports":
            return (self._report(job, workflow, at) for job, workflow, at in self._pairs(source))
        if stream == "workflow_job_step_values":
            return self._step_values(source)
        msg = f"tap-xoi has no stream {stream}"
        raise LookupError(msg)

    def _jobs(self) -> list[Job]:
        now = self._tenant.now
        return [job for job in self._tenant.timeline.by_creation if job.exists(now)]

    def _documentation(self) -> Iterator[Record]:
        for job in self._jobs():
            if job.closed <= self._tenant.now:
                for item in self._tenant.documentation(job):
                    derived = item.get("derivedData")
                    yield {
                        **dict.fromkeys(_VALUES),
                        **_plain(item),
                        "derivedData": derived and {**dict.fromkeys(_DERIVED), **derived},
                    }

    def _webhook_history(self) -> Iterator[Record]:
        past_tense, no_workflow = self._habits.past_tense, self._habits.no_workflow
        served: set[str] = set()
        for event in self._queries.events():
            record = event_record(event, past_tense=past_tense, no_workflow=no_workflow)
            text = json.dumps(record)
            if text not in served:
                served.add(text)
                yield _plain(record)

    def _content(self) -> Iterator[Record]:
        known = self._tenant.contents()
        named = {item["contentId"] for item in self._documentation()}
        return (record for key, record in known.items() if key in named)

    def _users(self) -> Iterator[Record]:
        fields = ["id", "email", "given_name", "family_name"]
        if self._habits.users_have_phones:
            fields.append("phone_number")
        return ({field: user[field] for field in fields} for user in self._tenant.users)

    def _pairs(self, source: str) -> Iterator[tuple[Job, Workflow, str | None]]:
        """The pairs that have a report, each with the ``changedAt`` that the source gives it."""
        now = self._tenant.now
        fired = self._fired() if source == "webhook_history" else {}
        for job in self._jobs():
            for workflow in job.workflows_at(now):
                finished = workflow.uploaded <= now
                changed_at: str | None = None
                if source == "webhook_history":
                    if (job.id, workflow.id) not in fired:
                        continue
                    changed_at = utc(fired[job.id, workflow.id])
                elif source == "documentation":
                    if job.closed > now or not self._tenant.documentation(job, workflow.id):
                        continue
                elif source == "job_summary":
                    changed_at = utc(updated_at(job, now))
                else:
                    changed_at = (workflow.finished if finished else workflow.added).isoformat()
                if finished or self._habits.unfinished_reports:
                    yield job, workflow, changed_at

    def _fired(self) -> Mapping[tuple[str, str], datetime]:
        """The newest event of each pair; an event of the whole job counts for all its pairs."""
        newest: dict[tuple[str, str], datetime] = {}
        for event in self._queries.events():
            for workflow in [event.workflow] if event.workflow else event.job.workflows:
                newest[event.job.id, workflow.id] = event.fired
        return newest

    def _report(self, job: Job, workflow: Workflow, changed_at: str | None) -> Record:
        record = self._tenant.report(job, workflow, self._habits, shuffled=False)
        if record["stepData"] == "None":
            record["stepData"] = None
        return record if changed_at is None else {**record, "changedAt": changed_at}

    def _step_values(self, source: str) -> Iterator[Record]:
        for job, workflow, changed_at in self._pairs(source):
            names = {"jobId": job.id, "workflowJobId": workflow.id, "orgId": job.org_id}
            if changed_at is not None:
                names["changedAt"] = changed_at
            for values in step_values(self._tenant.steps(job, workflow), self._habits):
                yield {**names, **values}


def _plain(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in DEPRECATED}
