"""The workflows: what a job goes through step by step, and the entities that REST serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.flow import examples
from sandbox.flow.formats import DAY, HOUR, TEAM, milliseconds, object_id, server_stamp, uuid
from sandbox.flow.register import Register, Version

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from sandbox.company import Company
    from sandbox.world import World

TASKS = ("Inspection", "Repair", "Commissioning", "Weekly Check", "Shutdown", "Calibration")
TAGS = ("Inspection", "Repair", "Site A", "Mechanical", "Electrical", "HSSE", "Päivittäinen")
MIDDLE_STEPS = (
    ("Read the gauge", "Numeric", "pressure"),
    ("Take a photo of the nameplate", "Photo", ""),
    ("Scan the asset tag", "Barcode", "asset"),
    ("What did you find?", "Text", ""),
    ("Condition of the seals", "Selection", "seals"),
    ("Is the area safe? (HSSE)", "Decision", "HSSE check"),
    ("When was the last service?", "DateTime", ""),
    ("Film the running machine", "Video", ""),
    ("Count the bolts", "Numeric", "bolts"),
)
FORM_STEPS = (
    ("Left bearing °C", "Numeric", "bearing.left"),
    ("Right bearing °C", "Numeric", "bearing.right"),
    ("Photo of both", "Photo", "bearing.photo"),
)


UNPUBLISHED = 1
ARCHIVED = 2
"""Which of the workflows."""


@dataclass(frozen=True)
class StepDesign:
    """A step as its workflow defines it."""

    step_id: str
    title: str
    description: str
    kind: str
    """The vendor's ``stepType``."""
    tag: str
    form: tuple[StepDesign, ...] = ()
    """The steps inside a form step."""


@dataclass(frozen=True)
class WorkflowDesign:
    """A workflow as its jobs need it."""

    workflow_id: str
    version_id: str
    title: str
    tags: tuple[str, ...]
    steps: tuple[StepDesign, ...]


class Workflows:
    """All workflows of the team."""

    def __init__(self, world: World, company: Company, authors: list[dict[str, Any]]) -> None:
        """Design them; ``authors`` are users."""
        rng = world.random("flow.workflows")
        kinds = sorted({machine.kind for machine in company.machines})
        titles = [f"{kind} {task}" for task in TASKS for kind in kinds]
        count = min(len(titles), max(6, round(8 * world.scale**0.25)))
        self.designs = [_design(rng, title) for title in titles[:count]]
        self.register = Register(world, "workflows", self._versions(world, rng, authors))

    def _versions(
        self, world: World, rng: random.Random, authors: list[dict[str, Any]]
    ) -> Iterator[Version]:
        yield Version(0, examples.WORKFLOW["workflowId"], examples.WORKFLOW)
        epoch = milliseconds(world.epoch)
        for number, design in enumerate(self.designs):
            created = epoch - rng.randrange(200, 700) * DAY - rng.randrange(DAY)
            uploads = sorted(
                rng.randrange(created, epoch - 100 * DAY) for _ in range(rng.randrange(0, 3))
            )
            ids = [uuid(rng.getrandbits(128)) for _ in uploads]
            versions = [
                _version(rng, place + 1, version_id, at, rng.choice(authors))
                for place, (version_id, at) in enumerate(
                    zip(
                        [*ids, design.version_id], [*uploads, max([created, *uploads])], strict=True
                    )
                )
            ]
            versions[-1]["approvals"] = _approvals(rng.choice(authors), versions[-1]["uploaded"])
            body = {
                "workflowId": design.workflow_id,
                "created": server_stamp(created),
                "lastUpdated": versions[-1]["uploaded"],
                "teamName": TEAM,
                "activeVersionId": None if number == UNPUBLISHED else design.version_id,
                "name": design.title,
                "description": "" if number % 2 else f"{design.title} — käyttöohje",
                "isArchived": number == ARCHIVED,
                "liveObjectIds": (None, [], [authors[0]["userId"]])[number % 3],
                "workflowIdForDraft": uuid(rng.getrandbits(128)) if number % 4 == 0 else None,
                "workflowIdForApproval": None,
                "approvalsMigrated": True,
                "versions": versions,
            }
            yield Version(created, design.workflow_id, body)
            if number == 0:
                published = epoch + 7 * HOUR
                new = _version(
                    rng, len(versions) + 1, uuid(rng.getrandbits(128)), published, authors[0]
                )
                yield Version(
                    published,
                    design.workflow_id,
                    body
                    | {
                        "lastUpdated": server_stamp(published),
                        "activeVersionId": new["versionId"],
                        "versions": [*versions, new],
                    },
                )


def _design(rng: random.Random, title: str) -> WorkflowDesign:
    def step(row: tuple[str, str, str], form: tuple[StepDesign, ...] = ()) -> StepDesign:
        name, kind, tag = row
        description = "" if rng.random() < 1 / 2 else f"{name}.\nSee the manual, §{len(name)}."
        return StepDesign(uuid(rng.getrandbits(128)), name, description, kind, tag, form)

    form = tuple(step(row) for row in FORM_STEPS)
    return WorkflowDesign(
        workflow_id=uuid(rng.getrandbits(128)),
        version_id=uuid(rng.getrandbits(128)),
        title=title,
        tags=tuple(rng.sample(TAGS, rng.randrange(0, 4))),
        steps=(
            step(("Instruction", "ConfirmStep", "")),
            *(step(row) for row in rng.sample(MIDDLE_STEPS, rng.randrange(4, 6))),
            step(("Bearing temperatures", "Form", "form"), form),
            step(("Sign off", "Signature", "")),
        ),
    )


def _version(
    rng: random.Random, number: int, version_id: str, uploaded: int, author: dict[str, Any]
) -> dict[str, Any]:
    return {
        "versionId": version_id,
        "fileReference": object_id(uploaded, rng.getrandbits(64)),
        "fileSize": rng.randrange(20_000, 200_000_000),
        "uploaded": server_stamp(uploaded),
        "authorId": author["userId"],
        "authorName": author["username"],
        "version": number,
        "isArchived": False,
        "versionNotes": None if number == 1 else "Typos; “new” gauge",
        "mode": "Live",
        "approvals": None,
        "downloadSignature": f"{rng.getrandbits(256):064x}",
        "downloadSignatureExpiry": server_stamp(uploaded + 365 * DAY),
    }


def _approvals(approver: dict[str, Any], at: str) -> list[dict[str, Any]]:
    return [
        {
            "userId": approver["userId"],
            "username": approver["username"],
            "name": approver["name"],
            "state": "Approved",
            "comments": None,
            "updated": at,
        }
    ]
