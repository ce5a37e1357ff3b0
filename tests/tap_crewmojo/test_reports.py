"""The rows of reports: complete, the same however they come, each with an id of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.singer import select
from tests.tap_crewmojo.conftest import (
    DEFAULT,
    FIRST_DAY,
    YESTERDAY,
    Tenant,
    assert_complete,
    bookmark,
    ids,
    reached,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_report_is_complete_and_every_row_has_an_id(tenant: Tenant) -> None:
    output = tenant.run()
    assert output.exit_code == 0
    assert_complete(tenant, output, *DEFAULT)
    assert reached(output)["bookmarks"] == {
        stream: bookmark(YESTERDAY)
        for stream in ("goals_slow", "objectives_detail", "oneonone_summary")
    }
    assert not tenant.sandbox.journal.writes()


VARIANTS = [
    ("token_expiry", "expires_at"),
    ("token_expiry", "absent"),
    ("json_rows", "data"),
    ("json_rows", "rows"),
    ("csv_encoding", "utf-8-bom"),
    ("csv_encoding", "utf-8-charset"),
    ("csv_encoding", "utf-16-charset"),
    ("csv_lines", "lf"),
    ("poll_path", "query"),
    ("poll_path", "both"),
    ("poll_format", "csv"),
    ("job_answer", "with_status"),
    ("job_owner", "token"),
    ("slow", "0_polls"),
]


@pytest.mark.parametrize(("variant", "choice"), VARIANTS)
def test_each_way_that_crewmojo_may_behave_gives_the_same_rows(
    tenant: Tenant, tenant_of: Callable[..., Tenant], variant: str, choice: str
) -> None:
    usual = tenant.run()
    other = tenant_of(**{variant: choice})
    if (variant, choice) == ("poll_format", "csv"):
        # As discovery saw JSON, so cells of csv become what they are in JSON.
        other.config["reports"][2] = {"report": "goals.slow", "columns": {"weight": "integer"}}
    output = other.run()
    assert output.exit_code == 0
    assert_complete(other, output, *DEFAULT)
    for stream in DEFAULT:
        assert ids(output.records[stream]) == ids(usual.records[stream])


def test_the_envelope_names_the_window(tenant: Tenant) -> None:
    records = tenant.run("oneonone.summary").records["oneonone_summary"]
    windows = Counter((row["report"], row["start_date"], row["end_date"]) for row in records)
    people = len(records) // 4
    assert windows == {
        ("oneonone.summary", FIRST_DAY, "2025-03-31"): people,
        ("oneonone.summary", "2025-04-01", "2025-04-30"): people,
        ("oneonone.summary", "2025-05-01", "2025-05-31"): people,
        ("oneonone.summary", "2025-06-01", "2025-06-02"): people,
    }


def test_equal_rows_of_two_windows_are_two_records(tenant: Tenant) -> None:
    records = tenant.run("oneonone.summary").records["oneonone_summary"]
    ada = [row for row in records if row["employeeCode"] == "E001"]
    assert len({row["row_id"] for row in ada}) == len(ada) == 4


def test_requests_are_as_the_vendor_s_page_has_them(tenant: Tenant) -> None:
    people = {"report": "people.custom", "date_range": False, "format": "csv"}
    reports = ("oneonone.summary", people)
    catalog = tenant.discover(*reports)
    tenant.sandbox.clear_journal()
    tenant.run(*reports, catalog=catalog, window="year", concurrency=1)
    (dated,) = tenant.sandbox.journal.for_route("crewmojo", "report")[:1]
    assert dated.path == "/v1/integrations/download/oneonone.summary"
    assert dated.headers["content-type"] == "application/json"
    assert dated.headers["authorization"].startswith("Bearer ")
    assert tenant.questions() == [
        {"startDate": 20250304, "endDate": 20250602, "contentType": "json"},
        {},
    ]
    (token,) = tenant.sandbox.journal.for_route("crewmojo", "token")
    assert token.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "grant_type=client_credentials" in token.body


def test_reports_without_dates_are_full_tables(tenant: Tenant) -> None:
    output = tenant.run({"report": "people.custom", "date_range": False}, start_date=None)
    assert_complete(tenant, output, "people_custom")
    assert tenant.questions() == [{"contentType": "json"}] * 2
    record = output.records["people_custom"][0]
    assert (record["start_date"], record["end_date"]) == (None, None)
    assert output.state["bookmarks"] == {}


def test_primary_keys_may_be_columns_and_dates(tenant: Tenant) -> None:
    keys = ["employeeCode", "start_date"]
    output = tenant.run({"report": "oneonone.summary", "primary_keys": keys})
    schema = output.schemas["oneonone_summary"]
    assert schema["key_properties"] == keys
    assert schema["schema"]["properties"]["employeeCode"]["type"] == ["string"]
    assert schema["schema"]["required"] == keys
    records = output.records["oneonone_summary"]
    assert len(output.by_key("oneonone_summary", *keys)) == len(records)
    assert all(record["row_id"] for record in records)


def test_csv_is_text_unless_columns_say_otherwise(tenant: Tenant) -> None:
    plain = tenant.run({"report": "objectives.detail", "format": "csv"})
    assert_complete(tenant, plain, "objectives_detail", as_csv=True)
    columns = {"progress": "number", "onTrack": "boolean", "checkInDate": "date"}
    item = {"report": "objectives.detail", "format": "csv", "columns": columns}
    typed = tenant.run(item)
    assert_complete(tenant, typed, "objectives_detail", as_csv=False)
    declared = typed.schemas["objectives_detail"]["schema"]["properties"]
    assert declared["progress"] == {"type": ["number", "null"]}
    assert declared["checkInDate"] == {"type": ["string", "null"], "format": "date"}
    as_json = tenant.run("objectives.detail")
    assert ids(plain.records["objectives_detail"]) == ids(as_json.records["objectives_detail"])
    assert ids(typed.records["objectives_detail"]) == ids(as_json.records["objectives_detail"])


def test_a_column_of_later_days_is_not_lost(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = tenant.discover("reviews.growing")
    before = tenant.run("reviews.growing", catalog=catalog)
    tenant.sandbox.advance(days=1)
    after = tenant.run("reviews.growing", catalog=catalog, state=before.state)
    extra = [record["extra_columns"] for record in after.records["reviews_growing"]]
    assert all(columns.keys() == {"calibratedRating"} for columns in extra)
    told = [line for line in caplog.messages if "the catalog does not know: calibrated" in line]
    assert len(told) == 1
    known = before.by_key("reviews_growing", "row_id")
    again = after.by_key("reviews_growing", "row_id")
    assert len(known.keys() & again.keys()) > 0, "the new column plays no part in the id"


def test_a_deselected_column_is_left_out(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    output = tenant.run(
        "objectives.detail",
        catalog=select(catalog, "objectives_detail", without=[("objectives_detail", "comment")]),
    )
    whole = tenant.run("objectives.detail")
    assert all("comment" not in record for record in output.records["objectives_detail"])
    assert ids(output.records["objectives_detail"]) == ids(whole.records["objectives_detail"])


def test_repeated_and_blank_headings_have_names_of_their_own(tenant: Tenant) -> None:
    output = tenant.run({"report": "custom.headings", "date_range": False, "format": "csv"})
    assert_complete(tenant, output, "custom_headings")
    assert {"Team", "Team_2", "column_4", "Team_3"} <= output.records["custom_headings"][0].keys()


def test_equal_rows_stay_apart_and_keep_their_ids(tenant: Tenant) -> None:
    first, second = (tenant.run("goals.slow").records["goals_slow"] for _ in range(2))
    assert ids(first) == ids(second)
    rows = Counter((row["jobId"], row["goal"], row["createdDate"]) for row in first)
    assert max(rows.values()) > 1
