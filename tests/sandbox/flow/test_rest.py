"""The REST services and the blob storage."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter

import pytest

from tests.sandbox.flow.client import (
    BASE,
    Client,
    Record,
    as_truth,
    content,
    without,
)


def as_sent(client: Client, stream: str) -> list[Record]:
    """The truth of a stream without the column that the tap adds."""
    return [without(row, "modified") for row in client.truth(stream)]


class TestRestJobs:
    def listed(
        self, client: Client, path: str = "/gateway/jobs/v1/", limit: int = 70
    ) -> list[Record]:
        rows: list[Record] = []
        while page := client.get(f"{path}?skip={len(rows)}&limit={limit}"):
            rows += page
        return rows

    @pytest.mark.parametrize("order", ["newest_first", "oldest_first"])
    def test_pages_bring_every_job_of_every_status(self, order: str) -> None:
        client = Client(rest_order=order)
        rows = self.listed(client)
        truth = as_sent(client, "jobs")
        assert rows == (truth[::-1] if order == "newest_first" else truth)
        statuses = Counter(row["metadata"]["status"] for row in rows)
        assert {"Completed", "Paused", "Active", "Aborted"} == set(statuses)
        completed = {row["jobId"] for row in rows if row["metadata"]["status"] == "Completed"}
        assert completed == {job["jobId"] for job in client.every()}
        assert len({row["jobId"] for row in rows}) == len(rows)

    def test_new_jobs_move_the_rows_of_the_newest_first(self) -> None:
        client = Client()
        first = client.get("/gateway/jobs/v1/?skip=0&limit=20")
        client.clock.advance(hours=23)
        client.log_in()
        second = client.get("/gateway/jobs/v1/?skip=20&limit=20")
        assert {row["jobId"] for row in first} & {row["jobId"] for row in second}

    def test_limits(self) -> None:
        client = Client(scale=5)
        assert len(client.get("/gateway/jobs/v1/")) == 20
        assert len(client.get("/gateway/jobs/v1/?limit=5000")) == 1000
        client.world.variants["flow.rest_max_limit"] = "100"
        assert len(client.get("/gateway/jobs/v1/?limit=5000")) == 100
        assert client.send("GET", "/gateway/jobs/v1/?skip=-1").status == 400
        assert client.send("GET", "/gateway/jobs/v1/?limit=many").status == 400

    def test_reads_by_id_give_the_steps(self, client: Client) -> None:
        details = {row["jobId"]: row for row in as_sent(client, "job_details")}
        assert all(row["metadata"]["status"] != "Completed" for row in details.values())
        for summary in self.listed(client)[:60]:
            job = client.get(f"/gateway/jobs/v1/bson/{summary['jobId']}")
            client_id = summary["metadata"]["clientJobId"]
            assert without(job, "completedSteps", "cancelledSteps") == without(
                summary, "completedSteps", "cancelledSteps"
            )
            assert details.get(job["jobId"], job) == job
            if client_id:
                assert client.get(f"/gateway/jobs/v1/{client_id}") == [job]
        forms = [
            step["reportStep"] for step in job["completedSteps"] if step["reportStep"] is not None
        ]
        assert forms[0]["steps"][0]["parentUniqueStepId"] == forms[0]["uniqueStepId"]

    def test_the_shape_of_reads_by_id_is_unsure(self, client: Client) -> None:
        other = Client(job_by_id="list", job_by_client_id="object")
        row = client.truth("job_details")[0]
        by_id = f"/gateway/jobs/v1/bson/{row['jobId']}"
        by_client = f"/gateway/jobs/v1/{row['metadata']['clientJobId']}"
        assert other.get(by_id) == [client.get(by_id)]
        assert [other.get(by_client)] == client.get(by_client)
        assert client.send("GET", "/gateway/jobs/v1/bson/5e3036f5e456fc00012e2b89").status == 404

    def test_jobs_of_the_caller_and_of_a_workflow(self, client: Client) -> None:
        rows = self.listed(client)
        mine = self.listed(client, "/gateway/jobs/v1/my/", 3)
        me = mine[0]["metadata"]["userId"]
        assert mine == [row for row in rows if row["metadata"]["userId"] == me]
        workflow = rows[0]["metadata"]["workflowId"]
        found = client.get(f"/gateway/jobs/v1/workflow/{workflow}")
        assert found == [row for row in rows if row["metadata"]["workflowId"] == workflow]

    @pytest.mark.parametrize("shape", ["object", "list", "404"])
    def test_nobody_knows_the_shape_of_snapshots(self, shape: str) -> None:
        client = Client(snapshots=shape)
        job = next(row for row in client.truth("jobs") if row["metadata"]["clientJobId"])
        target = f"/gateway/jobs/v1/snapshots/{job['metadata']['clientJobId']}"
        rows = client.truth("job_snapshots")
        if shape == "404":
            assert client.send("GET", target).status == 404
            assert rows == []
        else:
            assert type(client.get(target)).__name__ == ("list" if shape == "list" else "dict")
            assert rows[0]["snapshots"] == client.get(target)

    def test_the_address_of_a_report_is_bare_text(self, client: Client) -> None:
        for row in client.truth("job_report_urls")[:20]:
            answer = client.send(
                "GET", f"/gateway/reports/v1/generate/{row['clientJobId']}?getUrlOnly=true"
            )
            assert answer.content_type.startswith("text/plain")
            url = content(answer).decode()
            assert url.partition("?")[0] == row["reportUrl"]
            blob = client.send("GET", url.removeprefix(BASE), headers={"authorization": ""})
            assert content(blob).startswith(b"%PDF")

    def test_scheduled_jobs_and_jobs_name_each_other(self, client: Client) -> None:
        jobs = {row["jobId"]: row["metadata"]["metadata"] for row in client.truth("jobs")}
        tasks = [task for task in client.truth("scheduled_job_tasks") if task["jobId"] in jobs]
        assert len(tasks) > 20
        for task in tasks:
            assert jobs[task["jobId"]]["ScheduledJobId"] == task["scheduledJobId"]
            assert jobs[task["jobId"]]["ScheduledTaskId"] == task["taskId"]


class TestLists:
    @pytest.mark.parametrize(
        ("stream", "target"),
        [
            ("users", "/accounts/api/team/user"),
            ("report_templates", "/gateway/reporttemplates/v1"),
        ],
    )
    @pytest.mark.parametrize("hours", [0, 24])
    def test_lists_are_the_truth(self, stream: str, target: str, hours: float) -> None:
        client = Client()
        before = client.truth(stream)
        client.clock.advance(hours=hours)
        client.log_in()
        assert as_truth(client.get(target)) == client.truth(stream)
        assert bool(hours) == (client.truth(stream) != before)

    def test_groups_come_one_by_one(self, client: Client) -> None:
        details = [
            client.get(f"/accounts/api/group/{group['id']}")
            for group in client.get("/accounts/api/group")
        ]
        assert details == client.truth("groups")
        assert client.send("GET", "/accounts/api/group/none").status == 404

    def test_users_with_permissions_and_groups(self, client: Client) -> None:
        users = client.get("/accounts/api/team/user")
        permissions = [
            {
                "userId": user["userId"],
                **client.get(f"/accounts/api/team/user/{user['userId']}/permissions"),
            }
            for user in users
        ]
        assert permissions == client.truth("user_permissions")
        answer = client.query("{ users { emailAddress name userGroups { name } } }")
        assert answer["data"]["users"] == client.truth("query_users")
        assert {user["emailAddress"] for user in users} == {
            user["emailAddress"] for user in answer["data"]["users"]
        }

    def test_workflows_with_their_versions(self, client: Client) -> None:
        served = client.get("/gateway/workflows/v2")
        assert [without(row, "versions") for row in served] == client.truth("workflows")
        versions = [
            {**version, "workflowId": workflow["workflowId"]}
            for workflow in served
            for version in workflow["versions"]
        ]
        secrets = [version.get("downloadSignature") for version in versions]
        assert len(list(filter(None, secrets))) > 5
        for version in versions:
            if "downloadSignature" in version:
                version["downloadSignature"] = None
        assert versions == client.truth("workflow_versions")

    def test_scheduled_jobs_with_their_tasks(self, client: Client) -> None:
        served = as_truth(client.get("/gateway/scheduledjobs/v1"))
        rows = [
            {**without(job, "jobId", "tasks"), "scheduledJobId": job["jobId"]} for job in served
        ]
        assert rows == client.truth("scheduled_jobs")
        tasks = [
            {"scheduledJobId": job["jobId"], **task} for job in served for task in job["tasks"]
        ]
        assert tasks == client.truth("scheduled_job_tasks")
        one = client.get(f"/gateway/scheduledjobs/v1/{served[-1]['jobId']}")
        assert as_truth(one) == served[-1]

    def test_triggers_without_what_may_be_secret(self, client: Client) -> None:
        served = client.get("/gateway/trigger/v2")
        assert any("Bearer" in json.dumps(row["triggerOptions"]) for row in served)
        for row in served:
            row["triggerOptions"] = dict.fromkeys(row["triggerOptions"])
        assert served == client.truth("triggers")
        assert len(client.get(f"/gateway/trigger/v2/{served[0]['triggerId']}")) == 1

    def test_templates_and_their_contents(self, client: Client) -> None:
        rows = client.get("/gateway/reporttemplates/v1")
        contents = [
            as_truth(client.get(f"/gateway/reporttemplates/v1/content/{row['reportTemplateId']}"))
            for row in rows
        ]
        assert contents == client.truth("report_template_contents")
        names = client.get("/gateway/reporttemplates/v1/names")
        assert {row["lastUpdated"] for row in names} == {"0001-01-01T00:00:00"}
        assert client.get("/gateway/reporttemplates/v1/default")["isDefault"]

    def test_team_settings(self, client: Client) -> None:
        settings = client.get("/gateway/teamsettings/v1/")
        assert [{**settings, "settingsId": "team"}] == client.truth("team_settings")
        assert client.get("/gateway/teamsettings/v1/DisableJobRestart") is True

    def test_fields_that_the_vendor_adds(self) -> None:
        client = Client()
        for stream in ("users", "jobs", "workflow_versions", "completed_jobs"):
            client.world.drift[f"flow.{stream}"] = {"shoeSize": 44}
        assert all(user["shoeSize"] == 44 for user in client.get("/accounts/api/team/user"))
        assert all(row["shoeSize"] == 44 for row in client.truth("workflow_versions"))
        assert client.get("/gateway/jobs/v1/?limit=1") == as_sent(client, "jobs")[-1:]
        # In GraphQL nobody sees what nobody asked for.
        assert "shoeSize" not in client.truth("completed_jobs")[0]
        client.world.drift["flow.completed_jobs"] = {"totalDuration": "long"}
        assert client.jobs(fields="totalDuration")[0] == {"totalDuration": "long"}
        assert client.truth("completed_jobs")[0]["totalDuration"] == "long"


class TestFiles:
    def collections(self, client: Client) -> list[Record]:
        rows: list[Record] = client.get("/gateway/collections/v1/collection")["collections"]
        return rows

    def test_records_are_in_the_files(self, client: Client) -> None:
        rows = self.collections(client)
        assert as_truth(rows) == client.truth("collections")
        records = []
        for row in rows:
            if "csvDownloadUrl" not in row:
                assert row["dataLastChanged"] == "0001-01-01T00:00:00"
                continue
            target = row["csvDownloadUrl"].removeprefix(BASE)
            file = content(client.send("GET", target, headers={"authorization": ""}))
            assert len(file) == row["csvFileSize"]
            for number, cells in enumerate(csv.DictReader(io.StringIO(file.decode(), "")), 1):
                values = {name: cell or None for name, cell in cells.items()}
                records.append(
                    {
                        "collectionId": row["collectionId"],
                        "recordNumber": number,
                        "values": values,
                    }
                )
        assert records == client.truth("collection_records")
        assert any("\n" in (record["values"].get("Last note") or "") for record in records)

    def test_one_collection_in_either_shape(self, client: Client) -> None:
        rows = as_truth(self.collections(client))
        target = f"/gateway/collections/v1/collection/{rows[1]['collectionId']}"
        assert as_truth(client.get(target)) == {"collections": [rows[1]]}
        assert as_truth(Client(collection_by_id="bare").get(target)) == rows[1]

    def test_a_link_differs_at_every_read_and_ends_after_an_hour(self) -> None:
        client = Client()
        first, second = (self.collections(client)[1]["csvDownloadUrl"] for _ in range(2))
        assert first != second
        assert re.search(
            r"\?sv=2019-02-02&sr=b&sig=[\w%]+%3D&st=2025-[\w%-]+&se=[\w%-]+&sp=r$", first
        )
        target = first.removeprefix(BASE)
        unsigned = {"authorization": ""}
        client.clock.advance(minutes=59)
        assert client.send("GET", target, headers=unsigned).status == 200
        # Azure doesn't take a bearer beside a signature.
        assert client.send("GET", target).status == 401
        for wrong in (target.replace("sig=", "sig=A"), target.partition("?")[0]):
            assert client.send("GET", wrong, headers=unsigned).status == 403
        client.clock.advance(minutes=2)
        assert client.send("GET", target, headers=unsigned).status == 403

    def test_a_collection_is_uploaded_again(self) -> None:
        client = Client()
        before = client.truth("collection_records")
        client.clock.advance(hours=24)
        after = client.truth("collection_records")
        assert len(after) == len(before) + 2
        assert sum(row not in before for row in after) == 3
