"""The same rows as JSON, CSV and XLSX, in every variant."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.giosg import examples
from tests.sandbox.giosg.client import (
    MONDAY,
    NOW,
    Client,
    as_text_row,
    content,
    interval,
    key,
    sheet_rows,
    whole,
)


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
