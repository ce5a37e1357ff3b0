"""The workflows of the sandbox's company, as the customer set them up, and their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StepPlan:
    """One step as the customer set it up."""

    name: str
    kind: str
    """``number``, ``text``, ``choice``, ``date``, ``plate``; ``value`` for other kinds of value;
    ``note``, ``summary`` and ``video``, which the Data Reporting API leaves out."""
    key: str | None = None
    """The Reference Key; a step without one isn't reported."""
    unit_type: str | None = None
    unit: str | None = None
    options: tuple[Any, ...] = ()
    """What can be chosen, or the possible values."""
    between: tuple[int, int] = (0, 100)
    """What a number usually lies between."""
    plates: int = 1
    """How many data plates can be photographed at the step."""


@dataclass(frozen=True)
class Template:
    """One workflow as the customer set it up."""

    name: str
    category: str
    steps: tuple[StepPlan, ...]

    @property
    def has_plates(self) -> bool:
        """Whether a machine has plates to read."""
        return any(plan.kind == "plate" for plan in self.steps)


@dataclass(frozen=True)
class Step:
    """One step of one workflow of a job, as it stands at some moment."""

    index: int
    plan: StepPlan
    value: Any = None
    """Number, text, time, or list of options, plates or notes; None: nobody entered anything."""
    traits: tuple[str, ...] = ()
    content_ids: tuple[str | None, ...] = (None,)
    """One for each plate or note, and one otherwise."""


_VOLTAGE = StepPlan("Voltage", "number", "indoorVoltage", "Voltage", "V", between=(108, 126))

_LONGEST_KEY = "cylinder_of_the_recovery_machine_in_a_key_of_64_characters_limit"

TEMPLATES = (
    Template(
        "Installation",
        "Install",
        (
            _VOLTAGE,
            StepPlan("Data plate of the condenser", "plate", "condenserPlate", plates=3),
            StepPlan("Filter replaced", "choice", "filterReplaced", options=("Yes", "No", "N/A")),
            StepPlan("Start-up", "date", "startUpAt"),
            StepPlan("Remarks", "text", "remarks"),
            StepPlan("Note", "note"),
            StepPlan("Walk-through", "video"),
        ),
    ),
    Template(
        "Preventive Maintenance",
        "Maintenance",
        (
            # The customer's own keys may end as the plates' do, and lack what they would follow.
            StepPlan("Filter", "text", "filter"),
            StepPlan("Second filter", "text", "filter_1"),
            StepPlan("Third belt", "number", "belt_3", "Length", "mm", between=(940, 1120)),
            StepPlan("Unit", "plate", "unit_1", plates=2),
            StepPlan("Condition", "choice", "condition", options=("Good", "Fair", "Poor, urgent")),
            StepPlan("Suction", "number", "suction_pressure", "Pressure", "psi", between=(62, 144)),
            StepPlan("Safe", "value", "safeToOperate", options=(True, False)),
            StepPlan("Work summary", "summary"),
        ),
    ),
    Template(
        "Refrigerant Recovery",
        "Service",
        (
            StepPlan("Recovered", "number", "récupéré (kg)", "Mass", "kg", between=(0, 12)),
            StepPlan(
                "Pressures",
                "value",
                "pressures",
                options=({"suction": 68, "discharge": 250.5}, {"suction": None, "discharge": 240}),
            ),
            StepPlan("Readings", "value", "readings", options=([70.1, 70.4, None], [], [69])),
            StepPlan("Cylinder", "text", _LONGEST_KEY),
            StepPlan("Photo", "note"),
        ),
    ),
    Template(
        "Site Survey",
        "Survey",
        (
            StepPlan("Access", "text"),
            StepPlan("Roof hatch", "choice", options=("Ladder", "Stairs")),
            StepPlan("Note", "note"),
        ),
    ),
)
