"""giosg in the sandbox: documented statuses, variants, and truth equal to what is served."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from sandbox import Sandbox
from sandbox.giosg import Giosg, Shape, examples
from sandbox.giosg.events import DAY, Series, Window, milliseconds, moment_of
from sandbox.giosg.organization import ALWAYS
from sandbox.giosg.table import shortest
from sandbox.routing import RouteTable
from sandbox.web import Request, Response
from sandbox.world import Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=timezone.utc)  # a Monday
MONDAY = datetime(2026, 11, 16, tzinfo=timezone.utc)
WEEK = timedelta(days=7)


class Client:
    """Calls the handlers, with valid credentials unless told otherwise."""

    def __init__(self, *, scale: float = 1.0, **variants: str) -> None:
        chosen = {f"giosg.{name}": choice for name, choice in variants.items()}
        self.world = World(Clock(frozen_at=NOW), scale=scale, epoch=NOW, variants=chosen)
        self.vendor = Giosg(self.world)
        self.table = RouteTable(self.vendor.routes())
        self.settings = self.vendor.settings("http://sandbox/giosg")

    def call(
        self, method: str, path: str, body: object = None, *, query: str = "", **headers: str
    ) -> Response:
        found = self.table.find(method, path)
        assert found.route is not None, path
        scheme = self.settings.get("auth_scheme", "Token")
        headers = {
            "authorization": f"{scheme} {self.settings['api_token']}",
            "content-type": "application/json",
            **headers,
        }
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        base = "http://sandbox/giosg"
        return found.route.handler(Request(method, path, query, headers, raw, found.params, base))

    def workflow(self, kind: str, *, example: bool = False) -> str:
        return next(
            one.id
            for one in self.vendor.organization.listed()
            if one.type == kind and one.is_example == example
        )

    def reporting(self, workflow_id: str, rest: str, org: str = examples.ORGANIZATION_ID) -> str:
        return f"/api-host/api/reporting/workflow/v1/orgs/{org}/workflows/{workflow_id}/{rest}"

    def post(self, kind: str, rest: str, **body: object) -> Response:
        payload = {"filters": [], "interval": interval(MONDAY, MONDAY + WEEK), **body}
        return self.call("POST", self.reporting(self.workflow(kind), rest), payload)

    def all_rows(self, stream: str, windows: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
        """All rows of the listed workflows over JSON, under the vendor's headings."""
        found = []
        for workflow in self.vendor.organization.listed():
            is_source = stream == "source_data"
            if is_source and workflow.type != "interaction":
                continue
            for step in (None,) if is_source else workflow.steps:
                rest = "source_data" if is_source else f"step/{step}"
                for window in windows:
                    body = {"filters": [], "interval": window}
                    answer = self.call("POST", self.reporting(workflow.id, rest), body)
                    if answer.status == 404:
                        assert content(answer) == {"detail": "Data was not found."}
                        continue
                    rows = content(answer)["data"]
                    found += [{"workflow_id": workflow.id, "step_index": step, **r} for r in rows]
        return found


def whole(response: Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


def content(response: Response) -> Any:  # noqa: ANN401  # JSON has any shape
    return json.loads(whole(response))


def interval(start: datetime, end: datetime) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}


EVERYTHING = [interval(datetime(2022, 1, 1, tzinfo=timezone.utc), NOW)]


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


