"""Staging models: the columns they declare, times in UTC, one row for each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_kit.time.clock import parse_time
from tests.dbt.figures import Known, deleted_jobs
from tests.dbt.models import Dbt

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dbt.conftest import Built, Databases
    from tests.dbt.nights import Night

TYPES = {
    "text": {"text", "VARCHAR"},
    "integer": {"bigint", "BIGINT", "HUGEINT", "numeric"},
    "number": {"numeric", "DOUBLE"},
    "double": {"double precision", "DOUBLE"},
    "boolean": {"boolean", "BOOLEAN"},
    "timestamp": {"timestamp without time zone", "TIMESTAMP"},
    "date": {"date", "DATE"},
    "json": {"jsonb", "JSON"},
}
"""What PostgreSQL and DuckDB call the kinds; sums and counts are wider than their columns."""


def test_columns_are_as_described(built: Built) -> None:
    columns = built.database.execute(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema in ('analytics', 'analytics_staging')"
    )
    assert {column["table_name"] for column in columns} == set(built.dbt.models)
    for name, model in built.dbt.models.items():
        found = {
            one["column_name"]: one["data_type"] for one in columns if one["table_name"] == name
        }
        for column, described in model["columns"].items():
            assert described["description"], (name, column)
            assert found[column] in TYPES[described["data_type"]], (name, column)
        # What a vendor or customer has beyond that, in streams whose columns are discovered.
        if set(found) != set(model["columns"]):
            assert name.startswith(("stg_giosg__", "stg_crewmojo__")), name


def test_times_are_those_of_the_vendor(built: Built, nights: list[Night]) -> None:
    expected = {
        job["id"]: parse_time(job["createdAt"]).replace(tzinfo=None)
        for job in Known(nights).rows("xoi", "jobs", "id")
    }
    found = built.database.rows("analytics_staging.stg_xoi__jobs")
    assert {job["id"]: job["created_at"] for job in found} == {
        name: moment.isoformat(sep=" ", timespec="milliseconds")
        for name, moment in expected.items()
    }


def test_deleted_jobs_are_marked(built: Built, nights: list[Night]) -> None:
    expected = deleted_jobs(Known(nights))
    found = built.database.rows("analytics_staging.stg_xoi__jobs")
    marked = {job["id"]: job["deleted_at"] for job in found if job["deleted_at"]}
    assert marked
    assert marked == {name: expected[name] for name in marked}
    assert len(found) > len(marked)


@pytest.mark.parametrize("adapter", ["postgres", "duckdb"])
def test_tables_of_other_loaders(adapter: str, databases: Databases, project: Path) -> None:
    """Several rows for a key, soft deletes, times with zones or as text, JSON as text.

    Three tables of the only vendor.
    """
    database = databases(adapter, "others")
    text, instant = ("text", "timestamptz") if adapter == "postgres" else ("varchar", "timestamptz")
    database.execute("create schema tap_xoi")
    database.execute(
        f"create table tap_xoi.webhook_history (row_id {text}, event {text}, firedat {text}, "
        f'"jobId" {text}, traits {text}, "Added By Us" {text}, _loaded_at {instant}, '
        f"_sdc_deleted_at {text})"
    )
    database.execute(
        "insert into tap_xoi.webhook_history values "
        "('a', 'job_update', '2024-05-01T10:00:00+02:00', '1', '[\"x\"]', 'old',"
        " '2024-06-01 00:00:00+00', null),"
        "('a', 'job_deleted', '2024-05-01 23:30:00.5', '1', 'null', 'new',"
        " '2024-06-01 12:00:00+09', null),"
        "('b', 'job_update', '2024-05-01T00:00:00Z', '2', null, null,"
        " '2024-06-01 00:00:00+00', null),"
        "('b', 'job_update', '2024-05-01T00:00:00Z', '2', null, null,"
        " '2024-06-02 00:00:00+00', '2024-06-02'),"
        "('c', 'job_update', 'yesterday', '3', null, null, '2024-06-01 00:00:00+00', null)"
    )
    now, before = "2024-05-02T00:00:00Z", "2024-05-01T00:00:00Z"
    rows: dict[str, list[tuple[object, ...]]] = {
        "workflow_job_reports": [
            ("9", "1", now, None, None, None, None),
            ("1", "1", before, None, None, None, None),  # of the job that was deleted
        ],
        "workflow_job_step_values": [
            ("9", "1", now, "volts", "number", 230, None),
            ("9", "1", now, "plate:2", "dataplate", None, "SN2"),
            # No longer in the report when it was read again.
            ("9", "1", before, "amps", "number", 16, None),
            ("9", "1", before, "plate:1", "dataplate", None, "SN1"),
            ("1", "1", before, "volts", "number", 400, None),
            ("1", "1", before, "plate:3", "dataplate", None, "SN3"),
        ],
    }
    for table, values in rows.items():
        database.execute(
            f'create table tap_xoi.{table} ("jobId" {text}, "workflowJobId" {text}, '
            f'"changedAt" {text}, value_id {text}, value_type {text}, value_number numeric, '
            f"serial {text})"
        )
        text_of = ", ".join(map(str, values)).replace("None", "null")
        database.execute(f"insert into tap_xoi.{table} values {text_of}")  # noqa: S608  # ours
    dbt = Dbt(database, project)
    run = dbt.run("build", flow_enabled=False, giosg_enabled=False)
    assert not run.bad()
    assert "disabled" not in run.output  # of tests of the vendors that are switched off
    found = database.rows("analytics_staging.stg_xoi__webhook_history")
    assert sorted((row["row_id"], row["event"], row["fired_at"]) for row in found) == [
        ("a", "job_deleted", "2024-05-01 23:30:00.500"),
        ("c", "job_update", None),
    ]
    assert {row["_loaded_at"] for row in found} == {
        "2024-06-01 03:00:00.000",
        "2024-06-01 00:00:00.000",
    }
    assert {row["traits"] for row in found} == {None}
    assert {row["added_by_us"] for row in found} == {"new", None}
    (deleted,) = database.rows("analytics_staging.stg_xoi__deleted_jobs")
    assert deleted == {"job_id": "1", "deleted_at": "2024-05-01 23:30:00.500"}
    (reading,) = database.rows("analytics.xoi_readings")
    assert (reading["job_id"], reading["value_id"], reading["reading"]) == ("9", "volts", 230)
    (plate,) = database.rows("analytics.xoi_equipment")
    assert (plate["serial"], plate["last_job_id"], plate["jobs"]) == ("SN2", "9", 1)
    # Streams that were not loaded, and vendors that are switched off.
    assert database.rows("analytics_staging.stg_xoi__jobs") == []
    assert {mart.split("_")[0] for mart in dbt.marts} == {"xoi", "crewmojo"}
    assert not [name for name in run.results if "flow__" in name or "giosg__" in name]
    assert "source.frontline_taps.flow.completed_jobs" not in dbt.manifest["sources"]


def test_lost_keys_and_lost_parents_fail(databases: Databases, project: Path) -> None:
    database = databases("duckdb", "damaged_duckdb")
    database.execute("create schema tap_xoi")
    for table, rows in (
        ("workflow_job_reports", "('1', '1', null)"),
        ("workflow_job_step_values", "('1', '1', 'volts'), ('1', '2', 'volts'), ('1', '1', null)"),
    ):
        database.execute(
            f'create table tap_xoi.{table} ("jobId" varchar, "workflowJobId" varchar, '
            "value_id varchar)"
        )
        database.execute(f"insert into tap_xoi.{table} values {rows}")  # noqa: S608  # ours
    model = "stg_xoi__workflow_job_step_values"
    dbt = Dbt(database, project)
    dbt.run("run", "--select", f"+{model}", "stg_xoi__workflow_job_reports")
    run = dbt.run("test", "--select", f"+{model}", fails=True)
    failed = [name.split(".")[2] for name in run.bad() if run.results[name] == "fail"]
    kinds = ("source_keys_are_present", f"refers_to_{model}", f"not_null_{model}_value_id")
    for kind in kinds:
        assert [name for name in failed if name.startswith(kind)], (kind, failed)
