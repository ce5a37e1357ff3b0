"""What Crewmojo's documents leave open, and how an account can answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_crewmojo.unknowns import jobs, reports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_kit.doctor.questions import Question

QUESTIONS: Final[Sequence[Question]] = (*reports.QUESTIONS, *jobs.QUESTIONS)
"""In the order in which they are asked: what later ones rest on comes first."""
