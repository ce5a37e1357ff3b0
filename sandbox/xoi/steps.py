"""What technicians enter at the steps of a workflow."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.xoi.templates import Step, StepPlan

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from sandbox.company import Company
    from sandbox.world import World
    from sandbox.xoi.timeline import Job, Workflow

EMPTY = 0.12
"""Share of the steps at which nobody entered anything."""


def draw_steps(
    world: World, company: Company, job: Job, workflow: Workflow, now: datetime
) -> list[Step]:
    """All steps of a workflow as they stand now, the empty ones too.

    Until the workflow is finished only the first of them are filled in; until the machine has
    read the plates they are empty and ``pending``.
    """
    if workflow.steps is not None:
        return [*workflow.steps]
    rng = world.random(f"xoi.steps.{workflow.id}")
    plans = workflow.template.steps
    begun = rng.randrange(len(plans) // 2 + 1)
    filled = len(plans) if workflow.uploaded <= now else begun
    recognised = workflow.recognised <= now
    steps = []
    for index, plan in enumerate(plans, 1):
        value = _value(rng, company, job, plan)
        content = f"content-{rng.getrandbits(64):016x}"
        if rng.random() < EMPTY or index > filled:
            steps.append(Step(index, plan))
            continue
        traits: tuple[str, ...] = (_TRAITS[plan.kind],)
        contents: tuple[str | None, ...] = (None,)
        if plan.kind == "plate":
            traits += ("processed",) if recognised else ("pending",)
            contents = tuple(f"{content}-{number}.jpg" for number in range(len(value)))
            if not recognised:
                value = [dict.fromkeys(plate) for plate in value]
        elif plan.kind in {"summary", "video"}:
            contents = (f"{content}.mp4",)
        elif plan.kind == "note":
            contents = (None,) * len(value)
        elif workflow.edited <= now:
            traits += ("user_edited",)
            value = _edited(value, plan)
        steps.append(Step(index, plan, value, traits, contents))
    return steps


_TRAITS = {
    "number": "number_entry",
    "text": "text_entry",
    "choice": "choice",
    "date": "date_entry",
    "plate": "dataplate",
    "value": "user_generated",
    "note": "note",
    "summary": "work_summary",
    "video": "transcript",
}


def _value(rng: random.Random, company: Company, job: Job, plan: StepPlan) -> Any:  # noqa: ANN401, PLR0911  # one for each kind
    if plan.kind == "number":
        exact = round(rng.uniform(*plan.between), rng.randint(1, 4))
        return rng.choice((rng.randint(*plan.between), exact))
    if plan.kind == "choice":
        return rng.sample(plan.options, rng.choice((1, 1, 2)))
    if plan.kind == "value":
        return rng.choice(plan.options)
    if plan.kind == "date":
        return job.created + timedelta(minutes=rng.randint(1, 600))
    if plan.kind == "plate":
        plates = [_plate(rng, company) for _ in range(rng.randint(1, plan.plates))]
        # The same plate may be photographed twice.
        if len(plates) > 1 and rng.random() < 0.2:  # noqa: PLR2004
            plates[1] = plates[0]
        return plates
    if plan.kind == "note":
        return [company.sentence(rng) for _ in range(rng.choice((1, 1, 2)))]
    return company.sentence(rng)


def _plate(rng: random.Random, company: Company) -> dict[str, str | None]:
    machine = rng.choice(company.machines)
    readable = rng.random() > 0.1  # noqa: PLR2004  # the others are partial plates
    return {
        "make": machine.make,
        "model": machine.model,
        "serial": machine.serial if readable else None,
    }


def _edited(value: Any, plan: StepPlan) -> Any:  # noqa: ANN401  # whatever the step takes
    if plan.kind == "number":
        return value + 1
    if plan.kind == "text":
        return f"{value} (checked again)"
    return value
