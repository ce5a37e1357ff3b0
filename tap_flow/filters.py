"""The filters of the ``jobs`` query: which there are, and how they are written (guide 3.5.2)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec
from singer_sdk import typing as th

from tap_kit.time.clock import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_kit.streams.codec import AnyRecord
    from tap_kit.streams.fields import Property
    from tap_kit.time.windows import Window

EXCLUSIVE: Final = {
    "3.5.2.1": ("workflowId", "workflowTitle", "workflowTag", "workflowTagsOr", "workflowTagsAnd"),
    "3.5.2.2": ("userName", "userId"),
    "3.5.2.3": ("jobTitle", "jobId"),
}
"""Of each group only one filter may be given; by section of the guide."""
TIMES: Final = ("createdSince", "createdBefore", "updatedSince", "updatedBefore")
_ONE_ONLY = ("workflowTag",)
_LISTS_ONLY = ("workflowTagsOr", "workflowTagsAnd")

FOREVER: Final = datetime.max.replace(tzinfo=timezone.utc)
"""The end of a window that has none."""
_TICK = timedelta(milliseconds=1)


_ABOUT: Final = {
    "workflowId": "Id of a workflow, or several.",
    "workflowTitle": "Title of a workflow, or several.",
    "workflowTag": "A tag of the workflow.",
    "workflowTagsOr": "Tags of which the workflow has at least one.",
    "workflowTagsAnd": "Tags of which the workflow has each.",
    "userName": "Name of the user who completed the job, or several.",
    "userId": "Id of that user, or several.",
    "jobTitle": "Title of the job, or several.",
    "jobId": "Id of a job, or several.",
    "createdSince": "Jobs started since this moment.",
    "createdBefore": "Jobs started before this moment.",
    "updatedSince": "Jobs last changed since this moment.",
    "updatedBefore": "Jobs last changed before this moment.",
}

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}


def _declaration(name: str) -> Property:
    if name in (*_ONE_ONLY, *TIMES):
        form = _TEXT
    elif name in _LISTS_ONLY:
        form = _TEXTS
    else:
        form = {**_TEXT, **_TEXTS, "type": ["string", "array"]}
    return th.Property(name, th.CustomType(form), title=name, description=_ABOUT[name])


FILTERS: Final = th.ObjectType(
    *(_declaration(name) for group in (*EXCLUSIVE.values(), TIMES) for name in group),
    additional_properties=False,
)
"""The setting's schema; what pages (``limit``, ``order``, ``cursor``) is the tap's affair."""


def filter_problems(filters: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the setting ``job_filters`` beyond its schema."""
    for section, group in EXCLUSIVE.items():
        if len([name for name in group if filters.get(name) is not None]) > 1:
            yield f"job_filters must have only one of {', '.join(group)} (guide {section})"
    for name in TIMES:
        if filters.get(name) is not None and not _is_time(filters[name]):
            yield f"job_filters.{name} must be a date or date-time in ISO 8601"


class JobFilters:
    """The setting ``job_filters``, as arguments of the query."""

    def __init__(self, given: Mapping[str, Any], *, slashes: bool) -> None:
        """Take what passed :func:`filter_problems`; ``slashes``: times as in ``2019/06/01``."""
        filters = {name: value for name, value in given.items() if value is not None}
        self.values: Mapping[str, Any] = {
            name: filters[name] for name in filters if name not in TIMES
        }
        self._times = {name: parse_time(filters[name]) for name in filters if name in TIMES}
        self._slashes = slashes
        self.since_is_exclusive = True
        """Of the vendor's ``updatedSince``; assumed until it is known, so that no job is lost."""

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.values or self._times)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the filters, the same for filters that mean the same."""
        canonical = {
            **{
                name: sorted([value] if isinstance(value, str) else value)
                for name, value in self.values.items()
            },
            **self._times,
        }
        return hashlib.sha256(msgspec.json.encode(canonical, order="deterministic")).hexdigest()

    def arguments(self, window: Window | None = None) -> dict[str, object]:
        """Return the filters and the bounds of a window of ``updated`` as arguments.

        Whether bounds are included is unknown (docs: taps/flow/facts#filters), and a job on the
        edge of two windows must be in one of them. So the request reaches a millisecond beyond the
        window's end and, unless the vendor is known to include the lower bound, before its start.
        :func:`on_edge` finds the jobs that are too many.
        """
        times = dict(self._times)
        if window is not None and window.start is not None:
            since = window.start - _TICK if self.since_is_exclusive else window.start
            times["updatedSince"] = max(since, times.get("updatedSince", since))
        if window is not None and window.end != FOREVER:
            before = window.end + _TICK
            times["updatedBefore"] = min(before, times.get("updatedBefore", before))
        return {**self.values, **{name: self._literal(time) for name, time in times.items()}}

    def since(self, moment: datetime) -> dict[str, object]:
        """Return the bound ``updatedSince`` alone, unchanged."""
        return {"updatedSince": self._literal(moment)}

    def _literal(self, moment: datetime) -> str:
        text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        return text.replace("-", "/") if self._slashes else text


def on_edge(job: AnyRecord, window: Window) -> bool:
    """Whether a job is there only because the request reached a millisecond too far."""
    updated = updated_at(job)
    if updated is None:
        return False
    before = window.start is not None and window.start - _TICK <= updated < window.start
    return before or (window.end != FOREVER and window.end <= updated <= window.end + _TICK)


def outside(job: AnyRecord, window: Window) -> bool:
    """Whether a job was last changed outside of the requested window."""
    updated = updated_at(job)
    if updated is None or on_edge(job, window):
        return False
    return updated >= window.end or (window.start is not None and updated < window.start)


def updated_at(job: AnyRecord) -> datetime | None:
    """Return when a job was last changed; None if that can't be parsed."""
    try:
        return parse_time(job["updated"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True
