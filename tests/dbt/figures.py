"""The figures of the marts, from what the vendors had: no SQL, and nothing of a loader."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_kit.time.clock import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from tests.dbt.nights import Night

Row = dict[str, Any]


class Known:
    """What the vendors had on any of some nights, the newest version of each row.

    Args:
        nights: One behind the other.
    """

    def __init__(self, nights: Sequence[Night]) -> None:
        self._nights = nights
        self.as_of = nights[-1].now

    def rows(self, vendor: str, stream: str, *keys: str) -> list[Row]:
        """Rows by key; what the vendor no longer has stays in a warehouse."""
        found = {
            tuple(row[key] for key in keys): row
            for night in self._nights
            for row in night.truth[vendor][stream]
        }
        return list(found.values())

    def groups(self, vendor: str, stream: str, *keys: str) -> list[Row]:
        """Rows of the newest night that has any of their group."""
        found: dict[tuple[Any, ...], list[Row]] = {}
        for night in self._nights:
            tonight = defaultdict(list)
            for row in night.truth[vendor][stream]:
                tonight[tuple(row[key] for key in keys)].append(row)
            found |= tonight
        return [row for group in found.values() for row in group]

    def events(self, stream: str, own: Callable[[Row], tuple[Any, ...]]) -> Counter[Any]:
        """giosg's events: a changed one stands beside its older version."""
        found: Counter[Any] = Counter()
        for night in self._nights:
            found |= Counter(own(row) for row in night.truth["giosg"][stream])
        return found


def percentile(values: Iterable[float | None], share: float) -> float | None:
    """Between the two values that it lies between; nulls don't count."""
    ordered = sorted(value for value in values if value is not None)
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    lower = int(place)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (place - lower)


def average(values: Iterable[float | None]) -> float | None:
    """Nulls don't count."""
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def flow_job_durations(known: Known) -> list[Row]:
    names = _workflows(known)
    groups = defaultdict(list)
    for job in known.rows("flow", "completed_jobs", "jobId"):
        month = parse_time(job["updated"]).date().replace(day=1).isoformat()
        groups[job["workflowId"], month].append(job)
    return [
        {
            "workflow_id": workflow,
            "workflow": names.get(workflow) or _largest(job["workflowTitle"] for job in jobs),
            "month": month,
            "jobs": len(jobs),
            "draft_jobs": sum(job["jobTitle"].startswith("(Draft) - ") for job in jobs),
            "average_seconds": average(job["totalDuration"] for job in jobs),
            "median_seconds": percentile((job["totalDuration"] for job in jobs), 0.5),
            "p90_seconds": percentile((job["totalDuration"] for job in jobs), 0.9),
            "average_active_seconds": average(job["activeDuration"] for job in jobs),
            "median_active_seconds": percentile((job["activeDuration"] for job in jobs), 0.5),
            "average_paused_seconds": average(
                job["totalDuration"] - job["activeDuration"]
                for job in jobs
                if job["activeDuration"] is not None
            ),
        }
        for (workflow, month), jobs in groups.items()
    ]


def flow_step_durations(known: Known) -> list[Row]:
    names = _workflows(known)
    jobs = {job["jobId"]: job for job in known.rows("flow", "completed_jobs", "jobId")}
    groups = defaultdict(list)
    for step in known.rows("flow", "job_steps", "jobId", "uniqueStepId"):
        groups[jobs[step["jobId"]]["workflowId"], step["stepId"]].append(step)
    return [
        {
            "workflow_id": workflow,
            "workflow": names.get(workflow)
            or _largest(jobs[step["jobId"]]["workflowTitle"] for step in steps),
            "step_id": step_id,
            **_step_figures(steps),
        }
        for (workflow, step_id), steps in groups.items()
    ]


