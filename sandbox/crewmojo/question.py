"""The body of a report request, checked as strictly as it is documented.

docs: taps/crewmojo/facts#reports
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from sandbox.crewmojo.activity import Period
from sandbox.crewmojo.refusal import Refusal

if TYPE_CHECKING:
    from sandbox.web import Request

ALWAYS = Period(date.min, date.max)

_CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded")
"""The older page sends the same JSON body under a form's header."""


class Question(NamedTuple):
    """What is asked for."""

    period: Period = ALWAYS
    as_json: bool = False
    forced_slow: bool = False
    """The test switch ``jobId: true``."""


def read_question(request: Request) -> Question:
    """Read the body.

    Raises:
        Refusal: 400, something in it is wrong.
    """
    if not request.headers.get("content-type", "").startswith(_CONTENT_TYPES):
        _refuse("Content-Type must be application/json")
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        _refuse("The body must be a JSON object")
    content_type = body.get("contentType")
    if content_type not in {None, "csv", "json"}:
        _refuse("contentType must be csv or json")
    switch = body.get("jobId", False)
    if not isinstance(switch, bool):
        _refuse("jobId must be true or false")
    return Question(_period(body), content_type == "json", switch)


def _period(body: dict[str, Any]) -> Period:
    start, end = (_date(body, name) for name in ("startDate", "endDate"))
    if start is None and end is None:
        return ALWAYS
    if start is None or end is None:
        _refuse("startDate and endDate need to be present together")
    if end < start:
        _refuse("endDate must not be before startDate")
    return Period(start, end)


def _date(body: dict[str, Any], name: str) -> date | None:
    number = body.get(name)
    if number is None:
        return None
    wrong = f"{name} must be a number yyyymmdd"
    if not isinstance(number, int):
        _refuse(wrong)
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except (ValueError, OverflowError):
        _refuse(wrong)


def _refuse(message: str) -> NoReturn:
    raise Refusal(400, message)
