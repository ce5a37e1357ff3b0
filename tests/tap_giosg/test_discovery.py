"""Columns are found by a few samples, or come from the catalog; nothing is asked in vain."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.errors import CredentialsError, StreamError
from tests.singer import Output, command
from tests.tap_giosg.conftest import EVENTS, Account, contents, latest, payloads, properties

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.tap_giosg.given import Given

ENVELOPE = ["organization_id", "workflow_id", "target", "interval_start", "interval_end", "row_id"]
COLUMNS = [
    *["timestamp", "event_id", "label", "action", "visitor_id", "session_id", "geo_city"],
    *["value", "is_new_visitor", "booked_on", "comment", "recording_url"],
]


def test_columns_stand_between_the_envelope_and_the_rest(account: Account) -> None:
    catalog = account.discover()

    assert list(properties(catalog, "source_data")) == [*ENVELOPE, *COLUMNS, "extra_columns"]
    steps = properties(catalog, "step_source_data")
    assert [name for name in steps if name != "step_index"] == [
        *ENVELOPE,
        *COLUMNS,
        "extra_columns",
    ]
    assert {tuple(steps[name]["type"]) for name in COLUMNS} == {("string", "null")}
    assert "started_workflows_count" in properties(catalog, "workflow_sidedata")


def test_json_tells_types_by_values(account: Account) -> None:
    columns = properties(account.discover(), "source_data")

    assert columns["value"]["type"] == ["number", "null"]
    assert columns["is_new_visitor"]["type"] == ["boolean", "null"]
    assert columns["timestamp"]["type"] == ["string", "null"]


def test_samples_are_cheap_and_told(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    account.discover(step_indexes=[1, 2])

    asked = payloads(account.requests("download", "source_data"))
    assert {payload["limit"] for payload in asked} == {1, 100}
    assert len(asked) <= 2 * (1 + 2 * 4)
    assert any(
        "asked for 1 of the newest rows in step 1 default, step 2 default" in message
        for message in caplog.messages
    )
    assert any("found 12 vendor columns: timestamp" in m for m in caplog.messages)


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
def test_no_data_leaves_the_envelope(account: Account, format_: str) -> None:
    (draft,) = (
        info["id"] for info in account.truth("workflow_info") if info.get("start_date") is None
    )

    catalog = account.discover(workflow_ids=[draft], step_data_format=format_)

    assert list(properties(catalog, "source_data")) == [*ENVELOPE, "extra_columns"]
    output = account.run(workflow_ids=[draft], step_data_format=format_)
    assert output.failures == {}
    assert output.records["step_source_data"] == []


def test_rows_that_no_sample_saw_are_told_apart(account: Account) -> None:
    (draft,) = (
        info["id"] for info in account.truth("workflow_info") if info.get("start_date") is None
    )
    catalog = account.discover(workflow_ids=[draft])

    output = account.run(*EVENTS, catalog=catalog)

    for stream in EVENTS:
        rows = latest(output, stream)
        truth = account.truth(stream, typed=stream == "source_data")
        assert contents(rows) == contents(truth)
        assert set(rows[0]["extra_columns"]) <= set(COLUMNS)


def test_columns_of_all_workflows_are_united(account_of: Callable[..., Account]) -> None:
    account = account_of(rows="objects")
    # A link that is not there is absent from an object: another workflow's rows have it.
    catalog = account.discover(step_data_format="json")

    assert set(properties(catalog, "step_source_data")) == {
        "step_index",
        *ENVELOPE,
        *COLUMNS,
        "extra_columns",
    }


def test_a_later_column_goes_to_extra_columns_once_told(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = account.discover()
    before = account.run("step_source_data", catalog=catalog)
    account.sandbox.drift("giosg.step_source_data", {"mood": "happy"})
    caplog.clear()

    after = account.run("step_source_data", catalog=catalog)

    rows = latest(after, "step_source_data")
    assert {row["extra_columns"]["mood"] for row in rows} == {"happy"}
    assert [row["row_id"] for row in rows] == [
        row["row_id"] for row in latest(before, "step_source_data")
    ]
    assert sum("does not know: mood" in message for message in caplog.messages) == 1


def test_the_declared_type_of_a_catalog_stays(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = account.discover()

    output = account.run("source_data", catalog=catalog, columns={"value": "string"})

    assert output.failures == {}
    assert any("run discovery again" in message for message in caplog.messages)


def test_identity_may_rest_on_some_columns(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = account.discover()

    def ids() -> list[str]:
        output = account.run("source_data", catalog=catalog, row_id_columns=["event_id", "typo"])
        return [row["row_id"] for row in output.records["source_data"]]

    before = ids()
    account.sandbox.drift("giosg.source_data", {"comment": "edited"})
    assert ids() == before
    assert any("has no column typo" in message for message in caplog.messages)


def test_a_stream_that_can_not_be_sampled_is_not_read_and_stops_no_other(
    account: Account,
) -> None:
    account.sandbox.fault("status", route="download", status=403, contains="limit", times=None)

    output = account.run()

    assert list(output.failures) == ["step_source_data"]
    assert output.records["step_source_data"] == []
    assert contents(latest(output, "source_data")) == contents(
        account.truth("source_data", typed=True)
    )
    with pytest.raises(StreamError, match=r"discovery of step_source_data failed: .*403"):
        account.discover()


def test_wrong_credentials_end_discovery(account: Account) -> None:
    with pytest.raises(CredentialsError, match=r"Token for an API token.*api_token, auth_scheme"):
        account.discover(api_token="not-this-token")
    assert len(account.requests()) == 1


def test_about_and_version_need_no_vendor(tmp_path: Path, account_given: Account) -> None:
    for option in ("--about", "--version"):
        output = command("tap-giosg", account_given.config, tmp_path, option)
        assert output.exit_code == 0
    assert account_given.requests() == []


def test_discovery_writes_a_catalog(tmp_path: Path, account_given: Account, given: Given) -> None:
    given.headings = ("when", "what")
    output = command("tap-giosg", account_given.config, tmp_path, "--discover")
    assert output.exit_code == 0, output.stderr
    assert '"what":{' in output.stderr


def test_records_of_two_runs_are_the_same(account: Account) -> None:
    def rows(output: Output) -> list[dict[str, Any]]:
        return [
            {name: row[name] for name in row if name != "recording_url"}
            for row in output.records["step_source_data"]
        ]

    assert rows(account.run("step_source_data")) == rows(account.run("step_source_data"))
