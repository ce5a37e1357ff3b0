"""Asks the sandbox's Onsight Flow as the developer guide says."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.flow import VENDOR
from sandbox.flow.access import CLIENT_ID, CLIENT_SECRET
from sandbox.flow.truth import LEAVES
from sandbox.routing import RouteTable
from sandbox.web import Request, Response
from sandbox.world import Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EPOCH = datetime(2025, 6, 18, 12, 30, tzinfo=timezone.utc)
BASE = "http://sandbox.example/flow"
GRAPH = "/gateway/query/v2/graph"
FORM = "application/x-www-form-urlencoded"
THUMBNAILS = f"thumbnails {{ {' '.join(LEAVES['Thumbnail'])} }}"
ALL_OF_A_JOB = f"""
  {" ".join(name for name in LEAVES["Job"] if name != "metadata")} metadata {{ name value }}
  steps {{ {" ".join(LEAVES["Step"])} substeps {{ {" ".join(LEAVES["Substep"])} }} }}
  attachments {{ {" ".join(LEAVES["Attachment"])} {THUMBNAILS} }}
  reports {{ {" ".join(LEAVES["Report"])} }}
"""

Record = dict[str, Any]


class Client:
    """Calls the handlers as the server would."""

    def __init__(self, *, scale: float = 1.0, seed: int = 1, **variants: str) -> None:
        self.clock = Clock(frozen_at=EPOCH)
        chosen = {f"flow.{name}": choice for name, choice in variants.items()}
        self.world = World(self.clock, seed, scale, EPOCH, chosen)
        self.vendor = VENDOR(self.world)
        self.vendor.settings(BASE)
        self.routes = RouteTable(self.vendor.routes())
        self.log_in()

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
    ) -> Response:
        path, _, query = target.partition("?")
        found = self.routes.find(method, path)
        if found.route is None:
            return Response(status=405 if found.allowed else 404)
        sent = {"authorization": f"Bearer {self.token}", **(headers or {})}
        sent = {name: value for name, value in sent.items() if value}
        return found.route.handler(Request(method, path, query, sent, body, found.params, BASE))

    def ask_for_token(self, **form: str) -> Response:
        fields = {"grant_type": "client_credentials", "client_id": CLIENT_ID, **form}
        body = urlencode({"client_secret": CLIENT_SECRET, **fields}).encode()
        headers = {"content-type": FORM, "authorization": ""}
        return self.send("POST", "/accounts/connect/token", body, headers=headers)

    def log_in(self, **form: str) -> None:
        self.token = ""
        self.token = decoded(self.ask_for_token(**form))["access_token"]

    def get(self, target: str) -> Any:  # noqa: ANN401  # JSON has any shape
        answer = self.send("GET", target)
        assert answer.status == 200, (target, answer)
        return decoded(answer)

    def query(self, text: str, variables: Record | None = None) -> Record:
        body = json.dumps({"query": text, "variables": variables}).encode()
        headers = {"content-type": "application/json"}
        answer: Record = decoded(self.send("POST", GRAPH, body, headers=headers))
        return answer

    def jobs(self, arguments: str = "", fields: str = "jobId") -> list[Record]:
        answer = self.query(f"{{ jobs({arguments} limit: 100) {{ {fields} }} }}")
        assert "errors" not in answer, answer
        jobs: list[Record] = answer["data"]["jobs"]
        return jobs

    def pages(self, arguments: str = "", fields: str = "jobId") -> Iterator[list[Record]]:
        """Page by page, the empty one at the end left out."""
        more = ""
        while page := self.jobs(f"{arguments} {more}", f"completedJobCursor {fields}"):
            yield page
            more = f'cursor: "{page[-1]["completedJobCursor"]}"'

    def every(self, arguments: str = "", fields: str = "jobId") -> list[Record]:
        return [job for page in self.pages(arguments, fields) for job in page]

    def truth(self, stream: str) -> list[Record]:
        return list(self.vendor.truth(stream))


def decoded(answer: Response) -> Any:  # noqa: ANN401  # JSON has any shape
    return json.loads(content(answer))


def content(answer: Response) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)


def message(answer: Record) -> str:
    text: str = answer["errors"][0]["message"]
    return text


def texts(rows: Iterable[object]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


def as_truth(value: Any) -> Any:  # noqa: ANN401  # JSON has any shape
    """Links without their query, dates that are not set as null."""
    if isinstance(value, dict):
        return {name: as_truth(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_truth(item) for item in value]
    if isinstance(value, str) and value.startswith(f"{BASE}/blob/"):
        return value.partition("?")[0]
    return None if value == "0001-01-01T00:00:00" else value


def without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}
