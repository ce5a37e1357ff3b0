"""Whom and what the jobs speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.company import Company
    from sandbox.flow.templates import Templates
    from sandbox.flow.workflows import WorkflowDesign


@dataclass(frozen=True)
class Cast:
    """The parts of the team that jobs, their steps and their plans refer to."""

    company: Company
    workers: list[dict[str, Any]]
    """Users, the caller first."""
    designs: list[WorkflowDesign]
    templates: Templates
