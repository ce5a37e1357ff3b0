"""A request's JSON payload, checked as strictly as giosg documents it.

docs: taps/giosg/facts#requests
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.giosg.workflows import STEP_TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from sandbox.web import Request

FILTERS = frozenset({"action", "label"})
"""The properties that filtering is implemented for; the others are a 406."""

REPORT = frozenset({"filters", "interval"})
SIDEDATA = frozenset({"interval"})
DOWNLOAD = REPORT | {"step_data", "target", "format", "limit"}
SOURCE = REPORT | {"step_data", "target", "basic", "limit"}


class RefusedError(Exception):
    """The answer is an error: a status, with a body in the vendor's form."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body if isinstance(body, dict) else {"detail": body}


@dataclass(frozen=True)
class Payload:
    """What was asked for."""

    start: datetime
    end: datetime
    filters: tuple[tuple[str, frozenset[str]], ...] = ()
    """Property and accepted values; a row has to pass all of them."""
    step_data: tuple[frozenset[str] | None, ...] = ()
    """The actions of each step by position; None where they are not given."""
    limit: int | None = None
    target: str = ""
    basic: bool = False
    format: str = "csv"


def read_payload(
    request: Request, keys: AbstractSet[str], *, targets: Sequence[str] = STEP_TARGETS
) -> Payload:
    """Check the body and read it.

    Args:
        request: The request.
        keys: Which keys the endpoint documents; ``filters`` and ``interval`` are required.
        targets: The endpoint's targets, the default first.

    Raises:
        RefusedError: 400 with the messages by field, 406 for a filter that is not implemented.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise RefusedError(400, "The body has to be application/json.")
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise RefusedError(400, f"JSON parse error - {error}") from None
    if not isinstance(body, dict):
        raise RefusedError(400, {"non_field_errors": ["Invalid data. Expected a dictionary."]})
    wrong = {name: ["Unknown field."] for name in body if name not in keys}
    wrong |= {name: ["This field is required."] for name in (keys & REPORT) - body.keys()}
    values: dict[str, Any] = {"target": targets[0]}
    for name in keys & body.keys():
        try:
            values[name] = _READERS[name](body[name])
            if name == "target" and values[name] not in targets:
                wrong[name] = [f"Target must be one of: {', '.join(targets)}."]
        except (ValueError, TypeError, AttributeError) as error:  # noqa: PERF203  # all are told
            wrong[name] = [str(error)]
    if wrong:
        raise RefusedError(400, wrong)
    values["start"], values["end"] = values.pop("interval")
    payload = Payload(**values)
    for name, _ in payload.filters:
        if name not in FILTERS:
            raise RefusedError(406, f"Filtering with '{name}' is not implemented yet.")
    return payload


def _interval(value: object) -> tuple[datetime, datetime]:
    if not isinstance(value, dict) or value.keys() != {"start", "end"}:
        msg = "Expected an object with start and end."
        raise ValueError(msg)
    start, end = (
        datetime.fromisoformat(value[edge].replace("Z", "+00:00")) for edge in ("start", "end")
    )
    if start.tzinfo is None or end.tzinfo is None:
        msg = "start and end need a UTC offset."
        raise ValueError(msg)
    if start > end:
        msg = "start must not be after end."
        raise ValueError(msg)
    return start, end


def _filters(value: object) -> tuple[tuple[str, frozenset[str]], ...]:
    if not isinstance(value, list) or any(one.keys() != {"property", "values"} for one in value):
        msg = "Expected a list of objects with property and values."
        raise ValueError(msg)
    return tuple((str(one["property"]), _texts(one["values"])) for one in value)


def _step_data(value: object) -> tuple[frozenset[str] | None, ...]:
    if not isinstance(value, list) or any(one.keys() - {"actions"} for one in value):
        msg = "Expected a list of objects, with actions or empty."
        raise ValueError(msg)
    return tuple(_texts(one["actions"]) if "actions" in one else None for one in value)


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        msg = "Expected a list of strings."
        raise ValueError(msg)
    return frozenset(value)


def _limit(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        msg = "Limit must be an integer greater than 0."
        raise ValueError(msg)
    return value


def _basic(value: object) -> bool:
    if not isinstance(value, bool):
        msg = "Must be a valid boolean."
        raise TypeError(msg)
    return value


def _format(value: object) -> str:
    if value != "csv" and value != "xlsx":  # noqa: PLR1714  # the value may be unhashable
        msg = "Format must be 'xlsx' or 'csv'. Change the value or omit the field from payload."
        raise ValueError(msg)
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "interval": _interval,
    "filters": _filters,
    "step_data": _step_data,
    "limit": _limit,
    "target": str,
    "basic": _basic,
    "format": _format,
}
