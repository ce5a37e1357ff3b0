"""Reports of the sandbox's XOi, and how data plates change their keys."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.xoi.client import EXAMPLE, Client, decoded, in_plate_order, reports


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
