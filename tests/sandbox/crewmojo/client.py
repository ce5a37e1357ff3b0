"""A client of the sandbox's Crewmojo, and what its responses hold."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime, timezone
from typing import Any

from sandbox.crewmojo import VENDOR
from sandbox.crewmojo.access import CLIENT_ID, CLIENT_SECRET
from sandbox.routing import RouteTable
from sandbox.web import Request, Response
from sandbox.world import Clock, World

EPOCH = datetime(2025, 6, 2, 12, tzinfo=timezone.utc)


JSON = "application/json"


FORM = "application/x-www-form-urlencoded"


GRANT = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}


MAY = {"startDate": 20250501, "endDate": 20250531}


MARCH_2024 = {"startDate": 20240301, "endDate": 20240331}


Record = dict[str, Any]


class Client:
    def __init__(self, scale: float = 1.0, variants: dict[str, str] | None = None) -> None:
        self.clock = Clock(frozen_at=EPOCH)
        chosen = {f"crewmojo.{name}": choice for name, choice in (variants or {}).items()}
        self.world = World(self.clock, epoch=EPOCH, scale=scale, variants=chosen)
        self.vendor = VENDOR(self.world)
        self.routes = RouteTable(self.vendor.routes())
        self.token = ""
        self.log_in()

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        content_type: str = JSON,
        token: str | None = None,
        query: str = "",
    ) -> Response:
        found = self.routes.find(method, path)
        assert found.route, path
        token = self.token if token is None else token
        headers = {"content-type": content_type, "authorization": f"Bearer {token}"}
        return found.route.handler(Request(method, path, query, headers, body, found.params))

    def log_in(self) -> str:
        answer = self.send("POST", "/v1/oauth/token", json.dumps(GRANT).encode())
        self.token = json.loads(text(answer))["access_token"]
        return self.token

    def ask(self, report: str, body: Record | None = None, token: str | None = None) -> Response:
        path = f"/v1/integrations/download/{report}"
        return self.send("POST", path, json.dumps(body or {}).encode(), token=token)

    def poll(self, report: str, job_id: str, token: str | None = None) -> Response:
        return self.send("GET", f"/v1/integrations/download/{report}/{job_id}", token=token)

    def rows(self, report: str, dates: Record | None = None) -> list[Record]:
        answer = self.ask(report, {"contentType": "json", **(dates or {})})
        rows: list[Record] = json.loads(text(answer))
        return rows

    def truth(self, stream: str, *, as_csv: bool | None = None) -> list[Record]:
        return list(self.vendor.truth(stream, as_csv=as_csv))


def content(answer: Response) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)


def text(answer: Response) -> str:
    return content(answer).decode()


def cells(answer: Response, encoding: str = "utf-8") -> list[list[str]]:
    return [*csv.reader(io.StringIO(content(answer).decode(encoding), newline=""))]


def counted(rows: list[Record]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


def since_start(client: Client) -> Record:
    start = datetime.fromisoformat(client.vendor.settings("")["start_date"])
    return {
        "startDate": int(f"{start:%Y%m%d}"),
        "endDate": int(f"{client.clock.now():%Y%m%d}"),
    }