def _step_figures(steps: Sequence[Row]) -> Row:
    done = [step for step in steps if not step["isCancelled"]]
    seconds = [step["totalDuration"] for step in done]
    jobs = {step["jobId"] for step in steps}
    turns = [step["formLoopIteration"] for step in steps if step["formLoopIteration"]]
    latest = min(
        steps,
        key=lambda step: (
            -parse_time(step["started"]).timestamp(),
            step["jobId"],
            step["uniqueStepId"],
        ),
    )
    return {
        "step": latest["stepTitle"],
        "step_type": latest["stepType"],
        "jobs": len(jobs),
        "executions": len(steps),
        "cancelled_executions": len(steps) - len(done),
        "average_seconds": average(seconds),
        "median_seconds": percentile(seconds, 0.5),
        "p90_seconds": percentile(seconds, 0.9),
        "average_active_seconds": average(step["activeDuration"] for step in done),
        "average_seconds_per_job": sum(seconds) / len(jobs) if seconds else None,
        "longest_loop": max(turns, default=None),
        "average_seconds_of_first_turns": average(
            step["totalDuration"] for step in done if step["formLoopIteration"] == 1
        ),
        "average_seconds_of_later_turns": average(
            step["totalDuration"] for step in done if (step["formLoopIteration"] or 0) > 1
        ),
    }


def flow_late_jobs(known: Known) -> list[Row]:
    completed = {
        job["jobId"]: job["updated"] for job in known.rows("flow", "completed_jobs", "jobId")
    }
    names = {user["userId"]: user["name"] for user in known.rows("flow", "users", "userId")}
    tasks = defaultdict(list)
    for task in known.rows("flow", "scheduled_job_tasks", "scheduledJobId", "taskId"):
        tasks[task["scheduledJobId"]].append(task)
    found = []
    for job in known.rows("flow", "scheduled_jobs", "scheduledJobId"):
        if not job["dueByDate"]:
            continue
        own = tasks[job["scheduledJobId"]]
        due, end = parse_time(job["dueByDate"]), None
        if job["state"] == "Completed":
            times = [
                completed.get(task["jobId"]) or task["modified"] or task["updated"] for task in own
            ]
            end = max([parse_time(time) for time in times if time], default=None)
            end = end or parse_time(job["updated"])
        if due >= (end or known.as_of):
            continue
        people = job["assignedUserIds"] or []
        found.append(
            {
                "scheduled_job_id": job["scheduledJobId"],
                "name": job["name"],
                "state": job["state"],
                "priority": job["priority"],
                "due_at": _time(due),
                "completed_at": _time(end),
                "is_overdue": end is None,
                "hours_late": ((end or known.as_of) - due) / timedelta(hours=1),
                "tasks": len(own),
                "ended_tasks": sum(task["state"] in {3, 4} for task in own),
                "assignees": sorted(names.get(user, user) for user in people),
            }
        )
    return found


def giosg_daily_events(known: Known) -> list[Row]:
    names = {one["id"]: one["name"] for one in known.rows("giosg", "workflows", "id")}
    events: Counter[Any] = Counter()
    visitors: dict[Any, set[str]] = defaultdict(set)
    for stream in ("source_data", "step_source_data"):

        def own(row: Row, stream: str = stream) -> tuple[Any, ...]:
            return (
                parse_time(row["timestamp"]).date().isoformat(),
                row["workflow_id"],
                stream,
                row.get("step_index"),
                row["target"],
                row["action"],
                row["visitor_id"],
                tuple(
                    sorted((name, str(value)) for name, value in row.items() if value is not None)
                ),
            )

        for (*group, visitor, _), count in known.events(stream, own).items():
            events[tuple(group)] += count
            visitors[tuple(group)] |= {visitor} - {None}
    return [
        {
            "day": group[0],
            "workflow_id": group[1],
            "workflow": names.get(group[1]),
            "stream": group[2],
            "step_index": group[3],
            "target": group[4],
            "action": group[5],
            "events": count,
            "visitors": len(visitors[group]),
        }
        for group, count in events.items()
    ]


