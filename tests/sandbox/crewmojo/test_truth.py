"""The truth of the sandbox's Crewmojo is what it serves, also as time goes on."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.sandbox.crewmojo.client import EPOCH, MAY, Client, cells, counted, since_start


class TestTruth:
    def test_detail_rows_are_independent_of_windows(self, client: Client) -> None:
        truth = client.truth("objectives_detail")
        rows = client.rows("objectives.detail", since_start(client))
        envelope = {"report": "objectives.detail"}
        assert counted(truth) == counted([{**envelope, **row} for row in rows])
        texts = client.truth("objectives_detail", as_csv=True)
        assert {row["onTrack"] for row in texts} == {"true", "false"}

    def test_goals_stand_twice(self, client: Client) -> None:
        assert max(counted(client.truth("goals_slow")).values()) == 2

    def test_a_summary_comes_for_every_month(self, client: Client) -> None:
        truth = client.truth("oneonone_summary")
        periods = sorted({(row["start_date"], row["end_date"]) for row in truth})
        assert periods == [
            ("2025-03-04", "2025-03-31"),
            ("2025-04-01", "2025-04-30"),
            ("2025-05-01", "2025-05-31"),
            ("2025-06-01", "2025-06-02"),
        ]
        may = [row for row in truth if row["start_date"] == "2025-05-01"]
        dates = {"start_date": "2025-05-01", "end_date": "2025-05-31"}
        served = client.rows("oneonone.summary", MAY)
        assert may == [{"report": "oneonone.summary", **dates, **row} for row in served]

    def test_headings_are_made_unique_for_csv(self, client: Client) -> None:
        row = client.truth("custom_headings")[1]
        line = cells(client.ask("custom.headings"))[2]
        assert [*row.values()] == ["custom.headings", *(cell or None for cell in line)]
        assert [*row] == ["report", "employeeCode", "Team", "Team_2", "column_4", "Team_3"]

    def test_every_stream_of_the_settings_has_one(self, client: Client) -> None:
        for chosen in client.vendor.settings("http://127.0.0.1")["reports"]:
            assert client.truth(chosen["report"].replace(".", "_"))
        with pytest.raises(LookupError):
            client.truth("no_such")

    @pytest.mark.parametrize("scale", [0.01, 1.0])
    def test_the_next_day_brings_late_and_edited_rows(self, scale: float) -> None:
        client = Client(scale)
        before = {row["checkInId"]: row for row in client.truth("objectives_detail")}
        client.clock.advance(days=1)
        after = {row["checkInId"]: row for row in client.truth("objectives_detail")}
        late = [row for key, row in after.items() if key not in before]
        assert any(row["checkInDate"] < EPOCH.date().isoformat() for row in late)
        assert any(after[key] != row for key, row in before.items())

    def test_late_and_edited_rows_come_within_a_week(self) -> None:
        client = Client()
        before = counted(client.truth("objectives_detail"))
        client.clock.advance(days=20)
        changed = counted(client.truth("objectives_detail")) - before
        oldest = min(json.loads(row)["checkInDate"] for row in changed)
        assert oldest >= (EPOCH - timedelta(days=7)).date().isoformat()

    def test_columns_appear_later(self) -> None:
        client = Client()
        assert "calibratedRating" not in client.rows("reviews.growing")[0]
        client.clock.advance(days=1)
        client.log_in()
        assert "calibratedRating" in cells(client.ask("reviews.growing"))[0]
        client.world.drift["crewmojo.people_custom"] = {"Växel": 7}
        assert client.rows("people.custom")[0]["Växel"] == 7
        assert cells(client.ask("people.custom"))[0][-1] == "Växel"
        assert client.truth("people_custom")[0]["Växel"] == 7