class TestEvents:
    @given(
        number=st.integers(0, 2**32 - 1),
        rate=st.sampled_from([0.3, 4, 60, 500]),
        start=st.integers(-2 * DAY, 6 * DAY),
        length=st.integers(0, 3 * DAY),
        now=st.integers(0, 8 * DAY),
        descending=st.booleans(),
    )
    def test_a_window_holds_exactly_the_visible_rows_within_it(
        self, number: int, rate: float, start: int, length: int, now: int, *, descending: bool
    ) -> None:
        base = milliseconds(MONDAY)
        day = MONDAY.date().toordinal()
        series = Series(
            number, (("label", "a"), ("label", "b")), range(day, day + 5), rate, base + 3 * DAY
        )
        window = Window(base + start, base + start + length)
        found = list(series.events(window, base + now, descending=descending))
        everything = list(series.events(ALWAYS, base + now))
        times = [milliseconds(moment_of(event)) for event in everything]
        expected = [
            event
            for event, time in zip(everything, times, strict=True)
            if window.first <= time <= window.last
        ]
        assert found == (expected[::-1] if descending else expected)
        assert times == sorted(times)
        assert all(time <= base + now for time in times)

    @pytest.mark.parametrize("stream", ["source_data", "step_source_data"])
    def test_truth_is_what_is_served(self, stream: str) -> None:
        client = Client()
        served = client.all_rows(stream, EVERYTHING)
        expected = list(client.vendor.event_rows(stream, typed=True))
        assert len(served) > 100
        assert [key(row) for row in served] == [key(row) for row in expected]

    def test_a_window_has_identical_rows(self) -> None:
        counts = Counter(map(key, Client().vendor.truth("step_source_data")))
        assert max(counts.values()) == 2

    @pytest.mark.parametrize("edges", ["both_inclusive", "half_open", "end_inclusive"])
    def test_rows_on_an_edge_come_from_one_window_or_from_both(self, edges: str) -> None:
        client = Client(edges=edges, examples="left_out")
        mondays = [MONDAY - number * WEEK for number in range(14, -3, -1)]
        windows = [interval(start, end) for start, end in pairwise(mondays)]
        served = Counter(map(key, client.all_rows("step_source_data", windows)))
        truth = Counter(map(key, client.vendor.event_rows("step_source_data", typed=True)))
        doubled = served - truth
        assert not truth - served
        if edges == "both_inclusive":
            assert doubled
            assert all("T00:00:00.000Z" in row for row in doubled)
        else:
            assert not doubled

    def test_late_rows_have_older_event_times(self) -> None:
        client = Client()
        before = Counter(map(key, client.vendor.truth("step_source_data")))
        client.world.clock.advance(hours=14)  # before the new column
        after = {key(row): row for row in client.vendor.truth("step_source_data")}
        assert before.keys() < after.keys()
        late = [
            row
            for text, row in after.items()
            if text not in before and row["timestamp"] < "2026-11-23T09:29"
        ]
        assert late
        assert min(row["timestamp"] for row in late) > "2026-11-21T09:30"

    def test_a_column_appears_the_day_after(self) -> None:
        client = Client()
        assert "campaign" not in next(iter(client.vendor.truth("step_source_data")))
        client.world.clock.advance(days=2)
        rows = list(client.vendor.truth("step_source_data"))
        assert {row["timestamp"][:10] for row in rows if row["campaign"]} == {
            "2026-11-24",
            "2026-11-25",
        }
        start = NOW + timedelta(days=1)
        answer = client.post("interaction", "step/1", interval=interval(start, start + WEEK))
        assert content(answer)["fields"][-1] == {"name": "campaign", "type": "dimension"}
        assert all(row["campaign"] for row in content(answer)["data"])

    def test_a_step_rests_for_whole_weeks_while_others_go_on(self) -> None:
        weeks: dict[int, set[str]] = {1: set(), 3: set()}
        client = Client()
        id_ = client.workflow("giosg-default")
        for row in client.vendor.truth("step_source_data"):
            if row["workflow_id"] == id_ and row["step_index"] in weeks:
                year, week, _ = datetime.fromisoformat(row["timestamp"][:10]).isocalendar()
                weeks[row["step_index"]].add(f"{year}-{week}")
        assert 2 < len(weeks[3]) < len(weeks[1])

    def test_all_triggers_of_the_goals_include_the_related_ones(self) -> None:
        client = Client()
        related = content(client.post("interaction", "source_data"))["data"]
        total = content(client.post("interaction", "source_data", target="affected_goal_total"))
        ids = [row["event_id"] for row in total["data"]]
        assert {row["event_id"] for row in related} < set(ids)

    def test_limit_cuts(self) -> None:
        client = Client()
        rows = content(client.post("interaction", "step/1"))["data"]
        assert content(client.post("interaction", "step/1", limit=2))["data"] == rows[:2]

    @pytest.mark.parametrize("empty", ["empty", "not_found", "bare"])
    def test_an_empty_window(self, empty: str) -> None:
        client = Client(empty_window=empty)
        none = interval(NOW + WEEK, NOW + 2 * WEEK)
        answers = {
            "json": client.post("interaction", "step/1", interval=none),
            "csv": client.post("interaction", "step/1/download/", interval=none),
            "xlsx": client.post("interaction", "step/1/download/", interval=none, format="xlsx"),
        }
        if empty == "not_found":
            assert {answer.status for answer in answers.values()} == {404}
            return
        assert {answer.status for answer in answers.values()} == {200}
        columns = 0 if empty == "bare" else 12
        body = content(answers["json"])
        assert (len(body["fields"]), body["data"]) == (columns, [])
        assert len(whole(answers["csv"]).split(b",")) == max(columns, 1)
        assert sum(map(len, sheet_rows(answers["xlsx"]))) == columns

    def test_windows_too_long_and_too_heavy(self) -> None:
        client = Client(longest_interval="31", most_rows="20")
        quarter = interval(MONDAY - timedelta(days=90), MONDAY)
        answer = client.post("interaction", "step/1", interval=quarter)
        assert (answer.status, list(content(answer))) == (400, ["interval"])
        month = interval(MONDAY - timedelta(days=31), MONDAY)
        assert client.post("interaction", "step/1", interval=month).status == 500
        assert client.post("interaction", "step/1", interval=month, limit=1).status == 200
        day = interval(MONDAY, MONDAY + timedelta(days=1))
        assert client.post("interaction", "step/1", interval=day).status == 200


