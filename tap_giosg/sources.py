"""Where event rows come from: a workflow's outer goals, or one of its steps, by target."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_giosg.organization import Workflow

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """One series of event rows; it has a bookmark of its own.

    Attributes:
        workflow_id: UUID.
        target: Which kind of rows.
        step_index: From 1; None for the rows of the whole workflow.
    """

    workflow_id: str
    target: str
    step_index: int | None = None

    @property
    def partition(self) -> dict[str, Any]:
        """The bookmark's context."""
        steps = {} if self.step_index is None else {"step_index": self.step_index}
        return {"workflow_id": self.workflow_id, **steps, "target": self.target}

    @property
    def short(self) -> str:
        """Which of its workflow's sources it is, for messages."""
        return self.target if self.step_index is None else f"step {self.step_index} {self.target}"

    def __str__(self) -> str:
        return f"workflow {self.workflow_id}, {self.short}"


class Sources(Protocol):
    """The sources that a workflow may have."""

    @property
    def certain(self) -> bool:
        """Whether they are known to exist; otherwise one has to ask."""

    def of(self, workflow: Workflow) -> list[Source]:
        """The workflow's sources in order."""


@dataclass(frozen=True, slots=True)
class GoalSources:
    """Outer goals of interaction workflows.

    Attributes:
        targets: The setting ``source_data_targets``.
    """

    targets: Sequence[str]
    certain: ClassVar[bool] = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> GoalSources:
        """From the tap's settings."""
        return cls(tuple(dict.fromkeys(config["source_data_targets"])))

    def of(self, workflow: Workflow) -> list[Source]:
        """One for each target; none where the workflow is of another type."""
        if workflow.is_interaction:
            return [Source(workflow.id, target) for target in self.targets]
        _log.info(
            "workflow %s is of type %s: it has no source data, only interaction workflows have",
            workflow.id,
            workflow.info.get("type"),
        )
        return []


@dataclass(frozen=True, slots=True)
class StepSources:
    """Steps, of all workflows.

    Attributes:
        targets: The setting ``step_targets``.
        indexes: Step numbers from 1.
        certain: They are the user's; otherwise numbers to try: nothing lists a workflow's steps,
            and they may have gaps.
    """

    targets: Sequence[str]
    indexes: Sequence[int]
    certain: bool

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> StepSources:
        """From the tap's settings."""
        given = config.get("step_indexes")
        return cls(
            targets=tuple(dict.fromkeys(config["step_targets"])),
            indexes=sorted(set(given)) if given else range(1, config["max_step_index"] + 1),
            certain=bool(given),
        )

    def of(self, workflow: Workflow) -> list[Source]:
        """Each step with each target."""
        return [
            Source(workflow.id, target, index) for index in self.indexes for target in self.targets
        ]
