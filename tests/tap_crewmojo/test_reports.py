"""Reports from the first question to the last bookmark."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.singer import select
from tests.tap_crewmojo.conftest import DEFAULT, FIRST_DAY, Tenant, assert_complete, counted

if TYPE_CHECKING:
    from collections.abc import Callable

YESTERDAY = "2025-06-01"


def bookmark(day: str) -> dict[str, str]:
    return {"replication_key": "end_date", "replication_key_value": day}


def state_at(day: str, stream: str = "objectives_detail") -> dict[str, Any]:
    return {"bookmarks": {stream: bookmark(day)}}


def asked_days(tenant: Tenant, report: str) -> list[tuple[int, int]]:
    return [(body["startDate"], body["endDate"]) for body in tenant.questions(report)]


def test_every_report_is_complete_and_every_row_has_an_id(tenant: Tenant) -> None:
    output = tenant.run()
    assert output.exit_code == 0
    assert_complete(tenant, output, *DEFAULT)
    assert output.state["bookmarks"] == {
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


def ids(records: list[dict[str, Any]]) -> set[str]:
    return {record["row_id"] for record in records}


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


def test_windows_are_whole_days_that_don_t_touch(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.clear_journal()
    item = {"report": "objectives.detail", "window": "quarter"}
    tenant.run(item, catalog=catalog, start_date="2024-11-30T15:30:00Z", concurrency=1)
    assert asked_days(tenant, "objectives.detail") == [
        (20241130, 20241231),
        (20250101, 20250331),
        (20250401, 20250602),
    ]


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({"window": "day", "lookback_days": 0}, 20250601),
        ({"window": "day", "lookback_days": 2}, 20250530),
        ({"window": "month", "lookback_days": 0}, 20250601),
        ({"window": "month", "lookback_days": 7}, 20250501),
        ({"window": "year", "lookback_days": 7}, 20250304),
    ],
)
def test_look_back_reads_whole_windows_again(
    tenant: Tenant, settings: dict[str, Any], first: int
) -> None:
    catalog = tenant.discover("objectives.detail")
    for item, common in (({}, settings), (settings, {"window": "quarter", "lookback_days": 99})):
        tenant.sandbox.clear_journal()
        output = tenant.run(
            {"report": "objectives.detail", **item},
            catalog=catalog,
            state=state_at(YESTERDAY),
            **common,
        )
        asked = asked_days(tenant, "objectives.detail")
        assert min(asked)[0] == first
        assert max(asked)[1] == 20250602
        assert output.state == state_at(YESTERDAY)


def test_the_next_day_brings_what_is_new_late_and_edited(tenant: Tenant) -> None:
    catalog = tenant.discover()
    before = tenant.run(catalog=catalog)
    tenant.sandbox.advance(days=1)
    after = tenant.run(catalog=catalog, state=before.state)
    assert after.state["bookmarks"]["objectives_detail"] == bookmark("2025-06-02")
    target = before.by_key("objectives_detail", "checkInId")
    changed = after.by_key("objectives_detail", "checkInId")
    assert any(key in target and target[key] != row for key, row in changed.items())
    assert changed.keys() - target.keys()
    truth = tenant.truth("objectives_detail")
    assert counted([*{**target, **changed}.values()], truth) == counted(truth, truth)
    # Rows that have not changed keep their id: a target knows them again.
    goals = before.by_key("goals_slow", "row_id") | after.by_key("goals_slow", "row_id")
    truth = tenant.truth("goals_slow")
    assert counted([*goals.values()], truth) == counted(truth, truth)


def test_today_is_read_again_until_it_is_over(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.clear_journal()
    output = tenant.run("objectives.detail", catalog=catalog, start_date="2025-06-02")
    assert asked_days(tenant, "objectives.detail") == [(20250602, 20250602)]
    assert output.state["bookmarks"] == {}, "no day is over yet"
    tenant.sandbox.advance(days=1)
    tenant.sandbox.clear_journal()
    output = tenant.run(
        "objectives.detail", catalog=catalog, start_date="2025-06-02", state=output.state
    )
    assert asked_days(tenant, "objectives.detail") == [(20250602, 20250603)]
    assert output.state == state_at("2025-06-02")


@pytest.mark.parametrize(
    ("end_date", "last", "reached"),
    [
        ("2025-05-01", 20250430, "2025-04-30"),
        ("2025-05-01T00:00:00Z", 20250430, "2025-04-30"),
        ("2025-05-01T08:00:00Z", 20250501, "2025-05-01"),
        ("2030-01-01", 20250602, YESTERDAY),
    ],
)
def test_a_backfill_ends_before_its_end_date(
    tenant: Tenant, end_date: str, last: int, reached: str
) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.clear_journal()
    output = tenant.run("objectives.detail", catalog=catalog, end_date=end_date)
    assert max(asked_days(tenant, "objectives.detail"))[1] == last
    assert output.state == state_at(reached)


def test_a_bookmark_beyond_the_end_date_stays(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    output = tenant.run(
        "objectives.detail", catalog=catalog, end_date="2025-04-01", state=state_at("2025-05-20")
    )
    assert output.state == state_at("2025-05-20")


def test_a_future_state_gives_nothing(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    output = tenant.run("objectives.detail", catalog=catalog, state=state_at("2031-01-01"))
    assert not output.records
    assert output.state == state_at("2031-01-01")


def test_full_table_in_the_catalog_reads_everything_and_keeps_no_bookmark(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    catalog["streams"][0]["replication_method"] = "FULL_TABLE"
    output = tenant.run("objectives.detail", catalog=catalog, state=state_at(YESTERDAY))
    assert_complete(tenant, output, "objectives_detail")
    assert output.state == state_at(YESTERDAY)


def test_an_interrupted_run_goes_on_where_it_was(tenant: Tenant) -> None:
    catalog = tenant.discover("objectives.detail")
    tenant.sandbox.fault("status", route="report", status=403, contains="20250501", times=None)
    first = tenant.run("objectives.detail", catalog=catalog, concurrency=1)
    assert "objectives_detail" in first.failures
    assert first.state == state_at("2025-04-30")
    tenant.sandbox.clear_faults()
    second = tenant.run("objectives.detail", catalog=catalog, state=first.state)
    found = first.by_key("objectives_detail", "checkInId")
    found |= second.by_key("objectives_detail", "checkInId")
    truth = tenant.truth("objectives_detail")
    assert counted([*found.values()], truth) == counted(truth, truth)


def test_a_window_without_rows_moves_the_bookmark(tenant: Tenant) -> None:
    output = tenant.run("bad.headings")
    assert output.exit_code == 0
    assert not output.records
    assert output.state == state_at(YESTERDAY, "bad_headings")


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


def test_a_primary_key_that_is_null_ends_the_stream(tenant: Tenant) -> None:
    output = tenant.run({"report": "oneonone.summary", "primary_keys": ["completedDate"]})
    assert (
        "field completedDate is part of the primary key, but the vendor sent none"
        in (output.failures["oneonone_summary"])
    )
    assert not output.records


def test_a_primary_key_that_is_no_column_is_told(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    output = tenant.run({"report": "oneonone.summary", "primary_keys": ["employee"]})
    assert "oneonone.summary has no column employee, which its primary_keys name" in caplog.text
    assert "employee is part of the primary key" in output.failures["oneonone_summary"]


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


def test_a_cell_that_does_not_fit_its_type_is_told(tenant: Tenant) -> None:
    columns = {"comment": "number"}
    output = tenant.run(
        {"report": "objectives.detail", "format": "csv", "columns": columns}, "oneonone.summary"
    )
    message = output.failures["objectives_detail"]
    assert "objectives.detail (2025-03-04 to 2025-03-31)" in message
    assert "Column 'comment', row 1: expected number, found string '" in message
    assert output.records.keys() == {"oneonone_summary"}


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


# What can't be read


def test_an_entirely_empty_body_is_an_empty_report(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    output = tenant.run("bad.empty", window="year")
    assert output.exit_code == 0
    assert not output.records
    assert output.state == state_at(YESTERDAY, "bad_empty")
    assert (
        "stream bad_empty: the answer is entirely empty: bad.empty (2025-03-04 to 2025-06-02)"
        in (caplog.messages)
    )


def test_headings_alone_are_an_empty_report_without_a_warning(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    output = tenant.run({"report": "bad.headings", "format": "csv"})
    assert output.exit_code == 0
    assert "rating" in output.schemas["bad_headings"]["schema"]["properties"]
    assert not [line for line in caplog.records if line.levelno >= logging.WARNING]


def test_a_row_with_too_many_cells_is_an_error_of_its_stream(tenant: Tenant) -> None:
    output = tenant.run({"report": "bad.ragged", "format": "csv"}, "objectives.detail")
    assert "has 4 cells under 3 headings" in output.failures["bad_ragged"]
    assert_complete(tenant, output, "objectives_detail")


@pytest.mark.parametrize(
    ("report", "variants", "told"),
    [
        ("bad.forbidden", {}, "HTTP 403 Forbidden: No permission for report bad.forbidden"),
        ("no.such.report", {}, "HTTP 400 Bad Request: Unknown report no.such.report"),
        ("no.such.report", {"unknown_report": "404"}, "HTTP 404 Not Found: Unknown report"),
        ("no.such.report", {"error_body": "error"}, "HTTP 400 Bad Request: Unknown report"),
        ("no.such.report", {"error_body": "error_description"}, "Request: Unknown report no"),
    ],
)
def test_a_report_that_can_t_be_read_does_not_stop_the_others(
    tenant_of: Callable[..., Tenant], report: str, variants: dict[str, str], told: str
) -> None:
    tenant = tenant_of(**variants)
    catalog = tenant.discover(report, "objectives.detail")
    for given in (None, catalog):
        output = tenant.run(report, "objectives.detail", catalog=given)
        (stream,) = output.failures
        assert stream == report.replace(".", "_")
        assert told in output.failures[stream]
        assert (
            "The client may not read" in told
            or "heck the report's identifier" in (output.failures[stream])
            or report == "bad.forbidden"
        )
        assert_complete(tenant, output, "objectives_detail")


def test_a_report_that_is_refused_with_401_does_not_stop_the_others(tenant: Tenant) -> None:
    tenant.sandbox.fault("status", route="report", contains="people.custom", status=401, times=None)
    output = tenant.run({"report": "people.custom", "date_range": False}, "objectives.detail")
    assert (
        "the client may not read this report, or another process"
        in (output.failures["people_custom"])
    )
    assert_complete(tenant, output, "objectives_detail")


@pytest.mark.parametrize("kind", ["html", "garbage", "truncate"])
def test_answers_that_are_no_report_are_asked_for_again(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("tap_kit.http.client.backoff.full_jitter", lambda _: 0.0)
    for route in ("report", "poll"):
        tenant.sandbox.fault(kind, route=route, times=2)
    output = tenant.run("goals.slow", "objectives.detail")
    assert_complete(tenant, output, "goals_slow", "objectives_detail")