def xoi_readings(known: Known) -> list[Row]:
    reports = _reports(known)
    jobs = {job["id"]: job for job in known.rows("xoi", "jobs", "id")}
    gone = deleted_jobs(known)
    return [
        {
            "job_id": value["jobId"],
            "workflow_job_id": value["workflowJobId"],
            "value_id": value["reference_key"],
            "reference_key": value["reference_key"],
            "reading": value["value_number"],
            "unit": value["unit"],
            "unit_type": value["unit_type"],
            "workflow_name": reports[_pair(value)]["workflowName"],
            "reporting_category": reports[_pair(value)]["reportingCategory"],
            "work_order_number": jobs.get(value["jobId"], {}).get("workOrderNumber"),
            "job_label": jobs.get(value["jobId"], {}).get("label"),
            "documented_at": _time(_documented(reports[_pair(value)])),
            "changed_at": _time(parse_time(value["changedAt"])),
        }
        for value in known.groups("xoi", "workflow_job_step_values", "jobId", "workflowJobId")
        if value["value_type"] == "number" and value["jobId"] not in gone
    ]


def xoi_equipment(known: Known) -> list[Row]:
    reports = _reports(known)
    jobs = {job["id"]: job for job in known.rows("xoi", "jobs", "id")}
    gone = deleted_jobs(known)
    sightings = [
        (_documented(reports[_pair(value)]), value["jobId"], value)
        for value in known.groups("xoi", "workflow_job_step_values", "jobId", "workflowJobId")
        if value["value_type"] == "dataplate"
    ]
    for item in known.groups("xoi", "documentation", "jobId"):
        if item["derivedData"] and "not_a_dataplate" not in (item["traits"] or ()):
            seen = parse_time(jobs[item["jobId"]]["completedAt"])
            sightings.append((seen, item["jobId"], item["derivedData"]))
    groups = defaultdict(list)
    for seen, job, plate in sightings:
        read = [(plate.get(name) or "").strip() for name in ("make", "model", "serial")]
        if any(read) and job not in gone:
            groups[tuple(text.upper() for text in read)].append((seen, job, read))
    found = []
    for group in groups.values():
        last = max(seen for seen, *_ in group)
        _, job, read = min(one for one in group if one[0] == last)
        found.append(
            {
                "make": read[0] or None,
                "model": read[1] or None,
                "serial": read[2] or None,
                "first_seen_at": _time(min(seen for seen, *_ in group)),
                "last_seen_at": _time(last),
                "last_job_id": job,
                "jobs": len({job for _, job, _ in group}),
            }
        )
    return found


def crewmojo_one_on_ones(known: Known) -> list[Row]:
    groups = defaultdict(list)
    for row in known.rows("crewmojo", "oneonone_summary", "start_date", "employeeCode"):
        groups[row["start_date"], row["managerEmailAddress"]].append(row)
    return [
        {
            "start_date": start,
            "manager_email_address": manager,
            "people": len(rows),
            "people_without": sum(not row["oneOnOneCount"] for row in rows),
            "one_on_ones": sum(row["oneOnOneCount"] for row in rows),
        }
        for (start, manager), rows in groups.items()
    ]


def deleted_jobs(known: Known) -> dict[str, str]:
    """When jobs were deleted, by id."""
    return {
        event["jobId"]: _time(parse_time(event["firedAt"])) or ""
        for event in known.groups("xoi", "webhook_history", "jobId")
        if event["event"] == "job_delete"
    }


def _workflows(known: Known) -> dict[str, str]:
    return {one["workflowId"]: one["name"] for one in known.rows("flow", "workflows", "workflowId")}


def _reports(known: Known) -> dict[tuple[str, str], Row]:
    rows = known.rows("xoi", "workflow_job_reports", "jobId", "workflowJobId")
    return {_pair(row): row for row in rows}


def _pair(row: Row) -> tuple[str, str]:
    return row["jobId"], row["workflowJobId"]


def _documented(report: Row) -> datetime:
    return parse_time(report["completedAt"] or report["createdAt"])


def _largest(texts: Iterable[str | None]) -> str | None:
    return max((text for text in texts if text), default=None)


def _time(moment: datetime | None) -> str | None:
    """As the databases' values are shown."""
    if moment is None:
        return None
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
