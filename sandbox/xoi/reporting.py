"""What the Data Reporting API says of one workflow of a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sandbox.xoi.habits import Habits
    from sandbox.xoi.templates import Step
    from sandbox.xoi.timeline import Job, Workflow

Record = dict[str, Any]


def entries(step: Step, habits: Habits) -> list[Record | None]:
    """The objects of one step: one for each plate, and one otherwise; None if it is empty."""
    value, plan = step.value, step.plan
    if value is None:
        return [None]
    if plan.kind == "plate":
        return [{"value": plate} if habits.nested_plates else plate for plate in value]
    if plan.kind == "number":
        return [{"value": value, "unit_type": plan.unit_type, "unit": plan.unit}]
    if plan.kind == "choice" and not habits.choice_lists:
        return [{"value": ", ".join(value)}]
    return [{"value": value.isoformat() if plan.kind == "date" else value}]


def step_data(steps: Sequence[Step], habits: Habits, dice: random.Random | None) -> object:
    """The ``stepData``; the dice decide anew which plate stands under which key."""
    keyed = [step for step in steps if step.plan.key]
    if not keyed:
        return habits.no_step_data
    data: Record = {}
    for step in keyed:
        found = entries(step, habits)
        if dice:
            dice.shuffle(found)
        for number, entry in enumerate(found):
            data[f"{step.plan.key}_{number}" if number else f"{step.plan.key}"] = entry
    return data


def report(job: Job, workflow: Workflow, data: object, location: str, now: datetime) -> Record:
    """The answer for a (job, workflow) pair."""
    return {
        "jobId": job.id,
        "workflowJobId": workflow.id,
        "orgId": job.org_id,
        "workflowName": workflow.template.name,
        "reportingCategory": workflow.template.category,
        "jobLocation": location,
        "createdAt": workflow.added.isoformat(),
        "completedAt": workflow.finished.isoformat() if workflow.uploaded <= now else None,
        "stepData": data,
    }


def step_values(steps: Sequence[Step], habits: Habits) -> Iterator[Record]:
    """The rows of ``workflow_job_step_values``, without the names of their report.

    Without ``value_id`` too, which for a plate only the tap knows. The text in ``value_json`` is
    to be compared as JSON.
    """
    for step in steps:
        if not step.plan.key:
            continue
        for entry in entries(step, habits):
            row: Record = {
                "reference_key": step.plan.key,
                "value_type": "null",
                **dict.fromkeys(("value_number", "value_string", "value_boolean")),
                **dict.fromkeys(("value_datetime", "value_json", "unit", "unit_type")),
                **dict.fromkeys(("make", "model", "serial")),
            }
            if entry is not None:
                row["value_json"] = json.dumps(entry, ensure_ascii=False)
                row.update(_typed(step, entry))
            yield row


def _typed(step: Step, entry: Record) -> Record:
    if step.plan.kind == "plate":
        return {"value_type": "dataplate", **entry.get("value", entry)}
    value = entry["value"]
    if step.plan.kind == "date":
        return {"value_type": "datetime", "value_datetime": value, "value_string": value}
    if isinstance(value, bool):
        return {"value_type": "boolean", "value_boolean": value}
    if isinstance(value, str):
        return {"value_type": "string", "value_string": value}
    if isinstance(value, (list, dict)):
        return {"value_type": "array" if isinstance(value, list) else "object"}
    units = {name: entry[name] for name in ("unit", "unit_type")}
    return {"value_type": "number", "value_number": value, **units}
