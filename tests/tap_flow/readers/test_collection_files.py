"""The records of collections: CSV files behind links that end."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.tap_flow.conftest import Team, assert_complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.singer import Output, Record


def run_with(team: Team, text: str) -> tuple[Output, list[Record]]:
    """A run in which one collection's file says so, and the records of that collection."""
    collection = next(iter(team.by_key("collections").values()))
    team.sandbox.fault(
        "status",
        route="blob",
        contains=collection["csvFileName"],
        status=200,
        content_type="text/csv",
        body=text,
        times=None,
    )
    output = team.run("collection_records", "users", max_attempts=2)
    records = output.records["collection_records"]
    return output, [r for r in records if r["collectionId"] == collection["collectionId"]]


def test_headings_are_data(team: Team) -> None:
    text = 'row_id,extra_columns,,a,a\r\n1,"x\r\ny",,"he said ""no""",\r\n\r\n2\r\n'
    output, found = run_with(team, text)

    assert output.failures == {}

    assert [record["recordNumber"] for record in found] == [1, 2]
    assert [record["values"] for record in found] == [
        {
            "row_id": "1",
            "extra_columns": "x\r\ny",
            "column_3": None,
            "a": 'he said "no"',
            "a_2": None,
        },
        {"row_id": "2", "extra_columns": None, "column_3": None, "a": None, "a_2": None},
    ]


def test_headings_alone_are_no_records(team: Team) -> None:
    output, found = run_with(team, "a,b\r\n")

    assert output.failures == {}
    assert not found
    assert output.records["collection_records"]


def test_what_can_not_be_stored_is_replaced_and_told_once_for_each_column(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    output, found = run_with(team, "a,b\r\n1,x\0\r\n2,y\0\r\n3,z\r\n")

    assert output.failures == {}
    assert [record["values"]["b"] for record in found] == ["x\ufffd", "y\ufffd", "z"]
    (warning,) = [text for text in caplog.messages if "targets can't store" in text]
    assert warning.startswith("stream collection_records: field values.b holds")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\r\n1,2\r\n1,2,3\r\n", "record 2 has 3 cells under 2 headings"),
        ('a,b\r\n1,"2', "cut off"),
    ],
)
def test_a_broken_file_is_an_error(team: Team, text: str, message: str) -> None:
    output, _ = run_with(team, text)

    assert output.failures.keys() == {"collection_records"}
    assert message in output.failures["collection_records"]
    assert output.records["users"]


def test_a_file_that_is_shorter_than_announced_is_sent_for_again(team: Team) -> None:
    team.sandbox.fault("garbage", route="blob")
    team.sandbox.fault("empty", route="blob", skip=2)

    output = team.run("collection_records")

    assert_complete(team, output, "collection_records")


def test_a_file_that_stays_shorter_than_announced_is_read_with_a_warning(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    team.sandbox.fault("status", route="blob", status=200, body="a,b\n1,2\n", times=None)

    output = team.run("collection_records")

    assert {str(row["values"]) for row in output.records["collection_records"]} == {
        "{'a': '1', 'b': '2'}"
    }
    assert "has 8 bytes, and csvFileSize says" in caplog.text


def test_nothing_where_the_vendor_announces_a_file_is_an_error(team: Team) -> None:
    team.sandbox.fault("empty", route="blob", times=None)

    output = team.run("collection_records", max_attempts=3)

    assert "by csvFileSize, got 0" in output.failures["collection_records"]


def test_a_page_instead_of_a_file_is_tried_again(team: Team) -> None:
    team.sandbox.fault("html", route="blob")

    output = team.run("collection_records")

    assert_complete(team, output, "collection_records")


@pytest.mark.parametrize("shape", ["wrapped", "bare"])
def test_a_link_that_ended_is_asked_for_again(team_of: Callable[..., Team], shape: str) -> None:
    team = team_of(collection_by_id=shape)
    team.meanwhile(lambda: team.sandbox.advance(hours=2), route="blob")

    output = team.run("collection_records", concurrency=1)

    assert output.failures == {}
    assert_complete(team, output, "collection_records")
    asked = [
        [entry.status for entry in team.sandbox.journal.for_route("flow", route)]
        for route in ("blob", "collection")
    ]
    assert asked[0].count(403) == asked[0].count(200) == asked[1].count(200) == 5
    links = team.sandbox.journal.for_route("flow", "blob")
    assert all("authorization" not in entry.headers for entry in links)


def test_a_link_that_is_refused_twice_is_an_error(team: Team) -> None:
    team.sandbox.fault("status", route="blob", status=403, times=None)

    output = team.run("collection_records", concurrency=1)

    assert "GET the CSV file of a collection: HTTP 403" in output.failures["collection_records"]
    # Others may have been asked for meanwhile: requests run ahead.
    asked = Counter(link.split("?")[0] for link in team.asked("blob"))
    assert max(asked.values()) == 2


def test_where_every_file_is_gone_the_stream_fails(team: Team) -> None:
    team.sandbox.fault("status", route="blob", status=404, times=None)

    failure = team.run("collection_records").failures["collection_records"]

    assert "csvDownloadUrl of the collections: none of 5 items was found" in failure


def test_a_collection_that_is_gone_is_skipped(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    collection = next(iter(team.by_key("collections").values()))
    name = collection["csvFileName"]
    team.sandbox.fault("status", route="blob", contains=name, status=404, times=None)
    team.sandbox.fault("status", route="collection", status=404)

    output = team.run("collection_records")

    assert output.failures == {}
    assert f"{collection['collectionId']} is gone, skipped" in caplog.text
    found = {record["collectionId"] for record in output.records["collection_records"]}
    assert len(found) == 4


def test_a_collection_that_comes_bare_is_a_list_of_one(team: Team) -> None:
    collection = {"collectionId": "c", "name": "Assets"}
    for body in ([collection], collection, {"collections": [collection]}):
        team.sandbox.fault("status", route="collections", status=200, body=json.dumps(body))

        output = team.run("collections")

        assert output.records["collections"] == [collection]
