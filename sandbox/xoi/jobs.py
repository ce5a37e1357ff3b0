"""What the Jobs GraphQL API shows of a job: its fields and its documentation."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sandbox.xoi.timeline import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.company import Company, Customer
    from sandbox.world import World
    from sandbox.xoi.templates import Step
    from sandbox.xoi.timeline import Event, Job, Workflow

Record = dict[str, Any]


def utc(moment: datetime) -> str:
    """The moment as the GraphQL APIs write it."""
    return moment.isoformat().replace("+00:00", "Z")


def users(company: Company) -> list[Record]:
    """The people as XOi's users; an id may look like an email or like a GUID."""
    return [
        {
            "id": person.email if number % 3 else f"{number:08x}-7a11-4c3e-9d55-0b5e7a6c10f4",
            "email": person.email,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "phone_number": f"+1555{number:07}",
        }
        for number, person in enumerate(company.people)
    ]


def customer_of(company: Company, job: Job) -> Customer:
    """For whom the job is done."""
    return company.customers[job.number * 7919 % len(company.customers)]


def job_location(company: Company, job: Job) -> str:
    """Where the job is done."""
    fields = job.fields or {}
    return fields.get("jobLocation") or customer_of(company, job).site.address


def updated_at(job: Job, now: datetime) -> datetime:
    """When the job last changed at XOi."""
    changes = [job.uploaded, job.closed]
    for workflow in job.workflows:
        changes += (workflow.uploaded, workflow.edited, workflow.removed)
        if workflow.template.has_plates:
            changes.append(workflow.recognised)
    return max(change for change in changes if change <= now)


def job_record(
    world: World, company: Company, people: list[Record], job: Job, now: datetime
) -> Record:
    """A job with every field of the schema's ``Job``."""
    rng = world.random(f"xoi.job.{job.id}")
    customer = customer_of(company, job)
    creator, technician = rng.sample(people, 2)
    complete = job.closed <= now
    order = f"{rng.choice(('WO', 'wo', 'Jö'))}-{rng.randrange(10**5)}"
    app = f"https://app.visionapp.example/jobs/{job.id}"
    tags = rng.sample(("warranty", "roof", "after hours", "Ünique", "call-back"), rng.randint(0, 3))
    record = {
        "id": job.id,
        "assigneeIds": [technician["id"]] if rng.random() < 0.9 else [],  # noqa: PLR2004  # mostly
        "externalId": f"erp-{job.number}" if job.number % 4 else None,
        "createdAt": utc(job.created),
        "createdBy": creator["id"],
        "updatedAt": utc(updated_at(job, now)),
        "completedAt": utc(job.completed) if complete else None,
        "completedBy": technician["id"] if complete else None,
        "customerName": customer.name,
        "customerEmail": customer.email if rng.random() < 0.7 else None,  # noqa: PLR2004
        "jobLocation": customer.site.address,
        "workOrderNumber": order if job.number % 5 else None,
        "label": company.sentence(rng) if rng.random() < 0.3 else None,  # noqa: PLR2004
        "tags": tags,
        "publicTags": tags[:1],
        "tagSuggestions": None if tags else ["warranty"],
        "workTypeIds": [f"worktype-{rng.randrange(9)}"],
        "externalAppUrl": f"https://erp.example/orders/{order}" if job.number % 3 else None,
        "internalNote": {"text": company.sentence(rng)} if job.number % 2 else None,
        "internalNotificationContacts": [
            {
                "email": creator["email"],
                "notify_of_events": ["WORKFLOW_CUSTOMER_APPROVAL_SUBMISSION"],
            }
        ]
        if job.number % 6 == 0
        else [],
        "integrationEntityId": {"namespace": "frontline-erp", "id": f"erp-{job.number}"}
        if job.number % 4
        else None,
        "deepLinks": {
            # There is no job to view before it is complete.
            "visionWeb": {"viewJob": {"url": app} if complete else None},
            "visionMobile": {
                "viewJob": {"url": f"xoi://jobs/{job.id}"} if complete else None,
                "editJob": {"url": f"xoi://jobs/{job.id}/edit"},
                "jobLocationActivitySearch": {"url": f"xoi://search?job={job.id}"},
                "contributeToJob": {"url": f"xoi://jobs/{job.id}/contribute"},
            },
        },
    }
    return {**record, **job.fields} if job.fields else record


def documentation_item(job: Job, workflow: Workflow, step: Step, number: int) -> Record:
    """One ``ListDocumentationItem``: the step's value, or one of its plates or notes."""
    plan = step.plan
    item: Record = {
        "jobId": job.id,
        "contentId": step.content_ids[number],
        "sourceId": step.content_ids[number],
        "workflowId": workflow.id,
        "workflowJobId": workflow.id,
        "workflowName": workflow.template.name,
        "workflowLabel": None,
        "stepIndex": step.index,
        "stepName": plan.name,
        "stepTraits": ["dataplate"] if plan.kind == "plate" else [],
        "tags": [],
        "traits": [*step.traits],
    }
    if step.value is None:
        return item
    if plan.kind == "plate":
        plate: Mapping[str, str | None] = step.value[number]
        if "processed" in step.traits and plate["serial"] is None:
            item["traits"] = [*step.traits, "partial_dataplate"]
        return {**item, "derivedData": plate}
    if plan.kind == "note":
        return {**item, "note": {"text": step.value[number]}}
    return {**item, **_entry(step)}


def content(job: Job, content_id: str) -> Record:
    """A photo or video of a job."""
    digest = sha256(content_id.encode()).hexdigest()
    video = not content_id.endswith(".jpg")
    return {
        "id": content_id,
        "mediaType": "video/mp4" if video else "image/jpeg",
        "createdAt": utc(job.created),
        "updatedAt": utc(job.closed),
        "uploadedAt": utc(job.closed),
        "uploader": "ada@example.com",
        "lengthBytes": int(digest[:5], 16),
        "sha256hex": digest,
        "orgID": job.org_id,
        "jobIds": [job.id],
    }


def _entry(step: Step) -> Record:
    plan, value = step.plan, step.value
    if plan.kind == "number":
        number = {"value": float(value), "unit_type": plan.unit_type or "", "unit": plan.unit}
        return {"number_entry": number}
    if plan.kind == "choice":
        return {"choice": {"chosen": value, "options": [*plan.options]}}
    if plan.kind == "value":
        return {}
    name, field = _ENTRIES[plan.kind]
    return {name: {field: utc(value) if plan.kind == "date" else value}}


_ENTRIES = {
    "date": ("date_entry", "value"),
    "text": ("text_entry", "value"),
    "summary": ("workSummary", "summary_text"),
    "video": ("derivedData", "transcript"),
}


def support_statuses(job: Job, now: datetime) -> list[Record]:
    """The calls for help during the job's workflows."""
    return [
        {
            "workflowId": workflow.id,
            "workflowJobId": workflow.id,
            "status": "RESOLVED",
            "lastSetAt": utc(workflow.uploaded),
            "agentInfo": {"email": "support@frontline.example"},
        }
        for workflow in job.workflows
        if job.number % 7 == 0 and workflow.uploaded <= now < NEVER
    ]


def event_record(event: Event, *, past_tense: bool, no_workflow: str | None) -> Record:
    """A record of the webhook history."""
    workflow_id = event.workflow.id if event.workflow else no_workflow
    return {
        "event": f"{event.name}d" if past_tense else event.name,
        "firedAt": utc(event.fired),
        "jobId": event.job.id,
        "orgId": event.job.org_id,
        "traits": [*event.traits],
        "workflowId": workflow_id,
        "workflowJobId": workflow_id,
    }
