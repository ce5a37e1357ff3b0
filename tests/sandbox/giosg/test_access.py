"""Tokens, addresses and payloads: what giosg's pages say, and the variants."""

from __future__ import annotations

import pytest

from sandbox.giosg import examples
from tests.sandbox.giosg.client import MONDAY, NOW, Client, content, interval


class TestAccess:
    @pytest.mark.parametrize("auth", ["token", "bearer"])
    def test_the_scheme_has_to_be_right(self, auth: str) -> None:
        client = Client(auth=auth)
        path = "/service-host/api/v5/users/me"
        assert content(client.call("GET", path))["organization_id"] == examples.ORGANIZATION_ID
        wrong = {"token": "Bearer", "bearer": "Token"}[auth]
        answer = client.call("GET", path, authorization=f"{wrong} {client.settings['api_token']}")
        assert (answer.status, content(answer)) == (401, {"detail": "Invalid token."})

    def test_a_revoked_token_is_dead_and_the_settings_have_a_new_one(self) -> None:
        client = Client()
        client.vendor.revoke_tokens()
        assert client.post("interaction", "step/1").status == 401
        client.settings = client.vendor.settings("")
        assert client.post("interaction", "step/1").status == 200

    @pytest.mark.parametrize("cause", ["subscription", "organization", "permission"])
    def test_the_three_causes_of_a_403(self, cause: str) -> None:
        client = Client(forbidden=cause)
        answer = client.post("interaction", "step/1")
        assert answer.status == 403
        assert cause in content(answer)["detail"]
        assert client.call("GET", "/service-host/api/v5/users/me").status == 200

    def test_unknown_things_are_not_found(self) -> None:
        client = Client()
        assert client.call("GET", client.reporting("1" * 8, "info/")).status == 404
        assert client.call("GET", client.reporting("1" * 8, "info/", org="other")).status == 403
        assert client.post("interaction", "step/9").status == 404
        assert client.post("interaction", "step/0").status == 404
        assert client.post("user-generated", "step/3/download/").status == 404
        assert client.post("user-generated", "source_data").status == 404

    def test_slashes_are_as_documented(self) -> None:
        client = Client()
        for rest in ("source_data/", "step/1/", "step/1/download", "query", "sidedata"):
            assert client.table.find("POST", client.reporting("x", rest)).route is None
        assert client.table.find("GET", client.reporting("x", "info")).route is None
        assert client.table.find("GET", client.reporting("x", "step/1")).allowed == ("POST",)


class TestPayload:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"filters": {}}, "filters"),
            ({"filters": ["action"]}, "filters"),
            ({"interval": {"start": "2026-11-16T00:00:00Z"}}, "interval"),
            ({"interval": interval(MONDAY.replace(tzinfo=None), NOW)}, "interval"),
            ({"interval": interval(NOW, MONDAY)}, "interval"),
            ({"limit": 0}, "limit"),
            ({"limit": True}, "limit"),
            ({"target": "affected_goal"}, "target"),
            ({"step_data": [{"steps": []}]}, "step_data"),
            ({"basic": True}, "basic"),
            ({"time_zone": "UTC"}, "time_zone"),
        ],
    )
    def test_a_wrong_field_is_named(self, change: dict[str, object], field: str) -> None:
        answer = Client().post("interaction", "step/1/download/", **change)
        assert answer.status == 400
        assert list(content(answer)) == [field]

    def test_a_wrong_format_has_the_vendors_literal_message(self) -> None:
        answer = Client().post("interaction", "step/1/download/", format="totally-not-valid")
        assert answer.status == 400
        assert content(answer) == {
            "format": [
                "Format must be 'xlsx' or 'csv'. Change the value or omit the field from payload."
            ]
        }

    def test_filters_and_interval_are_required(self) -> None:
        client = Client()
        path = client.reporting(client.workflow("interaction"), "source_data")
        assert content(client.call("POST", path, {})).keys() == {"filters", "interval"}
        assert client.call("POST", path, b'{"filters": [],}').status == 400
        assert client.call("POST", path, [], **{"content-type": "text/plain"}).status == 400

    def test_filters_select_and_unknown_ones_are_406(self) -> None:
        client = Client()
        rows = content(client.post("giosg-default", "step/1"))["data"]
        action = rows[0]["action"]
        some = [{"property": "action", "values": [action]}]
        expected = [row for row in rows if row["action"] == action]
        assert 0 < len(expected) < len(rows)
        assert content(client.post("giosg-default", "step/1", filters=some))["data"] == expected
        step_data = [{}, {"actions": [action]}]
        assert content(client.post("giosg-default", "step/1", step_data=step_data))["data"] == (
            expected
        )
        city = [{"property": "geo_city", "values": ["Helsinki"]}]
        assert client.post("giosg-default", "step/1", filters=city).status == 406

    def test_the_sheets_example_is_served(self) -> None:
        client = Client()
        path = client.reporting(examples.WORKFLOW_ID, "")
        body = {
            "filters": [{"property": "label", "values": [examples.GOAL_ID]}],
            "interval": {"start": "2023-02-01T00:00:00+00:00", "end": "2023-02-02T00:00:00+00:00"},
        }
        [row] = content(client.call("POST", f"{path}source_data", {**body, "limit": 1000}))["data"]
        assert (row["timestamp"], row["value"]) == ("2023-02-01T09:15:27.120Z", 14.15)
        assert content(client.call("GET", f"{path}info/")) == examples.INFO
        sidedata = client.call("POST", f"{path}sidedata/", {"interval": body["interval"]})
        assert content(sidedata) == examples.SIDEDATA