class TestFormats:
    @pytest.mark.parametrize("fields", ["name_type", "id", "key", "strings"])
    def test_rows_are_objects_or_arrays_with_fields_of_any_form(self, fields: str) -> None:
        objects = content(Client(fields=fields).post("interaction", "step/1"))
        arrays = content(Client(fields=fields, rows="arrays").post("interaction", "step/1"))
        assert objects["fields"] == arrays["fields"]
        headings = [
            one if isinstance(one, str) else next(iter(one.values())) for one in arrays["fields"]
        ]
        as_objects = [dict(zip(headings, row, strict=True)) for row in arrays["data"]]
        assert [key(row) for row in as_objects] == [key(row) for row in objects["data"]]

    @pytest.mark.parametrize("newline", ["crlf", "lf"])
    @pytest.mark.parametrize("charset", ["utf-8", "utf-8-bom", "latin-1", "utf-16"])
    def test_csv_has_the_same_rows_in_every_dialect(self, charset: str, newline: str) -> None:
        client = Client(csv_charset=charset, csv_newline=newline)
        month = interval(MONDAY - timedelta(days=60), NOW)
        answer = client.post("interaction", "step/1/download/", interval=month)
        kind, _, named = answer.content_type.partition("; charset=")
        text = whole(answer).decode(named or "utf-8-sig")
        assert kind == "text/csv"
        assert bool(named) == (charset in {"latin-1", "utf-16"})
        assert whole(answer).startswith(b"\xef\xbb\xbf") == (charset == "utf-8-bom")
        assert ("\r\n" in text) == (newline == "crlf")
        headings, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        served = [dict(zip(headings, row, strict=True)) for row in rows]
        typed = content(client.post("interaction", "step/1", interval=month))["data"]
        assert len(served) > 100
        assert [as_text_row(row) for row in served] == [as_text_row(row) for row in typed]
        assert any("\n" in (row["comment"] or "") for row in served)
        assert any(not (row["comment"] or "").isascii() for row in served)

    @pytest.mark.parametrize("dates", ["excel", "text"])
    def test_xlsx_has_the_same_rows_with_numbers_and_dates(self, dates: str) -> None:
        client = Client(xlsx_dates=dates)
        answer = client.post("interaction", "step/1/download/", format="xlsx")
        assert "filename=workflow-step-1.xlsx" in answer.headers["Content-Disposition"]
        headings, *rows = sheet_rows(answer)
        typed = content(client.post("interaction", "step/1"))["data"]
        served = []
        for row in rows:
            record = dict(zip(headings, row, strict=True))
            if dates == "excel":
                stamp = record["timestamp"]
                if not isinstance(stamp, datetime):  # so calamine reads a time of midnight
                    stamp = datetime.combine(stamp, datetime.min.time())
                record["timestamp"] = stamp.isoformat(timespec="milliseconds") + "Z"
            served.append({name: cell if cell != "" else None for name, cell in record.items()})
        assert [as_text_row(row) for row in served] == [as_text_row(row) for row in typed]
        assert any(isinstance(row["value"], float) for row in served)
        assert any(isinstance(row["is_new_visitor"], bool) for row in served)

    def test_signatures_of_links_change_and_truth_has_none(self) -> None:
        client = Client()

        def links() -> list[str]:
            rows = content(client.post("interaction", "step/1"))["data"]
            return [row["recording_url"] for row in rows if "recording_url" in row]

        first = links()
        client.world.clock.advance(hours=1)
        second = links()
        assert all("&sig=" in link for link in first)
        assert not set(first) & set(second)
        addresses = {row["recording_url"] for row in client.vendor.truth("step_source_data")}
        assert {link.partition("?")[0] for link in first} < addresses
        assert not any("?" in address for address in addresses if address)

    @pytest.mark.parametrize(
        ("headings", "position", "names"),
        [
            ("repeated_and_blank", 5, ["action", ""]),
            ("like_envelope", 5, ["target", "row_id"]),
        ],
    )
    def test_awkward_headings(self, headings: str, position: int, names: list[str]) -> None:
        client = Client(headings=headings)
        answer = client.post("interaction", "step/1/download/")
        first = whole(answer).decode().splitlines()[0].split(",")
        assert first[position : position + 2] == names
        body = content(client.post("interaction", "step/1"))
        assert [field["name"] for field in body["fields"]] == first
        assert isinstance(body["data"][0], dict if headings == "like_envelope" else list)
        contract = {"action_2", "column_7"}, {"column_target", "column_row_id"}
        row = next(iter(client.vendor.truth("step_source_data")))
        assert contract[headings == "like_envelope"] < row.keys()

    def test_basic_rows_have_fewer_readable_columns(self) -> None:
        client = Client()
        body = content(client.post("interaction", "source_data", basic=True))
        assert [one["name"] for one in body["fields"]][:2] == ["Time", "Action"]
        expected = client.vendor.event_rows("source_data", typed=True, basic=True)
        assert body["data"][0].keys() < next(expected).keys()

    @pytest.mark.parametrize("drift", [{"nickname": "Bo"}, {"nickname": "Bo", "geo_city": 5}])
    def test_drift_reaches_every_format(self, drift: dict[str, Any]) -> None:
        client = Client()
        client.world.drift["giosg.step_source_data"] = drift
        answer = client.post("interaction", "step/1/download/")
        headings, *rows = csv.reader(io.StringIO(whole(answer).decode(), newline=""))
        record = dict(zip(headings, rows[0], strict=True))
        assert record.items() >= {name: str(value) for name, value in drift.items()}.items()
        assert content(client.post("interaction", "step/1"))["data"][0].items() >= drift.items()
        truth = next(iter(client.vendor.truth("step_source_data")))
        assert truth.items() >= {name: str(value) for name, value in drift.items()}.items()

    def test_prepared_csv_lines_equal_written_ones(self) -> None:
        client = Client()
        id_ = client.workflow("user-generated")
        added: dict[str, Any] = {"empty": None, "note": 'a "b"'}
        bodies = []
        # A changed column takes the plain way; here it changes to the value that it has.
        for drift in (added, {**added, "label": id_}):
            client.world.drift["giosg.step_source_data"] = drift
            quarter = interval(MONDAY - timedelta(days=90), NOW)
            bodies.append(
                whole(client.post("user-generated", "step/1/download/", interval=quarter))
            )
        assert len(bodies[0]) > 10_000
        assert bodies[0] == bodies[1]


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


