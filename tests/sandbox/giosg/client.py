"""A client of the sandbox's giosg, and what its responses hold."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineWorkbook

from sandbox.giosg import Giosg, examples
from sandbox.giosg.table import shortest
from sandbox.routing import RouteTable
from sandbox.web import Request, Response
from sandbox.world import Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterable


NOW = datetime(2026, 11, 23, 9, 30, tzinfo=timezone.utc)  # a Monday


MONDAY = datetime(2026, 11, 16, tzinfo=timezone.utc)


WEEK = timedelta(days=7)


class Client:
    """Calls the handlers, with valid credentials unless told otherwise."""

    def __init__(self, *, scale: float = 1.0, **variants: str) -> None:
        chosen = {f"giosg.{name}": choice for name, choice in variants.items()}
        self.world = World(Clock(frozen_at=NOW), scale=scale, epoch=NOW, variants=chosen)
        self.vendor = Giosg(self.world)
        self.table = RouteTable(self.vendor.routes())
        self.settings = self.vendor.settings("http://sandbox/giosg")

    def call(
        self, method: str, path: str, body: object = None, *, query: str = "", **headers: str
    ) -> Response:
        found = self.table.find(method, path)
        assert found.route is not None, path
        scheme = self.settings.get("auth_scheme", "Token")
        headers = {
            "authorization": f"{scheme} {self.settings['api_token']}",
            "content-type": "application/json",
            **headers,
        }
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        base = "http://sandbox/giosg"
        return found.route.handler(Request(method, path, query, headers, raw, found.params, base))

    def workflow(self, kind: str, *, example: bool = False) -> str:
        return next(
            one.id
            for one in self.vendor.organization.listed()
            if one.type == kind and one.is_example == example
        )

    def reporting(self, workflow_id: str, rest: str, org: str = examples.ORGANIZATION_ID) -> str:
        return f"/api-host/api/reporting/workflow/v1/orgs/{org}/workflows/{workflow_id}/{rest}"

    def post(self, kind: str, rest: str, **body: object) -> Response:
        payload = {"filters": [], "interval": interval(MONDAY, MONDAY + WEEK), **body}
        return self.call("POST", self.reporting(self.workflow(kind), rest), payload)

    def all_rows(self, stream: str, windows: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
        """All rows of the listed workflows over JSON, under the vendor's headings."""
        found = []
        for workflow in self.vendor.organization.listed():
            is_source = stream == "source_data"
            if is_source and workflow.type != "interaction":
                continue
            for step in (None,) if is_source else workflow.steps:
                rest = "source_data" if is_source else f"step/{step}"
                for window in windows:
                    body = {"filters": [], "interval": window}
                    answer = self.call("POST", self.reporting(workflow.id, rest), body)
                    if answer.status == 404:
                        assert content(answer) == {"detail": "Data was not found."}
                        continue
                    rows = content(answer)["data"]
                    found += [{"workflow_id": workflow.id, "step_index": step, **r} for r in rows]
        return found


def whole(response: Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


def content(response: Response) -> Any:  # noqa: ANN401  # JSON has any shape
    return json.loads(whole(response))


def interval(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


EVERYTHING = [interval(datetime(2022, 1, 1, tzinfo=timezone.utc), NOW)]


def sheet_rows(answer: Response) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(whole(answer)))
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python()
    return rows


def as_text_row(row: dict[str, Any]) -> dict[str, str]:
    """Cells of any format as text, without those that are not set."""
    return {name: text for name, cell in row.items() if (text := cell_text(cell))}


def cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (int, float)):
        return shortest(cell)
    text = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    try:
        return shortest(float(text)) if "." in text else text
    except ValueError:
        return text


def key(row: dict[str, Any]) -> str:
    """A row's identity for comparisons: what is set, links without their signature."""
    cells = {
        name: cell_text(cell).partition("?sv=")[0]
        for name, cell in row.items()
        if cell not in {None, ""} and name not in {"organization_id", "target"}
    }
    return json.dumps(cells, sort_keys=True, ensure_ascii=False)
