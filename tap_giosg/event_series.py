"""Series of event rows: those of a workflow's outer goals, or of one of its steps, by target."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_giosg.organization import Workflow

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EventSeries:
    """One series of event rows; it has a bookmark of its own.

    Attributes:
        workflow_id: UUID.
        target: Which kind of rows.
        step_index: The number of the step, from 1; None for rows of the whole workflow.
    """

    workflow_id: str
    target: str
    step_index: int | None = None

    @property
    def partition(self) -> dict[str, Any]:
        """The partition that has the series' bookmark."""
        steps = {} if self.step_index is None else {"step_index": self.step_index}
        return {"workflow_id": self.workflow_id, **steps, "target": self.target}

    @property
    def short(self) -> str:
        """The series' name in messages, without that of its workflow."""
        return self.target if self.step_index is None else f"step {self.step_index} {self.target}"

    def __str__(self) -> str:
        return f"workflow {self.workflow_id}, {self.short}"


class SeriesOf(Protocol):
    """Lists the series that a workflow may have."""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> SeriesOf:
        """From the tap's settings."""

    @staticmethod
    def format(config: Mapping[str, Any]) -> str:
        """The format in which their rows are requested."""

    @property
    def are_known(self) -> bool:
        """Whether they are known to exist; otherwise each has to be tried."""

    def workflow(self, workflow: Workflow) -> list[EventSeries]:
        """Return a workflow's series, in order."""


@dataclass(frozen=True, slots=True)
class GoalSeries:
    """Outer goals of interaction workflows.

    Attributes:
        targets: The setting ``source_data_targets``.
    """

    targets: Sequence[str]
    are_known: ClassVar[bool] = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> GoalSeries:
        """From the tap's settings."""
        return cls(tuple(dict.fromkeys(config["source_data_targets"])))

    @staticmethod
    def format(config: Mapping[str, Any]) -> str:  # noqa: ARG004  # steps have a choice
        """Rows of goals come as ``json`` only."""
        return "json"

    def workflow(self, workflow: Workflow) -> list[EventSeries]:
        """Return a series for each target; none for workflows of other types."""
        if workflow.is_interaction:
            return [EventSeries(workflow.id, target) for target in self.targets]
        _log.info(
            "workflow %s is of type %s: it has no source data, only interaction workflows have",
            workflow.id,
            workflow.info.get("type"),
        )
        return []


@dataclass(frozen=True, slots=True)
class StepSeries:
    """Steps, of all workflows.

    Attributes:
        targets: The setting ``step_targets``.
        indexes: Step numbers from 1.
        are_known: Whether the user gave them. Otherwise they are numbers to try, because giosg
            lists no steps, and their numbers may have gaps (docs: taps/giosg/facts#steps).
    """

    targets: Sequence[str]
    indexes: Sequence[int]
    are_known: bool

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> StepSeries:
        """From the tap's settings."""
        given = config.get("step_indexes")
        return cls(
            targets=tuple(dict.fromkeys(config["step_targets"])),
            indexes=sorted(set(given)) if given else range(1, config["max_step_index"] + 1),
            are_known=bool(given),
        )

    @staticmethod
    def format(config: Mapping[str, Any]) -> str:
        """The setting ``step_data_format``."""
        format_: str = config["step_data_format"]
        return format_

    def workflow(self, workflow: Workflow) -> list[EventSeries]:
        """Return a series for each step and target."""
        return [
            EventSeries(workflow.id, target, index)
            for index in self.indexes
            for target in self.targets
        ]
