"""The sandbox's XOi, asked as the vendor's pages say."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import datetime, timezone
from typing import Any

import pytest

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


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()


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


class TestAccess:
    def test_both_forms_give_tokens_that_stay_valid_for_an_hour(self) -> None:
        client = Client()
        client.log_in()
        pair = base64.b64encode(f"{API_KEY}:{API_SECRET}".encode()).decode()
        other = decoded(client.send("GET", TOKEN, auth=f"Basic {pair}"))
        assert list(other) == ["token"]
        assert client.report(*EXAMPLE).status == 200
        assert client.report(*EXAMPLE, auth=other["token"]).status == 200
        assert client.report(*EXAMPLE, auth=f"Bearer {client.token}").status == 401
        client.clock.advance(minutes=61)
        assert client.report(*EXAMPLE).status == 401
        client.log_in()
        assert client.report(*EXAMPLE).status == 200
        client.vendor.revoke_tokens()
        assert client.report(*EXAMPLE).status == 401

    @pytest.mark.parametrize(
        ("choice", "status"), [("401", 401), ("200_without_token", 200), ("403", 403)]
    )
    def test_wrong_credentials(self, choice: str, status: int) -> None:
        answer = Client(variants={"token_refusal": choice}).log_in("wrong")
        assert (answer.status, list(decoded(answer))) == (status, ["message"])

    def test_no_token_at_a_graphql_endpoint(self) -> None:
        for choice, status in (("401", 401), ("200_unauthorized", 200)):
            client = Client(variants={"graphql_auth_error": choice})
            answer = client.send("POST", "/users/graphql", b"{}", "application/json", "nonsense")
            assert answer.status == status
            assert decoded(answer)["errors"][0]["errorType"] == "UnauthorizedException"


class TestReports:
    def test_the_documented_example(self, client: Client) -> None:
        report = decoded(client.report(*EXAMPLE))
        assert report["createdAt"] == "2024-02-01T13:25:29.200000+00:00"
        assert report["completedAt"] == "2024-02-01T21:57:46.606000+00:00"
        assert report["jobLocation"] == "500 Sample Ave"
        voltage = {"value": 15, "unit_type": "Power", "unit": "Amps"}
        assert report["stepData"]["indoorVoltage"] == voltage
        assert report["stepData"]["filterReplaced"] is None

    def test_plates_change_their_keys_between_calls(self, client: Client) -> None:
        reports = [decoded(client.report(*EXAMPLE))["stepData"] for _ in range(20)]
        serials = {report["condenserPlate"]["value"]["serial"] for report in reports}
        assert serials == {"SN0001", "SN0002"}
        assert len({json.dumps(in_plate_order(report)) for report in reports}) == 1

    @pytest.mark.parametrize(
        "variants", [{}, {"plate_value": "flat", "choice_value": "string"}], ids=["likely", "other"]
    )
    def test_truth_is_what_is_served(self, variants: dict[str, str]) -> None:
        client = Client(variants=variants)
        truth = client.truth("workflow_job_reports")
        assert len(truth) > 250
        for row in truth:
            served = decoded(client.report(row["jobId"], row["workflowJobId"]))
            assert in_plate_order(served.pop("stepData")) == in_plate_order(row["stepData"])
            assert served.items() <= row.items()
        values = client.truth("workflow_job_step_values")
        assert len(values) == sum(len(row["stepData"] or ()) for row in truth)
        types = {row["value_type"] for row in values}
        assert types >= {"number", "string", "boolean", "datetime", "object", "dataplate", "null"}

    def test_a_pair_that_is_not_there(self) -> None:
        for choice in ("404", "403"):
            client = Client(variants={"unknown_pair": choice})
            assert client.report("cjob-unknown", EXAMPLE[1]).status == int(choice)
            assert client.report("cjob-1", EXAMPLE[1]).status == int(choice)

    def test_deletions_edits_and_recognitions_of_the_next_day(self) -> None:
        client = Client()
        before = {(row["jobId"], row["workflowJobId"]): row for row in reports(client)}
        client.clock.advance(days=1)
        client.log_in()
        after = {(row["jobId"], row["workflowJobId"]): row for row in reports(client)}
        gone = before.keys() - after.keys()
        assert gone
        assert {client.report(*pair).status for pair in gone} == {404}
        changed = [pair for pair in before.keys() & after.keys() if before[pair] != after[pair]]
        assert len(changed) >= 2
        assert all(before[pair]["changedAt"] < after[pair]["changedAt"] for pair in changed)

    def test_no_step_data(self) -> None:
        for choice, wire in (("null", None), ("none_text", "None"), ("empty_object", {})):
            client = Client(variants={"no_step_data": choice})
            row = next(
                row
                for row in client.truth("workflow_job_reports")
                if row["workflowName"] == "Site Survey"
            )
            served = decoded(client.report(row["jobId"], row["workflowJobId"]))
            assert served["stepData"] == wire
            assert row["stepData"] == (None if wire == "None" else wire)

    def test_unfinished_workflows(self) -> None:
        for choice in ("200", "404"):
            client = Client(variants={"unfinished_report": choice})
            rows = client.truth("workflow_job_reports", "job_summary")
            assert any(row["completedAt"] is None for row in rows) == (choice == "200")

    def test_drift(self) -> None:
        client = Client()
        client.vendor._tenant.world.drift["xoi.workflow_job_reports"] = {"region": "North"}
        assert decoded(client.report(*EXAMPLE))["region"] == "North"
        assert client.truth("workflow_job_reports")[0]["region"] == "North"


def reports(client: Client) -> list[Record]:
    rows = client.truth("workflow_job_reports")
    return [{**row, "stepData": in_plate_order(row["stepData"])} for row in rows]


class TestLists:
    @pytest.mark.parametrize("end_token", ["empty_text", "null"])
    @pytest.mark.parametrize("page_fill", ["full", "short"])
    def test_every_job_comes_once_in_order(self, end_token: str, page_fill: str) -> None:
        client = Client(variants={"end_token": end_token, "page_fill": page_fill})
        pages = client.pages(JOBS, {"limit": 60, **ASCENDING})
        jobs = [job for page in pages for job in page]
        assert texts(jobs) == texts(client.truth("jobs"))
        times = [parsed(job["createdAt"]) for job in jobs]
        assert times == sorted(times)
        assert {len(page) for page in pages[:-1]} == {60 if page_fill == "full" else 40}
        newest_first = client.items(JOBS, {"limit": 1000})
        assert newest_first == jobs[::-1]

    def test_dates_are_inclusive_and_times_come_in_all_forms(self, client: Client) -> None:
        jobs = client.items(JOBS, {"limit": 1000, **ASCENDING})
        assert {len(job["createdAt"]) for job in jobs} == {20, 27}
        first, last = jobs[10], jobs[20]
        for kind, field in (("CREATED_AT", "createdAt"), ("COMPLETED_AT", "completedAt")):
            edges = {"type": kind, "gte": first["createdAt"], "lte": last["createdAt"]}
            found = client.items(JOBS, {"limit": 3, "dateQuery": {**edges, "ascending": True}})
            gte, lte = parsed(edges["gte"]), parsed(edges["lte"])
            expected = [job for job in jobs if job[field] and gte <= parsed(job[field]) <= lte]
            assert texts(found) == texts(expected)

    def test_filters(self, client: Client) -> None:
        jobs = client.truth("jobs")
        name = jobs[5]["customerName"].split()[0].lower()
        found = client.items(JOBS, {"limit": 100, "filter": {"customerName": name}})
        assert jobs[5]["id"] in {job["id"] for job in found} < {job["id"] for job in jobs}
        several = {"limit": 100, "filter": {"customerName": jobs[5]["customerName"]}}
        assert client.items(JOBS, several) == []
        few = {"limit": 1000, "excludeJobIds": [jobs[5]["id"]]}
        assert len(client.items(JOBS, few)) == len(jobs) - 1

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({}, "limit"),
            ({"limit": 0}, "between 1 and 1000"),
            ({"limit": 1001}, "between 1 and 1000"),
            ({"limit": 5, "nextToken": "bm9uc2Vuc2U="}, "nextToken"),
            ({"limit": 5, "dateQuery": {"gte": "2024-02-01T00:00:00Z"}}, "type"),
            (
                {"limit": 5, "dateQuery": {"type": "CREATED_AT", "gte": "2024-02-01T00:00:00"}},
                "AWSDateTime",
            ),
            ({"limit": 5, "dateQuery": {"type": "UPDATED_AT"}}, "UPDATED_AT"),
        ],
    )
    def test_mistakes_are_errors(self, client: Client, given: Record, message: str) -> None:
        answer = client.graphql(JOBS, given)
        assert answer["data"] is None
        assert message in answer["errors"][0]["message"]

    def test_a_token_belongs_to_its_filters(self, client: Client) -> None:
        answer = client.graphql(JOBS, {"limit": 5, **ASCENDING})
        token = answer["data"]["listJobs"]["jobConnection"]["nextToken"]
        other = client.graphql(JOBS, {"limit": 5, **COMPLETED, "nextToken": token})
        assert other["errors"][0]["message"] == "Invalid nextToken"

    def test_an_unknown_field_and_a_mutation_are_errors(self) -> None:
        for choice in ("200", "400"):
            client = Client(variants={"graphql_error_status": choice})
            client.log_in()
            for query in ("{ listJobs { jobs } }", "mutation { deleteJob }", "{"):
                body = json.dumps({"query": query}).encode()
                answer = client.send(
                    "POST", "/jobs/graphql", body, "application/json", client.token
                )
                assert answer.status == int(choice)
                assert decoded(answer)["errors"]

    def test_documentation(self, client: Client) -> None:
        items = client.items(DOCUMENTATION, COMPLETED)
        assert None in items
        assert texts([item for item in items if item]) == texts(client.truth("documentation"))
        with_empty = client.items(DOCUMENTATION, {**COMPLETED, "includeAllSteps": True})
        assert len(with_empty) > len(items)

    def test_webhook_history(self, client: Client) -> None:
        events = client.items(HISTORY, {"limit": 50, **OLDEST_FIRST})
        assert set(texts(events)) == set(texts(client.truth("webhook_history")))
        assert max(texts(events).values()) == 2
        assert max(texts(client.truth("webhook_history")).values()) == 1
        kinds = {"job_update", "job_delete"}
        assert {event["event"] for event in events} == kinds

    @pytest.mark.parametrize(
        ("variants", "event", "nothing"),
        [
            ({"event_names": "past"}, "job_updated", None),
            ({"job_event_workflow": "empty_text"}, "job_update", ""),
        ],
    )
    def test_forms_of_events(self, variants: Record, event: str, nothing: str | None) -> None:
        events = Client(variants=variants).items(HISTORY, {"limit": 1000})
        found = {one["workflowId"] for one in events if one["event"] == event}
        assert nothing in found

    def test_a_history_that_is_short_or_empty(self) -> None:
        everything = len(Client().items(HISTORY, {}))
        recent = len(Client(variants={"webhook_history": "recent"}).items(HISTORY, {}))
        assert 0 < recent < everything
        client = Client(variants={"webhook_history": "empty", "empty_connection": "null"})
        assert client.graphql(HISTORY, {})["data"] == {
            "listWebhookHistory": {"webhookHistoryConnection": None}
        }
        assert client.truth("workflow_job_reports") == []

    def test_users(self, client: Client) -> None:
        path = "/users/graphql"
        users = client.items(USERS, {"limit": 50}, path)
        assert texts(users) == texts(client.truth("users"))
        with_phone = USERS.replace("email", "email phone_number")
        assert client.graphql(with_phone, {}, path)["data"] is None
        other = Client(variants={"users_phone_number": "field"})
        assert texts(other.items(with_phone, {}, path)) == texts(other.truth("users"))


class TestSummaries:
    def test_all_workflows_of_a_job_in_pages(self, client: Client) -> None:
        truth = client.truth("workflow_job_reports", "job_summary")
        job_id, count = Counter(row["jobId"] for row in truth).most_common(1)[0]
        assert count == 3
        found: set[str] = set()
        token, pages = "", 0
        while token or not pages:
            given = {"jobId": job_id, "includeAllSteps": True, "nextToken": token}
            answer = client.graphql(SUMMARY, given)["data"]["getJobSummary"]
            found |= {item["workflowId"] for item in answer["jobSummary"]["documentation"]}
            token, pages = answer["nextToken"], pages + 1
        assert pages > 1
        assert found == {row["workflowJobId"] for row in truth if row["jobId"] == job_id}

    def test_the_documented_example(self, client: Client) -> None:
        answer = client.graphql(SUMMARY, {"jobId": "cjob-1"})["data"]["getJobSummary"]
        assert answer["nextToken"] == ""
        plate, voltage = answer["jobSummary"]["documentation"]
        assert plate["derivedData"]["serial"] == "SN0001"
        assert voltage["number_entry"] == {"value": 15.0, "unit_type": "Power", "unit": "Amps"}
        assert [user["id"] for user in answer["jobSummary"]["assignees"]] == ["tech@example.com"]

    def test_an_unknown_job(self, client: Client) -> None:
        answer = client.graphql(SUMMARY, {"jobId": "cjob-unknown"})
        assert answer["data"] is None
        (error,) = answer["errors"]
        assert (error["message"], error["errorType"]) == ("Job not found", "Lambda:Unhandled")
        assert error["path"] == ["getJobSummary"]

    def test_look_ups(self, client: Client) -> None:
        query = """query ($input: GetJobIdByExternalIdInput!) {
          getJobIdByExternalId(input: $input) { jobId } }"""
        found = client.graphql(query, {"externalId": "WO-1001"})["data"]
        assert found == {"getJobIdByExternalId": {"jobId": EXAMPLE[0]}}
        assert client.graphql(query, {"externalId": "none"})["errors"]


class TestTime:
    @pytest.mark.parametrize("scale", [0.01, 1.0])
    def test_the_next_day_brings_what_happened_before_the_epoch(self, scale: float) -> None:
        client = Client(scale)
        fields = {"jobs": "createdAt", "documentation": "jobId", "webhook_history": "firedAt"}
        before = {stream: texts(client.truth(stream)) for stream in fields}
        client.clock.advance(days=1)
        for stream, field in fields.items():
            new = [json.loads(text) for text in texts(client.truth(stream)) - before[stream]]
            assert new
            if field != "jobId":
                assert any(parsed(row[field]) < EPOCH for row in new)
        assert all(parsed(row["firedAt"]) <= client.clock.now() for row in new)

    def test_history_goes_on_for_a_month(self) -> None:
        client = Client()
        count = len(client.truth("jobs"))
        client.clock.advance(days=29)
        assert len(client.truth("jobs")) > count * 1.2

    def test_the_same_seed_gives_the_same_data(self, client: Client) -> None:
        assert texts(client.truth("jobs")) == texts(Client().truth("jobs"))


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