def test_a_million_rows_of_a_day_are_an_iterable() -> None:
    client = Client(shape="million_rows")
    organization = client.vendor.organization
    [workflow] = organization.listed()
    [series] = workflow.series(1, "default")
    assert isinstance(series, Series)
    assert [series.count(day) for day in workflow.days] == [1_000_000]
    start = datetime.fromisoformat(organization.info(workflow)["start_date"].replace("Z", "+00:00"))
    body = {"filters": [], "interval": interval(start, start + timedelta(hours=1))}
    answer = client.call("POST", client.reporting(workflow.id, "step/1/download/"), body)
    assert not isinstance(answer.body, bytes)
    lines = csv.reader(io.StringIO(whole(answer).decode(), newline=""))
    assert abs(sum(1 for _ in lines) - 1_000_000 / 24) < 3


def test_over_http_the_charset_and_file_name_arrive() -> None:
    variants = {"giosg.csv_charset": "utf-16"}
    with Sandbox(vendors=["giosg"], variants=variants) as sandbox:
        settings = sandbox.settings("giosg")
        headers = {"Authorization": f"Token {settings['api_token']}"}
        info = next(
            one for one in sandbox.truth("giosg", "workflow_info") if one["type"] == "giosg-default"
        )
        url = (
            f"{settings['api_url']}/api/reporting/workflow/v1/orgs/{examples.ORGANIZATION_ID}"
            f"/workflows/{info['id']}/step/1/download/"
        )
        window = {"start": info["start_date"], "end": sandbox.now().isoformat()}
        answer = requests.post(
            url, json={"filters": [], "interval": window}, headers=headers, timeout=30
        )
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-16"
        assert answer.headers["Content-Disposition"] == "attachment; filename=workflow-step-1.csv"
        assert answer.text.startswith("timestamp,event_id,")
        assert not sandbox.journal.writes()


def sheet_rows(answer: Response) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(whole(answer)))
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python()
    return rows


def as_text_row(row: dict[str, Any]) -> dict[str, str]:
    """Cells of any format as text, without those that are not set."""
    return {name: text for name, cell in row.items() if (text := cell_text(cell))}


def cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (int, float)):
        return shortest(cell)
    text = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    try:
        return shortest(float(text)) if "." in text else text
    except ValueError:
        return text


def key(row: dict[str, Any]) -> str:
    """A row's identity for comparisons: what is set, links without their signature."""
    cells = {
        name: cell_text(cell).partition("?sv=")[0]
        for name, cell in row.items()
        if cell not in {None, ""} and name not in {"organization_id", "target"}
    }
    return json.dumps(cells, sort_keys=True, ensure_ascii=False)
