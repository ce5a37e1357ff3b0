"""Open questions about the Content API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from tap_kit.doctor.questions import Finding, Question
from tap_kit.errors import VendorError
from tap_kit.http.graphql import decode_graphql
from tap_kit.http.request import Request
from tap_xoi.client import address
from tap_xoi.queries import GET_CONTENT
from tap_xoi.unknowns.account import STATS, newest_documentation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_kit.doctor.questions import Trial
    from tap_kit.streams.context import TapContext

_NO_CONTENT = "No new documentation names content to see it by."
_NOBODYS = "content-00000000-0000-0000-0000-000000000000.jpg"
"""An id that nobody has."""


def _ids(trial: Trial[TapContext]) -> Sequence[str]:
    """The ids of content that the newest documentation names, without repetition."""
    items = trial.once(newest_documentation).items
    return list(dict.fromkeys(str(item["contentId"]) for item in items if item.get("contentId")))


def _content(trial: Trial[TapContext], *ids: str) -> object:
    """What stands under ``content``, as XOi sends it."""
    request = Request(
        "POST",
        address(trial.tap.config, GET_CONTENT.url),
        label=f"POST {GET_CONTENT.name}",
        json={"query": GET_CONTENT.document("id"), "variables": {"input": {"contentIDs": [*ids]}}},
        headers={"Accept": "application/json"},
        accept=frozenset({HTTPStatus.BAD_REQUEST}),
    )
    found = trial.tap.client.fetch(request, decode_graphql, STATS).get(GET_CONTENT.name)
    return found.get("content") if isinstance(found, dict) else None


def _ask_form(trial: Trial[TapContext]) -> Finding:
    ids = _ids(trial)[:2]
    if not ids:
        return Finding.open(_NO_CONTENT)
    return Finding(f"For {len(ids)} {_named(ids)} it gives {_form(_content(trial, *ids))}.")


def _ask_gone(trial: Trial[TapContext]) -> Finding:
    ids = _ids(trial)[:1]
    if not ids:
        return Finding.open(_NO_CONTENT)
    beside = "Beside an id that it knows, one that nobody has"
    try:
        content = _content(trial, *ids, _NOBODYS)
    except VendorError as error:
        return Finding(f"{beside} makes it refuse both (HTTP {error.status}).")
    return Finding(f"{beside} gives {_form(content)}.")


def _named(ids: Sequence[str]) -> str:
    return "id" if len(ids) == 1 else "ids"


def _form(content: object) -> str:
    if isinstance(content, list):
        nothing = content.count(None)
        return f"a list of {len(content)}{f', {nothing} of them null' if nothing else ''}"
    return "an object" if isinstance(content, dict) else "nothing"


QUESTIONS: Final = (
    Question(
        name="content-form",
        text="Does getContent give a list or an object?",
        source="The guide takes up to 50 ids, and its sample of a response shows one object",
        handling="takes both; what does not come beside one object is requested by itself",
        ask=_ask_form,
    ),
    Question(
        name="gone-content",
        text="What does getContent give for an id that is gone?",
        source="Not in the guides",
        handling=(
            "what does not come is skipped with a warning; ids that are refused as not found are "
            "requested again in halves"
        ),
        ask=_ask_gone,
    ),
)
