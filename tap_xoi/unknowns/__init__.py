"""What the documents of XOi's APIs leave open, and how an account can answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_xoi.unknowns import apis, content, reporting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_kit.doctor.questions import Question

QUESTIONS: Final[Sequence[Question]] = (*apis.QUESTIONS, *reporting.QUESTIONS, *content.QUESTIONS)
"""In the order in which they are asked: what later ones rest on comes first."""
