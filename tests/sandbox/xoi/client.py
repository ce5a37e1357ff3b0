"""A client of the sandbox's XOi, and what its responses hold."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from typing import Any

from sandbox.routing import RouteTable
from sandbox.web import Request, Response
from sandbox.world import Clock, World
from sandbox.xoi import VENDOR
from sandbox.xoi.access import API_KEY, API_SECRET

EPOCH = datetime(2025, 6, 2, 12, tzinfo=timezone.utc)


TOKEN = "/users-rest/prod/token"


EXAMPLE = (
    "cjob-11111111-2222-33333333-444444444444-C112-555555555555",
    "wjob-aaaaaaaa-bbbb-cccc-dddddddddddd-iR25-eeeeeeeeeeee",
)


JOBS = """query ($input: ListJobsInput!) { listJobs(input: $input) { jobConnection {
  nextToken items {
    id assigneeIds externalId createdAt createdBy updatedAt completedAt completedBy
    customerName customerEmail jobLocation workOrderNumber label tags publicTags
    tagSuggestions workTypeIds externalAppUrl internalNote { text }
    internalNotificationContacts { email notify_of_events }
    deepLinks { visionWeb { viewJob { url } } visionMobile { viewJob { url } editJob { url }
      jobLocationActivitySearch { url } contributeToJob { url } } } } } } }"""


ITEM = """contentId workflowId workflowName workflowLabel stepIndex stepName stepTraits tags traits
  choice { chosen options } date_entry { value } number_entry { value unit_type unit }
  text_entry { value } note { text } workSummary { summary_text }
  derivedData { make model serial manufacture_date name transcript }"""


DOCUMENTATION = f"""query ($input: ListDocumentationInput!) {{ listDocumentation(input: $input) {{
  documentationConnection {{ nextToken items {{ jobId {ITEM} }} }} }} }}"""


HISTORY = """query ($input: ListWebhookHistoryInput!) { listWebhookHistory(input: $input) {
  webhookHistoryConnection {
    nextToken items { event firedAt jobId orgId traits workflowId } } } }"""


SUMMARY = f"""query ($input: GetJobSummaryInput!) {{ getJobSummary(input: $input) {{ nextToken
  jobSummary {{ jobId assignees {{ id email phone_number }} documentation {{ {ITEM} }} }} }} }}"""


USERS = """query ($input: ListUsersInput!) { listUsers(input: $input) { userConnection {
  nextToken items { id email given_name family_name } } } }"""


ASCENDING = {"dateQuery": {"type": "CREATED_AT", "ascending": True}}


COMPLETED = {"dateQuery": {"type": "COMPLETED_AT", "ascending": True}}


OLDEST_FIRST = {"dateQuery": {"ascending": True}}


Record = dict[str, Any]


class Client:
    def __init__(self, scale: float = 1.0, variants: dict[str, str] | None = None) -> None:
        self.clock = Clock(frozen_at=EPOCH)
        chosen = {f"xoi.{name}": choice for name, choice in (variants or {}).items()}
        self.vendor = VENDOR(World(self.clock, epoch=EPOCH, scale=scale, variants=chosen))
        self.routes = RouteTable(self.vendor.routes())
        self.token = ""

    def send(
        self, method: str, path: str, body: bytes = b"", content_type: str = "", auth: str = ""
    ) -> Response:
        found = self.routes.find(method, path)
        assert found.route, path
        headers = {"content-type": content_type, "authorization": auth}
        request = Request(method, path, "", headers, body, found.params)
        return found.route.handler(request)

    def log_in(self, secret: str = API_SECRET) -> Response:
        body = json.dumps({"api_key": API_KEY, "api_secret": secret}).encode()
        answer = self.send("POST", TOKEN, body, "application/json")
        self.token = decoded(answer).get("token", "")
        return answer

    def graphql(self, query: str, given: Record, path: str = "/jobs/graphql") -> Record:
        if not self.token:
            self.log_in()
        body = json.dumps({"query": query, "variables": {"input": given}}).encode()
        answer: Record = decoded(self.send("POST", path, body, "application/json", self.token))
        return answer

    def pages(self, query: str, given: Record, path: str = "/jobs/graphql") -> list[Any]:
        """The items of each page, until the vendor says that it was the last."""
        pages: list[Any] = []
        token: str | None = ""
        while token or not pages:
            answer = self.graphql(query, {**given, "nextToken": token}, path)
            assert "errors" not in answer, answer
            (result,) = answer["data"].values()
            (connection,) = result.values()
            pages.append(connection["items"] if connection else [])
            token = connection["nextToken"] if connection else ""
        return pages

    def items(self, query: str, given: Record, path: str = "/jobs/graphql") -> list[Any]:
        return [item for page in self.pages(query, given, path) for item in page]

    def report(self, job_id: str, workflow_id: str, auth: str | None = None) -> Response:
        if not self.token:
            self.log_in()
        path = f"/jobs-rest/prod/reporting-data/job/{job_id}/workflow-job/{workflow_id}"
        return self.send("GET", path, auth=self.token if auth is None else auth)

    def truth(self, stream: str, source: str = "webhook_history") -> list[Record]:
        return list(self.vendor.truth(stream, source))


def decoded(answer: Response) -> Any:  # noqa: ANN401  # JSON has any shape
    assert isinstance(answer.body, bytes)
    return json.loads(answer.body)


def texts(rows: list[Record]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


def in_plate_order(step_data: object) -> object:
    """Step data by reference key, the plates of each in one order whatever their keys."""
    if not isinstance(step_data, dict):
        return step_data
    grouped: dict[str, list[str]] = {}
    for key, value in step_data.items():
        base, _, number = key.rpartition("_")
        is_more = number.isdigit() and "serial" in json.dumps(step_data.get(base))
        grouped.setdefault(base if is_more else key, []).append(json.dumps(value))
    return {key: sorted(values) for key, values in grouped.items()}


def reports(client: Client) -> list[Record]:
    rows = client.truth("workflow_job_reports")
    return [{**row, "stepData": in_plate_order(row["stepData"])} for row in rows]


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
