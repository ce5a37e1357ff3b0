"""What XOi's documents leave open, as behaviours to choose from.

docs: taps/xoi/facts#open-questions
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

VARIANTS: Mapping[str, tuple[str, ...]] = {
    "token_refusal": ("401", "200_without_token", "403"),
    "rest_auth_error": ("401", "403"),
    "graphql_auth_error": ("401", "200_unauthorized"),
    "graphql_error_status": ("200", "400"),
    "unknown_pair": ("404", "403"),
    "unfinished_report": ("200", "404"),
    "end_token": ("empty_text", "null"),
    "empty_connection": ("object", "null"),
    "page_fill": ("full", "short"),
    "largest_page": ("1000", "50"),
    "event_names": ("imperative", "past"),
    "job_event_workflow": ("null", "empty_text"),
    "webhook_history": ("all", "recent", "empty"),
    "no_step_data": ("null", "none_text", "empty_object"),
    "plate_value": ("nested", "flat"),
    "choice_value": ("list", "string"),
    "users_phone_number": ("unknown_field", "field"),
    "content_answer": ("list", "object"),
}

_NOTHING: Mapping[str, Any] = {
    "null": None,
    "none_text": "None",
    "empty_object": {},
    "empty_text": "",
}

_HISTORY_KEPT = timedelta(days=30)


class Habits:
    """The behaviours in force, which may change from one request to the next."""

    def __init__(self, chosen: Callable[[str], str]) -> None:
        """``chosen`` gives the choice in force by the variant's name."""
        self._chosen = chosen

    def status(self, variant: str) -> int:
        """The HTTP status that a choice such as ``200_without_token`` begins with."""
        return int(self._chosen(variant)[:3])

    @property
    def unfinished_reports(self) -> bool:
        """The Data Reporting API answers for workflows that aren't finished."""
        return self._chosen("unfinished_report") == "200"

    @property
    def end_token(self) -> str | None:
        """The ``nextToken`` of the last page, where null is possible."""
        end: str | None = _NOTHING[self._chosen("end_token")]
        return end

    @property
    def null_connections(self) -> bool:
        """A connection without items is null."""
        return self._chosen("empty_connection") == "null"

    @property
    def short_pages(self) -> bool:
        """Pages before the last one hold less than the limit."""
        return self._chosen("page_fill") == "short"

    @property
    def largest_page(self) -> int:
        """The most items that a page may be asked to have."""
        return int(self._chosen("largest_page"))

    @property
    def past_tense(self) -> bool:
        """Events are called ``job_updated``, not ``job_update``."""
        return self._chosen("event_names") == "past"

    @property
    def no_workflow(self) -> str | None:
        """The ``workflowId`` of an event of the whole job."""
        nothing: str | None = _NOTHING[self._chosen("job_event_workflow")]
        return nothing

    def keeps(self, fired: datetime, now: datetime) -> bool:
        """Whether the webhook history goes back so far."""
        history = self._chosen("webhook_history")
        return history == "all" or (history == "recent" and fired >= now - _HISTORY_KEPT)

    @property
    def no_step_data(self) -> Any:  # noqa: ANN401  # null, text or an object
        """What stands for the step data of a workflow without Reference Keys."""
        return _NOTHING[self._chosen("no_step_data")]

    @property
    def nested_plates(self) -> bool:
        """Make, model and serial stand under ``value``, not beside each other under the key."""
        return self._chosen("plate_value") == "nested"

    @property
    def choice_lists(self) -> bool:
        """A choice is a list, not one string."""
        return self._chosen("choice_value") == "list"

    @property
    def content_lists(self) -> bool:
        """``getContent`` gives a list, not one object as the sample has it."""
        return self._chosen("content_answer") == "list"

    @property
    def users_have_phones(self) -> bool:
        """The Users API knows ``phone_number`` too."""
        return self._chosen("users_phone_number") == "field"
