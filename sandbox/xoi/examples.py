"""The jobs, events and users of the payloads that the vendor's pages show."""

from __future__ import annotations

from datetime import datetime, timezone

from sandbox.xoi.templates import Step, StepPlan, Template
from sandbox.xoi.timeline import Event, Job, Workflow

ORG = "example-hvac"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


_DAY = _moment("2024-02-01T00:00:00")
_CREATED = _moment("2024-02-01T13:25:29.200000")
_COMPLETED = _moment("2024-02-01T21:57:46.606000")
_UPDATED = _moment("2024-02-01T22:00:00")
_FIRED = _moment("2024-02-01T22:00:03")

_VOLTAGE = StepPlan("Voltage", "number", "indoorVoltage", "Power", "Amps")
_PLATE = StepPlan("Data plate", "plate", "condenserPlate", plates=2)
_FILTER = StepPlan("Filter replaced", "choice", "filterReplaced", options=("Yes", "No"))
_INSTALLATION = Template("Installation", "Install", (_VOLTAGE, _PLATE, _FILTER))

_PLATES = (
    {"make": "ACME", "model": "AC-100", "serial": "SN0001"},
    {"make": "ACME", "model": "AC-200", "serial": "SN0002"},
)

_ADA = {
    "id": "tech@example.com",
    "email": "tech@example.com",
    "given_name": "Ada",
    "family_name": "Tech",
    "phone_number": "+15550100",
}

USERS = (
    _ADA,
    {**_ADA, "id": "user-1", "email": "ada@example.com"},
)

_REPORTED = Workflow(
    "wjob-aaaaaaaa-bbbb-cccc-dddddddddddd-iR25-eeeeeeeeeeee",
    _INSTALLATION,
    added=_CREATED,
    finished=_COMPLETED,
    uploaded=_UPDATED,
    steps=(
        Step(1, _VOLTAGE, 15, ("number_entry",)),
        Step(2, _PLATE, _PLATES, ("dataplate", "processed"), ("content-3.jpg", "content-4.jpg")),
        Step(3, _FILTER),
    ),
)

_SUMMARISED = Workflow(
    "wjob-1",
    _INSTALLATION,
    added=_CREATED,
    finished=_COMPLETED,
    uploaded=_UPDATED,
    steps=(
        Step(2, _PLATE, _PLATES[:1], ("dataplate", "processed"), ("content-1.jpg",)),
        Step(3, _VOLTAGE, 15.0, ("number_entry",)),
    ),
)

JOBS = (
    Job(
        0,
        "cjob-11111111-2222-33333333-444444444444-C112-555555555555",
        created=_CREATED,
        uploaded=_CREATED,
        completed=_COMPLETED,
        closed=_UPDATED,
        workflows=(_REPORTED,),
        org_id=ORG,
        fields={
            "externalId": "WO-1001",
            "customerName": "Sample Co",
            "jobLocation": "500 Sample Ave",
            "workOrderNumber": "WO-1001",
        },
    ),
    Job(
        1,
        "cjob-1",
        created=_CREATED,
        uploaded=_CREATED,
        completed=_COMPLETED,
        closed=_UPDATED,
        workflows=(_SUMMARISED,),
        org_id=ORG,
        fields={"integrationEntityId": None, "assigneeIds": [_ADA["id"]]},
    ),
    # The id of the pushed notification, of the older generation.
    Job(
        2,
        "job-1",
        created=_DAY,
        uploaded=_DAY,
        completed=_COMPLETED,
        closed=_UPDATED,
        workflows=(
            Workflow(
                "wjob-2",
                _INSTALLATION,
                added=_DAY,
                finished=_COMPLETED,
                uploaded=_UPDATED,
                steps=(Step(1, _VOLTAGE, 15, ("number_entry",)),),
            ),
        ),
        org_id=ORG,
    ),
)

_TRAITS = ("dataplate", "processed")

EVENTS = (
    Event(_UPDATED, _UPDATED, "job_update", JOBS[0], _REPORTED),
    Event(_FIRED, _FIRED, "job_update", JOBS[1], _SUMMARISED, _TRAITS),
    Event(_FIRED, _FIRED, "job_update", JOBS[2], None, _TRAITS),
)
