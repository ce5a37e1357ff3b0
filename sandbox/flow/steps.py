"""The steps of a job with what was recorded in them, in the shape of GraphQL.

What people typed into a workflow comes from a stock of recordings: times, ids and files are the
job's own. So a hundred thousand jobs cost little, and none of them is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.flow.blobs import THUMBNAILS, named_by_size, thumbnail_size
from sandbox.flow.catalogue import THUMBNAILS_AFTER
from sandbox.flow.formats import SECOND, TEAM, BlobPath, stamp, uuid

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sandbox.company import Company
    from sandbox.flow.history import Course
    from sandbox.flow.workflows import StepDesign, WorkflowDesign
    from sandbox.world import World

Body = dict[str, Any]

STOCK = 64
"""Recordings of each workflow."""
MIME_TYPES = {"Photo": "image/jpeg", "Video": "video/mp4", "Signature": "image/png"}
EFFORT = {"Video": 3, "Form": 2, "Numeric": 2, "Text": 2}
"""How long a step takes beside others, by its kind; 1 for the other kinds."""
CONDITIONS = ("Good", "Worn", "Leaking", "Not accessible", "Muu — ks. huomautus")
CORRECTION = "Corrected by the office: “see photo”"
BITS = (1 << 128) - 1
STIR = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""An odd number of 128 bits: products with it look random, and differ where the factors do."""


class Recording(NamedTuple):
    """What somebody once recorded in one step."""

    body: Body
    begun: float
    """Its part of the job's duration, from 0 to 1; nothing for substeps."""
    ended: float
    mime_type: str | None
    """Of the file that belongs to it."""
    inner: list[Recording]
    """Those of a form's steps."""


class Work(NamedTuple):
    """A job with what its steps need of it."""

    job: int
    course: Course
    design: WorkflowDesign
    user: Body
    place: tuple[float, float] | None
    """Latitude and longitude."""


