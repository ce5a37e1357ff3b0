"""A giosg whose rows and responses a test writes: one workflow with one step."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from sandbox.web import Request, Response, Route, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.world import World

WORKFLOW = "11111111-1111-4111-8111-111111111111"
ORGANIZATION = "22222222-2222-4222-8222-222222222222"
FIRST_EVENT = datetime(2026, 3, 2, tzinfo=timezone.utc)
"""A Monday."""

_WORKFLOWS = f"/api/objectives/v1/orgs/{ORGANIZATION}/workflows"
_REPORTS = f"/api/reporting/workflow/v1/orgs/{ORGANIZATION}/workflows/{{id}}"


class Given:
    """Answers with what is set on it.

    Attributes:
        rows: When, and the cells of a row.
        headings: Over the cells.
        edges: Which edges belong to an interval: ``both``, ``start``, ``end`` or ``none``.
        longest: Longer intervals are refused (400).
        most: More rows than these are too many (500).
        instants: Whether an interval may begin and end at the same time.
        download: The response to every download, in place of the rows.
        info: The response of ``info/``.
        workflows: The response of the list.
        pages: Its responses one after another, in place of ``workflows``.
    """

    name = "giosg"
    variants: Mapping[str, tuple[str, ...]] = {}

    def __init__(self, _: World) -> None:
        self.reset()

    def reset(self) -> None:
        self.rows: list[tuple[datetime, Sequence[str]]] = []
        self.headings: Sequence[str] = ("text",)
        self.edges = "both"
        self.longest = timedelta.max
        self.most = 10**9
        self.instants = True
        self.download: Response | None = None
        self.info: dict[str, Any] = {
            "id": WORKFLOW,
            "type": "user-generated",
            "start_date": FIRST_EVENT.isoformat(),
            "end_date": "2026-03-12",
        }
        self.workflows: Response = as_json([{"id": WORKFLOW}])
        self.pages: list[Response] = []

    def settings(self, base_url: str) -> dict[str, Any]:
        return {
            "api_token": "a-token-of-the-test",
            "api_url": base_url,
            "service_url": base_url,
            "step_indexes": [1],
        }

    def truth(self, stream: str) -> Iterable[dict[str, Any]]:
        raise KeyError(stream)

    def revoke_tokens(self) -> None:
        """There are none."""

    def routes(self) -> Sequence[Route]:
        me = as_json({"organization_id": ORGANIZATION})
        return (
            Route("me", "GET", "/api/v5/users/me", lambda _: me),
            Route("workflows", "GET", _WORKFLOWS, lambda _: self._listed()),
            Route("info", "GET", f"{_REPORTS}/info/", self._info),
            Route("sidedata", "POST", f"{_REPORTS}/sidedata/", lambda _: as_json({})),
            Route("download", "POST", f"{_REPORTS}/step/1/download/", self._download),
        )

    def _listed(self) -> Response:
        return self.pages.pop(0) if self.pages else self.workflows

    def _info(self, request: Request) -> Response:
        if request.params["id"] != WORKFLOW:
            return as_json({"detail": "Not found."}, 404)
        return as_json(self.info)

    def _download(self, request: Request) -> Response:
        payload = request.json()
        start, end = (
            datetime.fromisoformat(payload["interval"][edge]) for edge in ("start", "end")
        )
        if end - start > self.longest:
            return as_json({"interval": ["The interval is too long."]}, 400)
        if start == end and not self.instants:
            return as_json({"interval": ["start must be before end."]}, 400)
        if self.download is not None:
            return self.download
        found = [cells for time, cells in self.rows if self._holds(start, time, end)]
        if "limit" in payload:
            del found[payload["limit"] :]
        if len(found) > self.most:
            return as_json({"detail": "An unexpected error occurred with the query."}, 500)
        body = io.StringIO()
        csv.writer(body).writerows([self.headings, *found])
        return Response(body.getvalue().encode(), content_type="text/csv")

    def _holds(self, start: datetime, time: datetime, end: datetime) -> bool:
        return (
            start < time < end
            or (time == start and time == end and self.edges == "both")
            or (time == start != end and self.edges in {"both", "start"})
            or (time == end != start and self.edges in {"both", "end"})
        )


def _property(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON schema
    return {name: {"type": ["string", "null"], **more}}


CATALOG: dict[str, Any] = {
    "streams": [
        {
            "tap_stream_id": "step_source_data",
            "stream": "step_source_data",
            "key_properties": ["row_id"],
            "replication_key": "interval_end",
            "schema": {
                "type": "object",
                "properties": {
                    **_property("row_id"),
                    **_property("interval_end", format="date-time"),
                    **_property("text"),
                },
            },
            "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
        }
    ]
}
"""For the steps, with the column ``text``."""
