"""The queries of the Jobs and Users GraphQL APIs."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

from sandbox.xoi.graphql import Refused
from sandbox.xoi.jobs import event_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sandbox.xoi.habits import Habits
    from sandbox.xoi.tenant import Tenant
    from sandbox.xoi.timeline import Event, Job

Item = TypeVar("Item")
Record = dict[str, Any]
Input = dict[str, Any]

_DEFAULT_LIMIT = 100
JOBS_OF_A_DOCUMENTATION_PAGE = 25
ITEMS_OF_A_SUMMARY_PAGE = 10
MOST_CONTENT_IDS = 50


class Queries:
    """The root queries over one tenant's data, each by its ``input``."""

    def __init__(self, tenant: Tenant, habits: Habits) -> None:
        """Answer from the tenant, in the given habits."""
        self._tenant = tenant
        self._habits = habits

    def of_jobs(self) -> dict[str, Callable[[Input], Record]]:
        """The resolvers of the Jobs API."""
        return {
            "listJobs": self._list_jobs,
            "getJob": lambda given: {"job": self._tenant.record(self._job(given["id"]))},
            "getJobSummary": self._get_job_summary,
            "listDocumentation": self._list_documentation,
            "listWebhookHistory": self._list_webhook_history,
            "getJobIdByExternalId": self._get_job_id_by_external_id,
            "getJobIdsByIntegrationEntityId": self._get_job_ids_by_integration_entity_id,
            "getWorkTypeIdsByExternalIds": self._get_work_type_ids_by_external_ids,
        }

    def of_users(self) -> dict[str, Callable[[Input], Record]]:
        """The resolvers of the Users API."""
        return {"listUsers": self._list_users, "getUser": self._get_user}

    def of_content(self) -> dict[str, Callable[[Input], Record]]:
        """The resolver of the Content API."""
        return {"getContent": self._get_content}

    def events(self) -> list[Event]:
        """The events that the history shows now."""
        return [event for event in self._tenant.timeline.events if self._shows(event)]

    def _shows(self, event: Event) -> bool:
        now = self._tenant.now
        return event.visible <= now and self._habits.keeps(event.fired, now)

    def _list_jobs(self, given: Input) -> Record:
        excluded = set(given.get("excludeJobIds") or ())
        jobs, token = self._page_of_jobs(
            given, self._limit(given["limit"]), lambda job: job.id not in excluded
        )
        return {"jobConnection": self._connection([*map(self._tenant.record, jobs)], token)}

    def _list_documentation(self, given: Input) -> Record:
        documented: dict[str, list[Record | None]] = {}
        all_steps = bool(given.get("includeAllSteps"))

        def has_documentation(job: Job) -> bool:
            items = self._tenant.documentation(job, all_steps=all_steps)
            # Members of the list may be null (schema).
            documented[job.id] = [None, *items] if job.number % 9 == 0 else [*items]
            return bool(items)

        jobs, token = self._page_of_jobs(given, JOBS_OF_A_DOCUMENTATION_PAGE, has_documentation)
        items = [item for job in jobs for item in documented[job.id]]
        # The token of this list is never null (schema).
        return {"documentationConnection": self._connection(items, token or "")}

    def _page_of_jobs(
        self, given: Input, limit: int, wanted: Callable[[Job], bool]
    ) -> tuple[list[Job], str | None]:
        by_completion = (given.get("dateQuery") or {}).get("type") == "COMPLETED_AT"
        timeline, now = self._tenant.timeline, self._tenant.now
        matches = self._filter(given.get("filter") or {})

        def is_listed(job: Job) -> bool:
            listed = job.exists(now) and (not by_completion or job.closed <= now)
            return listed and matches(job) and wanted(job)

        return self._page(
            timeline.by_completion if by_completion else timeline.by_creation,
            attrgetter("completed" if by_completion else "created"),
            given,
            limit,
            is_listed,
        )

    def _filter(self, given: Input) -> Callable[[Job], bool]:
        words = {name: word for name, word in given.items() if word}
        if not words:
            return lambda _: True

        def matches(job: Job) -> bool:
            record = self._tenant.record(job)
            for name, word in words.items():
                value = record[name] or ""
                if name == "workOrderNumber":
                    if word != value:
                        return False
                # Several words find nothing (schema).
                elif word.casefold() not in value.casefold().split():
                    return False
            return True

        return matches

    def _list_webhook_history(self, given: Input) -> Record:
        events, token = self._page(
            self._tenant.timeline.events,
            attrgetter("fired"),
            given,
            self._limit(given.get("limit")),
            self._shows,
        )
        habits = self._habits
        records: list[Record] = [
            event_record(event, past_tense=habits.past_tense, no_workflow=habits.no_workflow)
            for event in events
        ]
        return {"webhookHistoryConnection": self._connection(records, token)}

    def _page(
        self,
        ordered: Sequence[Item],
        key: Callable[[Item], datetime],
        given: Input,
        limit: int,
        wanted: Callable[[Item], bool],
    ) -> tuple[list[Item], str | None]:
        """The items of a page, newest first unless asked otherwise, and the next one's token."""
        dates = given.get("dateQuery") or {}
        start = bisect_left(ordered, dates["gte"], key=key) if dates.get("gte") else 0
        stop = bisect_right(ordered, dates["lte"], key=key) if dates.get("lte") else len(ordered)
        after = _position(given)
        if dates.get("ascending"):
            positions = range(start if after is None else max(start, after), stop)
        else:
            positions = range((stop if after is None else min(stop, after + 1)) - 1, start - 1, -1)
        if self._habits.short_pages:
            limit = max(1, limit * 2 // 3)
        taken: list[Item] = []
        for position in positions:
            if wanted(ordered[position]):
                if len(taken) == limit:
                    return taken, _token(given, position)
                taken.append(ordered[position])
        return taken, self._habits.end_token

    def _connection(self, items: Sequence[object], token: str | None) -> Record | None:
        if not items and self._habits.null_connections:
            return None
        return {"items": items, "nextToken": token}

    def _job(self, job_id: str) -> Job:
        job = self._tenant.job(job_id)
        if job is None:
            msg = "Job not found"
            raise Refused(msg)
        return job

    def _get_job_summary(self, given: Input) -> Record:
        job = self._job(given["jobId"])
        items = self._tenant.documentation(
            job,
            given.get("workflowId") or given.get("workflowJobId"),
            all_steps=bool(given.get("includeAllSteps")),
        )
        start = _position(given) or 0
        stop = start + ITEMS_OF_A_SUMMARY_PAGE
        return {
            "nextToken": _token(given, stop) if stop < len(items) else self._habits.end_token,
            "jobSummary": self._tenant.summary(job, items[start:stop]),
        }

    def _get_job_id_by_external_id(self, given: Input) -> Record:
        for job, record in self._records():
            if record["externalId"] == given["externalId"]:
                return {"jobId": job.id}
        msg = "Job not found"
        raise Refused(msg)

    def _get_job_ids_by_integration_entity_id(self, given: Input) -> Record:
        wanted = given["integrationEntityId"]
        if len(wanted["namespace"]) < 10:  # noqa: PLR2004  # the schema's minimum
            msg = "namespace must have 10 or more characters"
            raise Refused(msg)
        return {
            "jobIds": [
                job.id for job, record in self._records() if record["integrationEntityId"] == wanted
            ]
        }

    def _records(self) -> list[tuple[Job, Record]]:
        jobs = self._tenant.timeline.by_creation
        return [(job, self._tenant.record(job)) for job in jobs if job.exists(self._tenant.now)]

    def _get_work_type_ids_by_external_ids(self, given: Input) -> Record:
        known = {f"erp-worktype-{number}": f"worktype-{number}" for number in range(9)}
        return {
            "workTypeIdPairs": [
                {"externalId": external_id, "workTypeId": known[external_id]}
                for external_id in given["externalIds"]
                if external_id in known
            ]
        }

    def _list_users(self, given: Input) -> Record:
        limit = self._limit(given.get("limit"))
        start = _position(given) or 0
        users = self._tenant.users[start : start + limit]
        more = start + limit < len(self._tenant.users)
        token = _token(given, start + limit) if more else self._habits.end_token
        return {"userConnection": self._connection(users, token)}

    def _limit(self, given: int | None) -> int:
        most = self._habits.largest_page
        limit = min(_DEFAULT_LIMIT, most) if given is None else given
        if not 1 <= limit <= most:
            msg = f"limit must be between 1 and {most}"
            raise Refused(msg)
        return limit

    def _get_content(self, given: Input) -> Record:
        wanted = given["contentIDs"]
        if len(wanted) > MOST_CONTENT_IDS:
            msg = f"contentIDs must have {MOST_CONTENT_IDS} items or fewer"
            raise Refused(msg)
        known = self._tenant.contents()
        found = [known[key] for key in wanted if key in known]
        if self._habits.content_lists:
            return {"content": found}
        return {"content": found[0] if found else None}

    def _get_user(self, given: Input) -> Record:
        found = (user for user in self._tenant.users if user["id"] == given["id"])
        return {"user": next(found, None)}


def _query_mark(given: Input) -> int:
    """A mark of the query that a token belongs to: the same filters on each page."""
    filters = {name: value for name, value in given.items() if name not in {"nextToken", "limit"}}
    return crc32(json.dumps(filters, sort_keys=True, default=str).encode())


def _token(given: Input, position: int) -> str:
    return base64.b64encode(json.dumps([_query_mark(given), position]).encode()).decode()


def _position(given: Input) -> int | None:
    """Where the page of the token begins; None for the first page."""
    if not given.get("nextToken"):
        return None
    try:
        mark, position = json.loads(base64.b64decode(given["nextToken"], validate=True))
    except (ValueError, TypeError):
        mark = position = None
    if mark != _query_mark(given) or not isinstance(position, int):
        msg = "Invalid nextToken"
        raise Refused(msg)
    return position