class Steps:
    """Makes the steps of any job, always the same ones."""

    def __init__(self, world: World, company: Company) -> None:
        """Prepare an empty stock of recordings, which fills as jobs are read."""
        self._world = world
        self._seed = world.random("flow.steps").getrandbits(128)
        self._drifted = world.drifted
        self._stock: dict[tuple[str, int], list[Recording]] = {}
        self._answers: dict[str, Callable[[Random], list[str]]] = {
            "Numeric": _number,
            "Text": lambda rng: [company.sentence(rng)],
            "Selection": lambda rng: rng.sample(CONDITIONS, rng.randrange(1, 3)),
            "Decision": lambda rng: [rng.choice(("Yes", "No"))],
            "Barcode": lambda rng: [f"{rng.randrange(10**6):06}"],
            "DateTime": lambda rng: [f"20{rng.randrange(18, 25)}-0{rng.randrange(1, 10)}-10"],
            "Note": lambda rng: [company.sentence(rng)] if rng.random() < 1 / 6 else [],
        }

    def of(self, work: Work, now: int, *, files: bool = True) -> list[Body]:
        """All steps of a job, with the attachments that have arrived if ``files``."""
        job, course, design, user, place = work
        total = course.completed - course.created
        arrived = _Files(course, now) if files else None
        user_id, user_name = user["userId"], user["username"]
        corrected = 0 < course.edited <= now
        steps = []
        for number, recording in enumerate(self._recordings(design, job)):
            body, begun, ended, mime_type, inner = recording
            started = course.created + int(total * begun)
            finished = course.created + int(total * ended)
            bits = (self._seed ^ (job << 16 | number << 4)) * STIR & BITS
            unique = uuid(bits)
            duration = (finished - started) // SECOND
            cancelled = body["isCancelled"]
            end = stamp(finished)
            step = {
                **body,
                "uniqueStepId": unique,
                "started": stamp(started),
                "completed": None if cancelled else end,
                "cancelled": end if cancelled else None,
                "totalDuration": duration,
                "activeDuration": duration,
                "userId": user_id,
                "userName": user_name,
                "geoLat": round(place[0] + number * 1e-5, 6) if place else None,
                "geoLong": place[1] if place else None,
                "attachments": self._attachments(body, bits, mime_type, arrived),
                "substeps": [
                    self._substep(form, bits ^ place_in_form * STIR & BITS, arrived)
                    for place_in_form, form in enumerate(inner, 1)
                ],
            }
            if corrected and number == 0:
                step["note"] = CORRECTION
            steps.append(self._drifted("flow.job_steps", step))
        return steps

    def _substep(self, recording: Recording, bits: int, arrived: _Files | None) -> Body:
        body = {
            **recording.body,
            "uniqueStepId": uuid(bits),
            "attachments": self._attachments(recording.body, bits, recording.mime_type, arrived),
        }
        return self._drifted("flow.job_substeps", body)

    def _attachments(
        self, step: Body, bits: int, mime_type: str | None, arrived: _Files | None
    ) -> list[Body]:
        if mime_type is None or arrived is None or (arrived.late and bits & 1 << 64):
            return []
        size = 2_000 + (bits >> 64) % 60_000
        name = named_by_size(uuid(bits * STIR & BITS), size)
        path = f"stepresources/{TEAM}/{name}"
        thumbnails = [
            self._drifted(
                "flow.job_attachment_thumbnails",
                {
                    "name": kind,
                    "created": arrived.pictured,
                    "mimeType": "image/jpeg",
                    "fileSize": thumbnail_size(size, width, height),
                    "width": width,
                    "height": height,
                    "downloadUrl": BlobPath(f"{path}-{kind}"),
                },
            )
            for kind, width, height in (THUMBNAILS if arrived.pictured else ())
        ]
        body = {
            "attachmentId": name,
            "stepId": step["stepId"],
            "uniqueStepId": uuid(bits),
            "stepTitle": step["stepTitle"],
            "mimeType": mime_type,
            "fileSize": size,
            "downloadUrl": BlobPath(path),
            "thumbnails": thumbnails,
        }
        return [self._drifted("flow.job_attachments", body)]

    def _recordings(self, design: WorkflowDesign, job: int) -> list[Recording]:
        key = (design.workflow_id, job * 40_503 // 7 % STOCK)
        if key not in self._stock:
            self._stock[key] = self._recorded(self._world.random(f"flow.steps:{key}"), design)
        return self._stock[key]

    def _recorded(self, rng: Random, design: WorkflowDesign) -> list[Recording]:
        loops = rng.choice((1, 1, 1, 2, 3))
        plan: list[tuple[StepDesign, int | None]] = []
        for step in design.steps:
            plan += [(step, turn + 1) for turn in range(loops)] if step.form else [(step, None)]
        efforts = [EFFORT.get(step.kind, 1) for step, _ in plan]
        recordings = []
        for number, (step, turn) in enumerate(plan):
            cancelled = rng.random() < 1 / 40
            note = self._answers["Note"](rng)
            body = {
                **self._answered(rng, step, empty=cancelled),
                "isCancelled": cancelled,
                "isFormStep": turn is not None,
                "formLoopIteration": turn,
                "note": note[0] if note else None,
            }
            inner = [
                Recording(
                    self._answered(rng, form, empty=cancelled),
                    *(0, 0, None if cancelled else MIME_TYPES.get(form.kind), []),
                )
                for form in step.form
            ]
            mime_type = None if cancelled else MIME_TYPES.get(step.kind)
            before = sum(efforts[:number])
            begun = before / sum(efforts)
            ended = (before + efforts[number] * rng.uniform(0.4, 1)) / sum(efforts)
            recordings.append(Recording(body, begun, ended, mime_type, inner))
        return recordings

    def _answered(self, rng: Random, step: StepDesign, *, empty: bool) -> Body:
        """What steps and substeps have in common."""
        answer = None if empty else self._answers.get(step.kind)
        values = answer(rng) if answer else []
        return {
            "stepId": step.step_id,
            "stepTitle": step.title,
            "stepDescription": step.description,
            "stepType": step.kind,
            "stepTag": step.tag,
            "values": values,
            "value": values[0] if values else "",
        }


def _number(rng: Random) -> list[str]:
    return [str(rng.randrange(200)) if rng.random() < 1 / 2 else f"{rng.gauss(20, 9):.1f}"]


class _Files:
    """How far the files of a job have come."""

    def __init__(self, course: Course, now: int) -> None:
        self.late = now < course.files
        """About half of the attachments are still on the device."""
        pictured = course.files + THUMBNAILS_AFTER
        self.pictured = stamp(pictured - SECOND) if pictured <= now else None
        """When the thumbnails were made, if they were."""
