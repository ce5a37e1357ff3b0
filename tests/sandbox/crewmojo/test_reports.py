"""Reports of the sandbox's Crewmojo: rows, formats, dates, and any number of rows."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.sandbox.crewmojo.client import MARCH_2024, MAY, Client, cells, content, text


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
