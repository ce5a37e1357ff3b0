"""The sandbox's Crewmojo, asked as the vendor's pages say."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox.crewmojo import VENDOR
from sandbox.crewmojo.access import CLIENT_ID, CLIENT_SECRET
from sandbox.routing import RouteTable
from sandbox.web import Request, Response
from sandbox.world import Clock, World

EPOCH = datetime(2025, 6, 2, 12, tzinfo=timezone.utc)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
GRANT = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}
MAY = {"startDate": 20250501, "endDate": 20250531}
MARCH_2024 = {"startDate": 20240301, "endDate": 20240331}

Record = dict[str, Any]


class Client:
    def __init__(self, scale: float = 1.0, variants: dict[str, str] | None = None) -> None:
        self.clock = Clock(frozen_at=EPOCH)
        chosen = {f"crewmojo.{name}": choice for name, choice in (variants or {}).items()}
        self.world = World(self.clock, epoch=EPOCH, scale=scale, variants=chosen)
        self.vendor = VENDOR(self.world)
        self.routes = RouteTable(self.vendor.routes())
        self.token = ""
        self.log_in()

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        content_type: str = JSON,
        token: str | None = None,
        query: str = "",
    ) -> Response:
        found = self.routes.find(method, path)
        assert found.route, path
        token = self.token if token is None else token
        headers = {"content-type": content_type, "authorization": f"Bearer {token}"}
        return found.route.handler(Request(method, path, query, headers, body, found.params))

    def log_in(self) -> str:
        answer = self.send("POST", "/v1/oauth/token", json.dumps(GRANT).encode())
        self.token = json.loads(text(answer))["access_token"]
        return self.token

    def ask(self, report: str, body: Record | None = None, token: str | None = None) -> Response:
        path = f"/v1/integrations/download/{report}"
        return self.send("POST", path, json.dumps(body or {}).encode(), token=token)

    def poll(self, report: str, job_id: str, token: str | None = None) -> Response:
        return self.send("GET", f"/v1/integrations/download/{report}/{job_id}", token=token)

    def rows(self, report: str, dates: Record | None = None) -> list[Record]:
        answer = self.ask(report, {"contentType": "json", **(dates or {})})
        rows: list[Record] = json.loads(text(answer))
        return rows

    def truth(self, stream: str, *, as_csv: bool | None = None) -> list[Record]:
        return list(self.vendor.truth(stream, as_csv=as_csv))


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()


def content(answer: Response) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)


def text(answer: Response) -> str:
    return content(answer).decode()


def cells(answer: Response, encoding: str = "utf-8") -> list[list[str]]:
    return [*csv.reader(io.StringIO(content(answer).decode(encoding), newline=""))]


def counted(rows: list[Record]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


def since_start(client: Client) -> Record:
    start = datetime.fromisoformat(client.vendor.settings("")["start_date"])
    return {
        "startDate": int(f"{start:%Y%m%d}"),
        "endDate": int(f"{client.clock.now():%Y%m%d}"),
    }


class TestAccess:
    def test_a_new_token_ends_the_older_one(self) -> None:
        client = Client()
        older, newer = client.token, client.log_in()
        assert client.ask("people.custom", token=older).status == 401
        assert client.ask("people.custom", token=newer).status == 200
        client.clock.advance(minutes=31)
        assert client.ask("people.custom", token=newer).status == 401
        client.log_in()
        client.vendor.revoke_tokens()
        assert client.ask("people.custom").status == 401

    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [
            (urlencode(GRANT), FORM, 200),
            (json.dumps(GRANT), JSON, 200),
            (json.dumps(GRANT), FORM, 400),
            (urlencode(GRANT), JSON, 400),
            (json.dumps(GRANT), "text/plain", 400),
            (json.dumps({**GRANT, "grant_type": "password"}), JSON, 400),
            (json.dumps({**GRANT, "client_secret": "wrong"}), JSON, 401),
        ],
    )
    def test_the_body_must_be_what_its_header_says(
        self, client: Client, body: str, content_type: str, status: int
    ) -> None:
        answer = client.send("POST", "/v1/oauth/token", body.encode(), content_type=content_type)
        assert answer.status == status
        if status == 200:
            client.token = json.loads(text(answer))["access_token"]

    def test_variants_of_the_answer(self) -> None:
        for choice, keys in (("expires_in", 3), ("expires_at", 3), ("absent", 2)):
            client = Client(variants={"token_expiry": choice})
            answer = client.send("POST", "/v1/oauth/token", json.dumps(GRANT).encode())
            assert len(json.loads(text(answer))) == keys

    def test_uploads_write(self, client: Client) -> None:
        for name in ("human", "humans"):
            found = client.routes.find("POST", f"/v1/integrations/upload/{name}")
            assert found.route
            assert found.route.writes


class TestQuestions:
    @pytest.mark.parametrize(
        "body",
        [
            {"startDate": 20250501},
            {"endDate": 20250531},
            {"startDate": "20250501", "endDate": "20250531"},
            {"startDate": "2025-05-01", "endDate": "2025-05-31"},
            {"startDate": 20250532, "endDate": 20250632},
            {"startDate": 10**400, "endDate": 10**400},
            {"startDate": 20250531, "endDate": 20250501},
            {"contentType": "xml"},
            {"jobId": "true"},
        ],
    )
    def test_mistakes_are_400(self, client: Client, body: Record) -> None:
        answer = client.ask("oneonone.summary", body)
        assert answer.status == 400
        assert list(json.loads(text(answer))) == ["message"]

    def test_reports_that_are_not_there_or_not_permitted(self) -> None:
        for choice in ("400", "404"):
            client = Client(variants={"unknown_report": choice, "error_body": "error"})
            answer = client.ask("no.such")
            assert (answer.status, list(json.loads(text(answer)))) == (int(choice), ["error"])
            assert client.ask("bad.forbidden").status == 403


class TestAnswers:
    def test_a_summary_has_everyone_in_every_period(self, client: Client) -> None:
        rows = client.rows("oneonone.summary", MARCH_2024)
        assert rows[-1] == {
            "employeeCode": "E001",
            "emailAddress": "ada@example.com",
            "managerEmailAddress": "grace@example.com",
            "completedDate": "2024-03-04",
            "oneOnOneCount": 3,
        }
        may = client.rows("oneonone.summary", MAY)
        assert [row["employeeCode"] for row in may] == [row["employeeCode"] for row in rows]
        assert sum(row["oneOnOneCount"] for row in may) > 100
        assert {row["completedDate"][:7] for row in may if row["completedDate"]} == {"2025-05"}

    def test_csv_is_the_default(self, client: Client) -> None:
        answer = client.ask("objectives.detail", MAY)
        assert answer.content_type == "text/csv"
        head, *body = cells(answer)
        rows = client.rows("objectives.detail", MAY)
        assert head == list(rows[0])
        assert len(body) == len(rows)
        assert any("\n" in cell for line in body for cell in line)
        as_text = [{**row, "onTrack": json.dumps(row["onTrack"])} for row in rows]
        expected = [["" if cell is None else f"{cell}" for cell in row.values()] for row in as_text]
        assert body == expected

    def test_dates_are_inclusive(self, client: Client) -> None:
        day = client.rows("objectives.detail", MAY)[5]["checkInDate"]
        number = int(day.replace("-", ""))
        rows = client.rows("objectives.detail", {"startDate": number, "endDate": number})
        assert {row["checkInDate"] for row in rows} == {day}

    @pytest.mark.parametrize(
        ("encoding", "python", "content_type"),
        [
            ("utf-8", "utf-8", "text/csv"),
            ("utf-8-bom", "utf-8-sig", "text/csv"),
            ("utf-8-charset", "utf-8", "text/csv; charset=utf-8"),
            ("utf-16-charset", "utf-16", "text/csv; charset=utf-16"),
        ],
    )
    def test_encodings(self, encoding: str, python: str, content_type: str) -> None:
        client = Client(variants={"csv_encoding": encoding, "csv_lines": "lf"})
        answer = client.ask("people.custom")
        assert answer.content_type == content_type
        raw = content(answer)
        assert raw.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-bom")
        assert "\r" not in raw.decode(python)
        assert csv.DictReader(io.StringIO(raw.decode(python))).fieldnames == [
            *client.rows("people.custom")[0]
        ]

    def test_json_rows_may_be_wrapped(self) -> None:
        for key in ("data", "rows"):
            client = Client(variants={"json_rows": key})
            answer = json.loads(text(client.ask("people.custom", {"contentType": "json"})))
            assert list(answer) == [key]
            assert len(answer[key]) == 120
            empty = json.loads(text(client.ask("bad.headings", {"contentType": "json"})))
            assert empty == {key: []}

    def test_odd_reports(self, client: Client) -> None:
        headings = cells(client.ask("custom.headings"))[0]
        assert headings == ["employeeCode", "Team", "Team", "", "Team"]
        assert len(cells(client.ask("bad.headings"))) == 1
        assert content(client.ask("bad.empty")) == b""
        assert content(client.ask("bad.empty", {"contentType": "json"})) == b""
        head, *body = cells(client.ask("bad.ragged"))
        assert len(body[-1]) == len(head) + 1


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


class TestBench:
    def test_any_number_of_rows(self, client: Client) -> None:
        head, *body = cells(client.ask("bench.rows.2500", MAY))
        rows = client.rows("bench.rows.2500")
        assert len(head) == 12
        assert [*rows[0]] == head
        assert [row["rowNumber"] for row in rows] == [*range(2500)]
        assert [line[4] for line in body] == [row["lastName"] for row in rows]
        envelope = {"report": "bench.rows.2500"}
        assert client.truth("bench_rows_2500") == [{**envelope, **row} for row in rows]

    def test_a_million_come_in_pieces(self, client: Client) -> None:
        answer = client.ask("bench.rows", {"contentType": "json"})
        assert not isinstance(answer.body, bytes)
        rows = 0
        for piece in answer.body:
            rows += piece.count(b'"rowNumber": ')
            assert len(piece) < 1_000_000
        assert rows == 1_000_000
