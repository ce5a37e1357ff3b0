"""XOi's GraphQL queries: their documents, and where their responses have the items."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_kit.errors import BadBodyError
from tap_kit.streams.graphql import selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_kit.streams.reader import Record
    from tap_kit.streams.schema import Schema

_log = logging.getLogger(__name__)

# "Cannot query field 'x' on type 'T'" (graphql-js and its kin); "Field 'x' in type 'T' is
# undefined" (AWS AppSync).
_UNKNOWN_FIELD = re.compile(
    r"""cannot query field ["'](\w+)["']|field ["'](\w+)["'] in type \S+ is undefined""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query, mostly one with pages.

    Every query takes one ``input``, whose type is named after it: ``listUsers`` has
    ``ListUsersInput``.

    Attributes:
        name: The root field.
        holder: The path from the root field to the object that has ``nextToken``.
        items: The path from there to the list.
        url: The setting that holds the API's address.
        paged: Whether it has pages; one without may give an object in place of a list.
        identified_by: The fields that identify items, whatever else changes while a list is read.
    """

    name: str
    holder: tuple[str, ...]
    items: tuple[str, ...] = ("items",)
    url: str = "jobs_url"
    paged: bool = True
    identified_by: tuple[str, ...] = ("id",)

    def document(self, fields: str) -> str:
        """Return the query's document for these fields of each item."""
        kind = self.name[0].upper() + self.name[1:]
        token = "nextToken " if self.paged else ""
        body = _nested(self.holder, f"{token}{_nested(self.items, fields)}")
        return f"query {kind}($input: {kind}Input!) {{ {self.name}(input: $input) {{ {body} }} }}"

    def read(self, data: Record) -> tuple[list[Record], str]:
        """Return the items of a page, and the token of the next page, "" at the end.

        A connection that is null is an empty page, and items that are null are left out. But a
        connection without the member for items is an error: missing is not null.

        Raises:
            BadBodyError: The response is not that of this query.
        """
        if self.name not in data:
            msg = f"a response without {self.name}"
            raise BadBodyError(msg)
        holder = _down(data, (self.name, *self.holder))
        items = _down(holder, self.items)
        token = (holder or {}).get("nextToken") or ""
        if not isinstance(token, str):
            msg = f"{self.name}: nextToken is no text"
            raise BadBodyError(msg)
        if isinstance(items, dict) and not self.paged:
            items = [items]
        if items is not None and not isinstance(items, list):
            msg = f"{self.name}: {'.'.join(self.items)} is not a list"
            raise BadBodyError(msg)
        found = [item for item in items or () if item is not None]
        if not all(isinstance(item, dict) for item in found):
            msg = f"{self.name}: {'.'.join(self.items)} is not a list of objects"
            raise BadBodyError(msg)
        return found, token


_STEP = (
    *("jobId", "workflowId", "stepIndex", "stepName", "contentId"),
    *("choice", "date_entry", "note", "number_entry", "text_entry", "workSummary"),
)
"""What tells items of documentation apart: where they belong, and what people entered."""
_EVENT = ("event", "firedAt", "jobId", "workflowId")

LIST_JOBS = Query("listJobs", ("jobConnection",))
LIST_DOCUMENTATION = Query("listDocumentation", ("documentationConnection",), identified_by=_STEP)
LIST_WEBHOOK_HISTORY = Query(
    "listWebhookHistory", ("webhookHistoryConnection",), identified_by=_EVENT
)
GET_JOB_SUMMARY = Query("getJobSummary", (), ("jobSummary", "documentation"), identified_by=_STEP)
LIST_USERS = Query("listUsers", ("userConnection",), url="users_url")
GET_CONTENT = Query("getContent", (), ("content",), url="content_url", paged=False)


class Fields:
    """The fields that a query requests: the selected ones, without those that XOi lacks.

    Most that is known of XOi's types comes from one of its environments, at one time (docs:
    taps/xoi/facts). A field that another environment lacks must not fail the stream.

    Args:
        schema: The schema of the items.
        wanted: Takes a breadcrumb, and returns whether that property is requested.
        needed: Fields that are always requested.
        optional: Fields that XOi may not have.
    """

    def __init__(
        self,
        schema: Schema,
        wanted: Callable[[tuple[str, ...]], bool],
        needed: Iterable[str | None] = (),
        optional: Iterable[str] = (),
    ) -> None:
        self.schema = schema
        self._wanted = wanted
        self._needed = frozenset(needed)
        self._optional = frozenset(optional)
        self._unknown: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return selection(self.schema, self._asked_for)

    def drop_unknown(self, complaint: str) -> None:
        """Stop to request the optional fields that XOi's error names, unless they are needed."""
        named = frozenset(a or b for a, b in _UNKNOWN_FIELD.findall(complaint))
        optional = frozenset(self.schema["properties"]) - self._needed
        for field in sorted((named & optional) - self._unknown):
            level = logging.INFO if field in self._optional else logging.WARNING
            _log.log(level, "XOi doesn't know the field %s; its column stays empty", field)
            self._unknown |= {field}

    def _asked_for(self, crumb: tuple[str, ...]) -> bool:
        return crumb[1] not in self._unknown and self._wanted(crumb)


def _nested(path: tuple[str, ...], inner: str) -> str:
    for name in reversed(path):
        inner = f"{name} {{ {inner} }}"
    return inner


def _down(value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401  # any JSON
    """Return the value at the end of a path; None if the path leads through a null."""
    for name in path:
        if value is None:
            return None
        if not isinstance(value, dict):
            msg = f"a response whose {name} stands in no object"
            raise BadBodyError(msg)
        if name not in value:
            msg = f"a response without {name}, which was asked for"
            raise BadBodyError(msg)
        value = value[name]
    return value
