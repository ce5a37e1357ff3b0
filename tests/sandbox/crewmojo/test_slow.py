"""Slow reports of the sandbox's Crewmojo: jobs that are polled."""

from __future__ import annotations

import json

from tests.sandbox.crewmojo.client import JSON, MAY, Client, Record, cells, text


class TestSlowReports:
    def start(self, client: Client, body: Record | None = None, report: str = "goals.slow") -> str:
        answer = json.loads(text(client.ask(report, body)))
        job_id: str = answer["jobId"]
        return job_id

    def test_polls_until_it_is_ready(self, client: Client) -> None:
        job_id = self.start(client, {"contentType": "json", **MAY})
        for _ in range(2):
            assert json.loads(text(client.poll("goals.slow", job_id))) == {"jobId": job_id}
        rows = json.loads(text(client.poll("goals.slow", job_id)))
        assert "jobId" in rows[0]
        assert {row["createdDate"][:7] for row in rows} == {"2025-05"}
        assert client.poll("oneonone.summary", job_id).status == 400

    def test_the_test_switch(self) -> None:
        client = Client(variants={"slow": "0_polls", "poll_format": "csv"})
        job_id = self.start(client, {"jobId": True, "contentType": "json"}, "people.custom")
        answer = client.poll("people.custom", job_id)
        assert answer.content_type == "text/csv"
        assert len(cells(answer)) == 121

    def test_a_job_lives_ten_minutes(self) -> None:
        for choice in ("400", "404"):
            client = Client(variants={"slow": "45_seconds", "job_gone": choice})
            job_id = self.start(client)
            assert client.poll("goals.slow", job_id).content_type == JSON
            client.clock.advance(seconds=46)
            assert client.poll("goals.slow", job_id).content_type == "text/csv"
            client.clock.advance(minutes=10)
            assert client.poll("goals.slow", job_id).status == int(choice)
            assert client.poll("goals.slow", "unknown").status == int(choice)

    def test_some_are_ready_late_or_never(self) -> None:
        for choice, ready in (("second_job", True), ("never", False)):
            client = Client(variants={"slow": choice, "job_answer": "with_status"})
            first, second = self.start(client), self.start(client)
            assert len(json.loads(text(client.poll("goals.slow", first)))) == 3
            finished = client.poll("goals.slow", second).content_type == "text/csv"
            assert finished is ready

    def test_a_job_and_its_token(self) -> None:
        for choice, status in (("client", 200), ("token", 400)):
            client = Client(variants={"job_owner": choice})
            job_id = self.start(client)
            older, newer = client.token, client.log_in()
            assert client.poll("goals.slow", job_id, older).status == 401
            assert client.poll("goals.slow", job_id, newer).status == status

    def test_forms_of_the_poll(self) -> None:
        for choice, by_segment, by_query in (
            ("segment", 200, 404),
            ("query", 404, 200),
            ("both", 200, 200),
        ):
            client = Client(variants={"poll_path": choice})
            job_id = self.start(client)
            path = "/v1/integrations/download/goals.slow"
            assert client.poll("goals.slow", job_id).status == by_segment
            assert client.send("GET", path, query=f"jobId={job_id}").status == by_query
