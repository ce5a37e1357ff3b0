"""Lists and summaries of the sandbox's XOi: pages, filters, mistakes."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.sandbox.xoi.client import (
    ASCENDING,
    COMPLETED,
    DOCUMENTATION,
    EXAMPLE,
    HISTORY,
    JOBS,
    OLDEST_FIRST,
    SUMMARY,
    USERS,
    Client,
    Record,
    decoded,
    parsed,
    texts,
)


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
