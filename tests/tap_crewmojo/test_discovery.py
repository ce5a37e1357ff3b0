"""Columns are found by small samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_crewmojo.tap import TapCrewmojo
from tap_kit.errors import StreamError
from tests.singer import command, discover
from tests.tap_crewmojo.conftest import DEFAULT, Tenant

if TYPE_CHECKING:
    from pathlib import Path

ENVELOPE = {"report", "start_date", "end_date", "row_id", "extra_columns"}


def entry(catalog: dict[str, Any], stream: str) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [entry for entry in catalog["streams"] if entry["tap_stream_id"] == stream]
    return found


def types(catalog: dict[str, Any], stream: str) -> dict[str, Any]:
    properties = entry(catalog, stream)["schema"]["properties"]
    return {name: declared["type"] for name, declared in properties.items() if name not in ENVELOPE}


def test_each_report_is_a_stream_with_its_columns(tenant: Tenant) -> None:
    catalog = discover(TapCrewmojo, tenant.config)
    assert [stream["tap_stream_id"] for stream in catalog["streams"]] == list(DEFAULT)
    assert types(catalog, "objectives_detail") == {
        "checkInId": ["string"],
        "employeeCode": ["string", "null"],
        "checkInDate": ["string", "null"],
        "objective": ["string", "null"],
        "progress": ["number", "null"],
        "onTrack": ["boolean", "null"],
        "comment": ["string", "null"],
        "部署 🌱": ["string", "null"],
    }
    assert list(entry(catalog, "custom_headings")["schema"]["properties"]) == [
        *("report", "start_date", "end_date", "row_id"),
        *("employeeCode", "Team", "Team_2", "column_4", "Team_3"),
        "extra_columns",
    ]


@pytest.mark.parametrize(
    ("stream", "keys", "replication_key", "method"),
    [
        ("oneonone_summary", ["row_id"], "end_date", "INCREMENTAL"),
        ("objectives_detail", ["checkInId"], "end_date", "INCREMENTAL"),
        ("people_custom", ["row_id"], None, "FULL_TABLE"),
    ],
)
def test_keys_and_replication(
    tenant: Tenant, stream: str, keys: list[str], replication_key: str | None, method: str
) -> None:
    found = entry(discover(TapCrewmojo, tenant.config), stream)
    assert found["key_properties"] == keys
    assert found.get("replication_key") == replication_key
    (root,) = [item["metadata"] for item in found["metadata"] if not item["breadcrumb"]]
    assert root.get("valid-replication-keys") == ([replication_key] if replication_key else None)
    assert found["replication_method"] == method


def test_the_sample_is_the_shortest_that_has_rows(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    tenant.discover("objectives.detail", "bad.headings", "people.custom", start_date="2025-01-15")
    asked = [(body.get("startDate"), body.get("endDate")) for body in tenant.questions("detail")]
    assert asked == [(20250602, 20250602), (20250527, 20250602)][: len(asked)]
    asked = [(body.get("startDate"), body.get("endDate")) for body in tenant.questions("headings")]
    assert asked == [
        (20250602, 20250602),
        (20250527, 20250602),
        (20250503, 20250602),
        (20250303, 20250602),
        (20250115, 20250602),
    ]
    assert "asked for bad.headings (2025-01-15 to 2025-06-02): 0 rows" in caplog.text
    assert "bad.headings has 0 columns, found with 5 requests" in caplog.text


def test_a_backfill_samples_its_own_days(tenant: Tenant) -> None:
    tenant.discover("oneonone.summary", end_date="2025-04-10")
    assert tenant.questions()[0]["endDate"] == 20250409


def test_columns_overrule_and_add_to_what_was_found(tenant: Tenant) -> None:
    columns = {"completedDate": "date", "oneOnOneCount": "integer", "score": "number"}
    catalog = tenant.discover({"report": "oneonone.summary", "columns": columns})
    properties = entry(catalog, "oneonone_summary")["schema"]["properties"]
    assert properties["completedDate"] == {"type": ["string", "null"], "format": "date"}
    assert properties["oneOnOneCount"] == {"type": ["integer", "null"]}
    assert properties["score"] == {"type": ["number", "null"]}
    output = tenant.run({"report": "oneonone.summary", "columns": columns}, catalog=catalog)
    counts = {type(row["oneOnOneCount"]) for row in output.records["oneonone_summary"]}
    assert counts == {int}


def test_a_report_without_rows_takes_all_columns_as_extra(tenant: Tenant) -> None:
    catalog = tenant.discover("reviews.growing", start_date="2025-06-02")
    assert types(catalog, "reviews_growing") == {}
    output = tenant.run("reviews.growing", catalog=catalog)
    records = output.records["reviews_growing"]
    assert all(
        record["extra_columns"].keys() == {"employeeCode", "reviewDate", "rating"}
        for record in records
    )
    again = tenant.run("reviews.growing", catalog=catalog).records["reviews_growing"]
    ids = {record["row_id"] for record in records}
    assert len(ids) == len(records)
    assert ids == {record["row_id"] for record in again}


def test_a_refused_report_is_in_the_catalog_without_columns(
    tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = tenant.discover("bad.forbidden", "objectives.detail")
    assert types(catalog, "bad_forbidden") == {}
    assert "progress" in types(catalog, "objectives_detail")
    assert "the columns of bad.forbidden are not known: POST bad.forbidden (2025-06-02" in (
        caplog.text
    )


def test_a_passing_fault_makes_no_poor_catalog(tenant: Tenant) -> None:
    tenant.sandbox.fault("status", route="report", contains="detail", status=500, times=None)
    with pytest.raises(StreamError, match=r"discovery of objectives_detail failed: .* HTTP 500"):
        tenant.discover("objectives.detail", "oneonone.summary", max_attempts=1)
    output = tenant.run("objectives.detail", "oneonone.summary", max_attempts=1)
    assert output.failures.keys() == {"objectives_detail"}
    tenant.sandbox.clear_faults()


def test_a_fault_of_discovery_ends_its_stream_even_when_it_has_passed(tenant: Tenant) -> None:
    """Rows without known columns would have ids that nothing finds again."""
    tenant.sandbox.fault("status", route="report", contains="detail", status=500, times=1)
    output = tenant.run("objectives.detail", "oneonone.summary", max_attempts=1)
    assert output.failures.keys() == {"objectives_detail"}
    assert "objectives_detail" not in output.records
    assert "objectives_detail" not in output.state["bookmarks"]


@pytest.mark.parametrize(
    ("report", "verdict", "code"),
    [
        ("objectives.detail", "objectives_detail: works", 0),
        ("goals.slow", "goals_slow: works", 0),
        ("bad.forbidden", "bad_forbidden: POST bad.forbidden (", 1),
    ],
)
def test_the_test_says_what_can_be_read(
    tenant: Tenant, tmp_path: Path, report: str, verdict: str, code: int
) -> None:
    output = command("tap-crewmojo", tenant.configured(report), tmp_path, "--test")
    assert verdict in output.stderr
    assert output.exit_code == code
