"""What the documents of Flow's API leave open, and how an account can answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_flow.unknowns import query_api, rest, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_kit.doctor.questions import Question

QUESTIONS: Final[Sequence[Question]] = (*tokens.QUESTIONS, *query_api.QUESTIONS, *rest.QUESTIONS)
"""In the order in which they are asked: what later ones rest on comes first."""
