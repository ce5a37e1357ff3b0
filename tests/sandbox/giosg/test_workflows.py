"""Workflows and their sidedata: lists, changes, and truth equal to what is served."""

from __future__ import annotations

import pytest

from sandbox.giosg import Giosg, Shape, examples
from tests.sandbox.giosg.client import MONDAY, WEEK, Client, content, interval


class TestWorkflows:
    def test_the_list_is_bare_or_in_pages(self) -> None:
        path = f"/api-host/api/objectives/v1/orgs/{examples.ORGANIZATION_ID}/workflows"
        bare = content(Client().call("GET", path))
        client = Client(workflow_list="paged")
        paged, query, sizes = [], "", []
        while True:
            page = content(client.call("GET", path, query=query))
            paged += page["results"]
            sizes.append(len(page["results"]))
            if page["next"] is None:
                break
            assert page["next"].startswith(f"http://sandbox/giosg{path}?cursor=")
            query = page["next"].partition("?")[2]
        assert paged == bare == list(Client().vendor.truth("workflows"))
        assert len(sizes) > 2
        assert bare[0] == examples.WORKFLOW
        assert content(client.call("GET", f"{path}/{bare[1]['id']}")) == bare[1]

    def test_workflows_appear_and_change_as_time_goes_on(self) -> None:
        client = Client()
        before = {one["id"]: one for one in client.vendor.truth("workflows")}
        client.world.clock.advance(days=3)
        after = {one["id"]: one for one in client.vendor.truth("workflows")}
        assert len(after.keys() - before.keys()) == 1
        changed = [after[id_] for id_ in before if after[id_] != before[id_]]
        assert changed
        assert all(one["modified_at"] > "2026-11-23" for one in changed)

    def test_info_bounds_the_events_and_a_draft_has_none(self) -> None:
        client = Client()
        infos = {one["id"]: one for one in client.vendor.truth("workflow_info")}
        assert {one["type"] for one in infos.values()} == {
            "interaction",
            "giosg-default",
            "user-generated",
        }
        [draft] = [one for one in infos.values() if not one["is_published"]]
        assert draft["start_date"] is None
        for row in client.vendor.truth("step_source_data"):
            info = infos[row["workflow_id"]]
            assert info["start_date"][:10] <= row["timestamp"][:10] <= info["end_date"][:10]
        client = Client(info_without_events="absent", info_dates="date")
        starts = [one.get("start_date", "absent") for one in client.vendor.truth("workflow_info")]
        assert "absent" in starts
        assert all(start == "absent" or len(start) == 10 for start in starts)

    def test_scale_and_shape_set_the_number_of_workflows(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert len(Client(scale=100, examples="left_out").vendor.organization._made) == 601
        monkeypatch.setattr(Giosg, "shape", Shape(workflows=2, steps=5, even=True))
        infos = list(Client().vendor.truth("workflow_info"))
        assert len(infos) == 2

    @pytest.mark.parametrize("count", [10, 100, 1_000])
    def test_shapes_for_benchmarks_have_as_many_partitions_as_they_say(self, count: int) -> None:
        listed = Client(shape=f"partitions_{count}").vendor.organization.listed()
        assert sum(len(workflow.steps) for workflow in listed) == count


class TestSidedata:
    def test_navigation_and_interaction_workflows_answer_differently(self) -> None:
        client = Client()
        body = {"interval": interval(MONDAY, MONDAY + WEEK)}
        path = client.reporting(client.workflow("giosg-default"), "sidedata/")
        answer = content(client.call("POST", path, body))
        assert answer.keys() == {
            "timeframe_stat",
            "unique_visitors_count",
            "unique_sessions_count",
        }
        hours, days = (
            answer["timeframe_stat"]["hour_in_day"],
            answer["timeframe_stat"]["day_in_week"],
        )
        assert [index for _, index in hours] == list(range(24))
        assert [index for _, index in days] == list(range(1, 8))
        assert sum(value for value, _ in hours) == sum(value for value, _ in days) > 0
        path = client.reporting(client.workflow("interaction"), "sidedata/")
        assert "started_workflows_count" in content(client.call("POST", path, body))
        assert client.call("POST", path, {**body, "filters": []}).status == 400

    def test_truth_has_a_row_for_each_week(self) -> None:
        client = Client()
        rows = {
            row["workflow_id"]: row
            for row in client.vendor.truth("workflow_sidedata")
            if row["interval_start"] == "2026-11-16T00:00:00Z"
        }
        for id_, row in rows.items():
            path = client.reporting(id_, "sidedata/")
            body = {"interval": interval(MONDAY, MONDAY + WEEK)}
            served = content(client.call("POST", path, body))
            assert row == {"workflow_id": id_, "interval_start": row["interval_start"], **served}
        assert len(rows) == 5
