"""Answers that are not what they should be: told clearly, and never half in the state."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from sandbox.web import Response, as_json
from tap_kit.errors import SettingsError
from tests.singer import select
from tests.tap_giosg.conftest import properties
from tests.tap_giosg.given import CATALOG, FIRST_EVENT, Given

if TYPE_CHECKING:
    from tests.tap_giosg.conftest import Account

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv(body: bytes, charset: str = "") -> Response:
    return Response(body, content_type=f"text/csv{charset}")


def workbook(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def without_sheets(body: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/workbook.xml":
                start, end = content.index(b"<sheets>"), content.index(b"</sheets>")
                content = content[:start] + b"<sheets>" + content[end:]
            target.writestr(name, content)
    return file.getvalue()


WORKBOOK = workbook(["a", "b"], ["1", "2"])


@pytest.mark.parametrize(
    ("format_", "response", "message"),
    [
        ("csv", csv(b"a,b\n1,2\n1,2,3\n"), "Row 2 has 3 cells under 2 headings"),
        ("csv", csv(b'a,b\n1,"cut'), "ends within a quoted cell"),
        ("csv", csv(b"a,b\n1,\xff\n", "; charset=shift_jis"), "not in its charset 'shift_jis'"),
        ("csv", csv(b"a,b\n1,\xff\xfe\xff\n"), "binary data"),
        (
            "csv",
            csv(b"a,b\n" * 9 + b"1,\xe4\n", "; charset=klingon"),
            "charset of the CSV response is unknown",
        ),
        (
            "csv",
            Response(b"<html>Maintenance</html>", content_type="text/html"),
            "24 bytes of HTML",
        ),
        ("csv", as_json({"detail": "Query failed."}), "expected csv.*Query failed"),
        ("xlsx", as_json({"detail": "Query failed."}), "expected xlsx.*Query failed"),
        ("xlsx", Response(without_sheets(WORKBOOK), content_type=XLSX), "has no sheet"),
        ("xlsx", Response(WORKBOOK[:-40], content_type=XLSX), "not whole"),
        ("xlsx", Response(b"", content_type=XLSX), "got 0 bytes"),
    ],
)
def test_a_wrong_response_is_an_error(
    account_given: Account, given: Given, format_: str, response: Response, message: str
) -> None:
    given.download = response

    output = account_given.run(
        "step_source_data", catalog=CATALOG, step_data_format=format_, max_attempts=2
    )

    (failure,) = output.failures.values()
    assert re.search(message, failure)
    assert "2026-03-02T00:00:00" in failure
    assert "step_source_data" not in output.state["bookmarks"]


def test_a_file_that_was_cut_off_is_asked_for_again_before_any_row_of_it_is_used(
    account_given: Account, given: Given
) -> None:
    rows = b"".join(b"row,%d\n" % number for number in range(5000))
    given.download = csv(b"a,b\n" + rows)
    catalog = account_given.discover()
    cut_off = "a,b\n" + rows.decode() + 'row,"cut'
    account_given.sandbox.fault(
        "status", route="download", status=200, body=cut_off, content_type="text/csv"
    )

    output = account_given.run("step_source_data", catalog=catalog, end_date="2026-03-09")

    assert output.failures == {}
    assert len(output.records["step_source_data"]) == 5000


def test_a_sentence_in_place_of_a_file_is_asked_for_again_and_then_fails(
    account_given: Account, given: Given
) -> None:
    given.rows = [(FIRST_EVENT, ["hello"])]
    catalog = account_given.discover()
    sentence = {"route": "download", "status": 200, "body": "no healthy upstream"}
    account_given.sandbox.fault("status", content_type="text/csv", **sentence)

    output = account_given.run("step_source_data", catalog=catalog)

    assert [record["text"] for record in output.records["step_source_data"]] == ["hello"]

    account_given.sandbox.fault("status", content_type="text/csv", times=None, **sentence)

    output = account_given.run("step_source_data", catalog=catalog, max_attempts=2)

    assert "none of the columns" in output.failures["step_source_data"]
    assert "step_source_data" not in output.state["bookmarks"]


@pytest.mark.parametrize("end", [b'row,"cut', b"ro"])
def test_a_file_that_stays_cut_off_fails_the_stream(
    account_given: Account, given: Given, end: bytes
) -> None:
    given.download = csv(b"a,b\n" + b"row,1\n" * 50 + end)

    output = account_given.run("step_source_data", catalog=CATALOG, max_attempts=2)

    assert "cut off" in output.failures["step_source_data"]
    assert "step_source_data" not in output.state["bookmarks"]


@pytest.mark.parametrize(
    ("route", "stream", "body"),
    [
        ("workflows", "workflows", '{"error": "it broke", "results": []}'),
        ("workflows", "workflows", '{"results": [], "detail": "It failed"}'),
        ("workflows", "workflows", '[{"error": "it broke"}]'),
        ("info", "workflow_info", '{"error": "it broke"}'),
        ("info", "workflow_info", '{"type": "about:blank", "title": "it broke", "status": 500}'),
        ("info", "workflow_info", '{"foo": 1}'),
        ("sidedata", "workflow_sidedata", '{"detail": "it broke"}'),
        ("sidedata", "workflow_sidedata", '{"status": "error", "foo": 1}'),
        ("sidedata", "workflow_sidedata", '{"warnings": ["it broke"]}'),
        ("sidedata", "workflow_sidedata", "[]"),
    ],
)
def test_an_error_with_200_is_no_record(
    account: Account, route: str, stream: str, body: str
) -> None:
    catalog = account.discover()
    account.sandbox.fault("status", route=route, status=200, body=body, times=None)

    output = account.run(stream, catalog=catalog, max_attempts=2)

    assert stream in output.failures
    assert not output.records.get(stream)


def test_no_figures_are_no_record(account: Account) -> None:
    catalog = account.discover()
    account.sandbox.fault("status", route="sidedata", status=200, body="{}", times=None)

    output = account.run("workflow_sidedata", catalog=catalog)

    assert output.failures == {}
    assert not output.records.get("workflow_sidedata")
    assert output.state["bookmarks"]["workflow_sidedata"]["partitions"]


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "[\n]\n",
        "\ufeff [ ]",
        "[" + " " * 9000 + "]",
        "{}",
        '{"fields": []}',
        '{"error": "x", "data": []}',
        '{"errors": [{"message": "x"}]}',
    ],
)
def test_json_of_another_shape_is_no_empty_window(account: Account, body: str) -> None:
    catalog = account.discover()
    account.sandbox.fault("status", route="source_data", status=200, body=body, times=None)

    output = account.run("source_data", catalog=catalog, max_attempts=2)

    assert "source_data" in output.failures
    assert not output.records.get("source_data")


def test_what_can_not_be_stored_is_replaced_and_told_once(
    account_given: Account, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.download = csv(b"text,n\nx\0y,1\n\xed\xa0\xbd,NaN\n")

    output = account_given.run("step_source_data", columns={"n": "number"})

    rows = output.records["step_source_data"]
    assert {(row["text"], row["n"]) for row in rows} == {("x\ufffdy", 1), ("\ufffd", None)}
    told = [message for message in caplog.messages if "targets can't store" in message]
    assert len(told) == 2
    assert any("stream step_source_data: field text" in message for message in told)
    assert any("stream step_source_data: field n " in message for message in told)


def test_a_sheet_that_is_passed_by_is_told_once(
    account_given: Account, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.add_worksheet("Cover")
    book.add_worksheet("Rows").write_row(0, 0, ["text"])
    book.worksheets()[1].write_row(1, 0, ["x"])
    book.close()
    given.download = Response(file.getvalue(), content_type="text/csv")

    output = account_given.run("step_source_data")

    assert {row["text"] for row in output.records["step_source_data"]} == {"x"}
    assert sum("the sheet Cover" in message for message in caplog.messages) == 1


def test_headings_that_differ_in_case_only_are_told(
    account_given: Account, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.download = csv(b"Email,email\nx,y\n")

    output = account_given.run("step_source_data")

    assert output.failures == {}
    told = [message for message in caplog.messages if "differ in case only" in message]
    assert len(told) == 1
    assert "Email and email of step_source_data" in told[0]


def with_column(account: Account, name: str, schema: dict[str, Any] | bool) -> dict[str, Any]:  # noqa: FBT001  # true is a schema
    """The catalog with the schema that a user gave a column."""
    catalog = select(account.discover(), "step_source_data")
    properties(catalog, "step_source_data")[name] = schema
    return catalog


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"], "format": "uuid"},
        {"type": ["string", "null"], "format": "time"},
        {"type": ["string", "null"], "format": "singer.decimal"},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {},
        True,
    ],
)
def test_an_edited_column_of_the_catalog_is_kept(
    account_given: Account,
    given: Given,
    schema: dict[str, Any] | bool,  # noqa: FBT001  # true is a schema
) -> None:
    given.download = csv(b"text\nx\n")
    catalog = with_column(account_given, "text", schema)

    output = account_given.run(catalog=catalog)

    assert {row["text"] for row in output.records["step_source_data"]} == {"x"}
    (sent,) = [
        line["schema"]["properties"]["text"]
        for line in output.lines
        if line["type"] == "SCHEMA" and line["stream"] == "step_source_data"
    ]
    if isinstance(schema, dict):
        assert schema.items() <= sent.items()


@pytest.mark.parametrize("schema", [False, {"type": "text"}, {"type": ["integer", "boolean"]}])
def test_a_column_that_can_not_be_names_stream_and_column(
    account_given: Account,
    given: Given,
    schema: dict[str, Any] | bool,  # noqa: FBT001  # true is a schema
) -> None:
    given.download = csv(b"text\nx\n")
    catalog = with_column(account_given, "text", schema)

    with pytest.raises(SettingsError, match=r"stream step_source_data.*column text"):
        account_given.run(catalog=catalog)


def test_repeated_and_blank_headings_have_names_and_are_told_once(
    account_given: Account, given: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given.download = csv(b"a,a,,row_id\n1,2,3,4\n")

    output = account_given.run("step_source_data")

    row = output.records["step_source_data"][0]
    assert {name: row[name] for name in ("a", "a_2", "column_3", "column_row_id")} == {
        "a": "1",
        "a_2": "2",
        "column_3": "3",
        "column_row_id": "4",
    }
    assert len(output.records["step_source_data"]) > 1
    for name in ("a_2", "column_3", "column_row_id"):
        assert sum(f"is called {name}," in message for message in caplog.messages) == 1


def test_short_rows_and_empty_cells_are_null(account_given: Account, given: Given) -> None:
    given.download = csv(b"a,b,c\n1\n,2,\n\n")

    output = account_given.run("step_source_data", end_date="2026-03-09")

    assert [(row["a"], row["b"], row["c"]) for row in output.records["step_source_data"]] == [
        ("1", None, None),
        (None, "2", None),
    ]


def test_a_cell_that_does_not_fit_its_type_is_named(account_given: Account, given: Given) -> None:
    given.download = csv(b"a,n\nx,1\ny,many\n")

    output = account_given.run("step_source_data", columns={"n": "integer"})

    (failure,) = output.failures.values()
    assert "step 1 default" in failure
    assert "Column 'n', row 2: expected integer, found string of 4 characters" in failure
