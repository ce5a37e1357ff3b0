"""giosg as an HTTP API: all endpoints, with their slashes and statuses."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.giosg import examples
from sandbox.giosg.answers import CHARSETS, FIELDS, as_csv, as_json_table, as_xlsx
from sandbox.giosg.organization import Organization
from sandbox.giosg.payload import (
    DOWNLOAD,
    REPORT,
    SIDEDATA,
    SOURCE,
    RefusedError,
    read_payload,
)
from sandbox.giosg.shape import SHAPES, Shape
from sandbox.giosg.table import HEADINGS
from sandbox.giosg.truth import event_rows, truth
from sandbox.giosg.workflows import SOURCE_TARGETS
from sandbox.web import Request, Response, Route, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox.giosg.events import Event
    from sandbox.giosg.payload import Payload
    from sandbox.giosg.table import Table
    from sandbox.giosg.workflows import Workflow
    from sandbox.world import World

_REPORTING = "/api-host/api/reporting/workflow/v1/orgs/{organization_id}/workflows/{workflow_id}"
_OBJECTIVES = "/api-host/api/objectives/v1/orgs/{organization_id}/workflows"
_ME = "/service-host/api/v5/users/me"

_FORBIDDEN = {
    "subscription": "Your organization does not have an active subscription.",
    "organization": "You do not have access to this organization.",
    "permission": "You do not have the reporting permission.",
}


class Giosg:
    """giosg's workflow reporting.

    Event rows are made by index when they are asked for, so their number costs nothing. A test
    or benchmark that wants other sizes than the variant ``giosg.shape`` offers sets
    ``Giosg.shape = Shape(...)`` before it makes the sandbox.
    """

    name = "giosg"
    shape: ClassVar[Shape | None] = None
    variants: Mapping[str, tuple[str, ...]] = {
        "auth": ("token", "bearer"),
        "forbidden": ("nothing", *_FORBIDDEN),
        "workflow_list": ("bare", "paged"),
        "listed": ("all", "without_default"),
        "rows": ("objects", "arrays"),
        "fields": tuple(FIELDS),
        "edges": ("both_inclusive", "half_open", "end_inclusive"),
        # bare: 200 without fields or headings.
        "empty_window": ("empty", "not_found", "bare"),
        # Days of an interval, and rows of an answer, beyond which there is a 400 or a 500.
        "longest_interval": ("none", "180", "31"),
        "most_rows": ("none", "100", "20"),
        "order": ("ascending", "descending"),
        "headings": tuple(HEADINGS),
        "csv_charset": tuple(CHARSETS),
        "csv_newline": ("crlf", "lf"),
        "xlsx_dates": ("excel", "text"),
        "info_dates": ("midnight", "date"),
        "info_without_events": ("null", "absent"),
        "examples": ("served", "left_out"),
        "shape": tuple(SHAPES),
    }

    def __init__(self, world: World) -> None:
        """Make the organization's definitions; see :class:`Shape` for their number."""
        self.world = world
        shape = self.shape or SHAPES[world.variant(self, "shape")]
        if shape is SHAPES["scale"]:
            shape = Shape(workflows=max(1, round(shape.workflows * world.scale)))
        self.organization = Organization(world, shape, variant=partial(world.variant, self))
        self._tokens = world.random("giosg:tokens")
        self._token = f"{self._tokens.getrandbits(160):040x}"

    def routes(self) -> Sequence[Route]:
        """A-I; the reads A-D and F are POSTs."""
        made = partial(self._route)
        return (
            made("source_data", "POST", f"{_REPORTING}/source_data", self._source_data),
            made("step", "POST", f"{_REPORTING}/step/{{step_index}}", self._step),
            made("download", "POST", f"{_REPORTING}/step/{{step_index}}/download/", self._download),
            made("query", "POST", f"{_REPORTING}/query/", self._query),
            made("info", "GET", f"{_REPORTING}/info/", self._info),
            made("sidedata", "POST", f"{_REPORTING}/sidedata/", self._sidedata),
            made("workflows", "GET", _OBJECTIVES, self._workflows),
            made("workflow", "GET", f"{_OBJECTIVES}/{{workflow_id}}", self._workflow_detail),
            made("me", "GET", _ME, self._me),
        )

    def settings(self, base_url: str) -> dict[str, Any]:
        """Settings of the tap; the scheme is given where it is not the default."""
        settings = {
            "api_token": self._token,
            "api_url": f"{base_url}/api-host",
            "service_url": f"{base_url}/service-host",
        }
        if self.world.variant(self, "auth") == "bearer":
            settings["auth_scheme"] = "Bearer"
        return settings

    def revoke_tokens(self) -> None:
        """Its user is deleted, the token is dead; :meth:`settings` then has a new one."""
        self._token = f"{self._tokens.getrandbits(160):040x}"

    def truth(self, stream: str) -> Iterable[dict[str, Any]]:
        """Rows of all listed workflows, for the tap's default settings; see :mod:`.truth`."""
        return truth(self.organization, stream)

    def event_rows(
        self, stream: str, *, targets: Sequence[str] = (), typed: bool = False, basic: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Event rows for other settings: see :func:`sandbox.giosg.truth.event_rows`."""
        return event_rows(self.organization, stream, targets=targets, typed=typed, basic=basic)

    # Access

    def _route(
        self, name: str, method: str, pattern: str, handler: Callable[[Request], Response]
    ) -> Route:
        return Route(name, method, pattern, partial(self._answer, handler))

    def _answer(self, handler: Callable[[Request], Response], request: Request) -> Response:
        scheme = self.world.variant(self, "auth").capitalize()
        if request.headers.get("authorization") != f"{scheme} {self._token}":
            given = "authorization" in request.headers
            detail = "Invalid token." if given else "Authentication credentials were not provided."
            return as_json({"detail": detail}, 401, headers={"WWW-Authenticate": scheme})
        try:
            return handler(request)
        except RefusedError as refused:
            return as_json(refused.body, refused.status)

    def _reach(self, request: Request) -> Workflow:
        """The workflow of a reporting URL (A-F), behind the three causes of a 403."""
        cause = self.world.variant(self, "forbidden")
        if cause in {"subscription", "permission"}:
            raise RefusedError(403, _FORBIDDEN[cause])
        return self._find(request)

    def _find(self, request: Request) -> Workflow:
        self._enter(request)
        workflow = self.organization.workflow(request.params["workflow_id"])
        if workflow is None:
            raise RefusedError(404, "Not found.")
        return workflow

    def _enter(self, request: Request) -> None:
        own = request.params["organization_id"] == examples.ORGANIZATION_ID
        if not own or self.world.variant(self, "forbidden") == "organization":
            raise RefusedError(403, _FORBIDDEN["organization"])

    # Endpoints

    def _source_data(self, request: Request) -> Response:
        workflow = self._reach(request)
        if workflow.type != "interaction":
            raise RefusedError(404, "Only interaction workflows have source data.")
        payload = read_payload(request, SOURCE, targets=SOURCE_TARGETS)
        return self._json_rows("source_data", workflow, None, payload)

    def _step(self, request: Request) -> Response:
        workflow = self._reach(request)
        step = self._step_of(workflow, request)
        return self._json_rows("step_source_data", workflow, step, read_payload(request, SOURCE))

    def _download(self, request: Request) -> Response:
        workflow = self._reach(request)
        step = self._step_of(workflow, request)
        payload = read_payload(request, DOWNLOAD)
        rows = self._rows(workflow, step, payload)
        table = self._table("step_source_data", rows)
        filename = f"workflow-step-{step}"
        variant = partial(self.world.variant, self)
        if payload.format == "xlsx":
            excel_dates = variant("xlsx_dates") == "excel"
            return as_xlsx(table, excel_dates=excel_dates, filename=filename)
        newline = "\r\n" if variant("csv_newline") == "crlf" else "\n"
        return as_csv(table, charset=variant("csv_charset"), newline=newline, filename=filename)

    def _json_rows(
        self, stream: str, workflow: Workflow, step: int | None, payload: Payload
    ) -> Response:
        rows = self._rows(workflow, step, payload)
        table = self._table(stream, rows, basic=payload.basic)
        headings = [column.heading for column in table.columns]
        # Objects can not have a key twice.
        arrays = self.world.variant(self, "rows") == "arrays" or len(set(headings)) < len(headings)
        return as_json_table(table, fields=self.world.variant(self, "fields"), arrays=arrays)

    def _table(self, stream: str, rows: Iterable[Event], *, basic: bool = False) -> Table:
        table = self.organization.table(stream, rows, basic=basic)
        if rows == [] and self._empty == "bare":
            table.columns.clear()
        return table

    def _rows(self, workflow: Workflow, step: int | None, payload: Payload) -> Iterable[Event]:
        """The rows asked for; an empty list where there are none."""
        self._check_length(payload)
        window = self.organization.window(payload.start, payload.end)

        def events() -> Iterator[Event]:
            rows = self.organization.events(workflow, step, payload.target, window, payload=payload)
            return islice(rows, payload.limit)

        most = self.world.variant(self, "most_rows")
        if most != "none" and sum(1 for _ in islice(events(), int(most) + 1)) > int(most):
            raise RefusedError(500, "An unexpected error occurred with the query.")
        rows = events()
        first = list(islice(rows, 1))
        if not first and self._empty == "not_found":
            raise RefusedError(404, "Data was not found.")
        return chain(first, rows) if first else first

    def _step_of(self, workflow: Workflow, request: Request) -> int:
        index = request.params["step_index"]
        steps = {str(step): step for step in workflow.steps}
        if index not in steps:
            raise RefusedError(404, "Not found.")
        return steps[index]

    @property
    def _empty(self) -> str:
        return self.world.variant(self, "empty_window")

    def _check_length(self, payload: Payload) -> None:
        longest = self.world.variant(self, "longest_interval")
        if longest != "none" and payload.end - payload.start > timedelta(days=int(longest)):
            message = f"The interval can be at most {longest} days long."
            raise RefusedError(400, {"interval": [message]})

    def _query(self, request: Request) -> Response:
        """The report behind the chart; its shape is unknown, this one is made up."""
        workflow = self._reach(request)
        payload = read_payload(request, REPORT)
        self._check_length(payload)
        window = self.organization.window(payload.start, payload.end)
        steps = []
        for step in workflow.steps:
            counts: dict[str, int] = {}
            for event in self.organization.events(
                workflow, step, "default", window, payload=payload
            ):
                counts[event[3]] = counts.get(event[3], 0) + 1
            actions = [{"name": name, "count": count} for name, count in counts.items()]
            steps.append({"index": step, "actions": actions})
        return as_json({"steps": steps})

    def _info(self, request: Request) -> Response:
        return as_json(self.organization.info(self._reach(request)))

    def _sidedata(self, request: Request) -> Response:
        workflow = self._reach(request)
        payload = read_payload(request, SIDEDATA)
        self._check_length(payload)
        figures, has_events = self.organization.sidedata(workflow, payload.start, payload.end)
        if not has_events and self._empty == "not_found":
            raise RefusedError(404, "Data was not found.")
        return as_json(figures)

    def _workflows(self, request: Request) -> Response:
        self._enter(request)
        listed = list(self.organization.listed())
        if self.world.variant(self, "workflow_list") == "bare":
            return as_json([self.organization.listing(workflow) for workflow in listed])
        try:
            cursor = request.query.get("cursor", "")
            start = int(base64.urlsafe_b64decode(cursor) or 0)
        except (ValueError, binascii.Error):
            raise RefusedError(404, "Invalid cursor") from None
        # Only the order of pages is promised, not their length (CONC).
        stop = start + max(2, len(listed) // 5) + start % 2
        page = listed[start:stop]
        return as_json(
            {
                "next": self._page_url(request, stop) if stop < len(listed) else None,
                "previous": self._page_url(request, 0) if start else None,
                "results": [self.organization.listing(workflow) for workflow in page],
            }
        )

    @staticmethod
    def _page_url(request: Request, start: int) -> str:
        cursor = base64.urlsafe_b64encode(str(start).encode()).decode()
        return f"{request.base_url}{request.path}?cursor={cursor.replace('=', '%3D')}"

    def _workflow_detail(self, request: Request) -> Response:
        return as_json(self.organization.listing(self._find(request)))

    @staticmethod
    def _me(_request: Request) -> Response:
        return as_json(examples.OWNER)
