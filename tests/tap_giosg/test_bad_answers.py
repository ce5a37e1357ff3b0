"""Answers that are not what they should be: told clearly, and never half in the state."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from sandbox.web import Response, as_json
from tests.tap_giosg.given import CATALOG, Given

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
    ("format_", "answer", "message"),
    [
        ("csv", csv(b"a,b\n1,2\n1,2,3\n"), "Row 2 has 3 cells under 2 headings"),
        ("csv", csv(b'a,b\n1,"cut'), "ends within a quoted cell"),
        ("csv", csv(b"a,b\n1,\xff\n"), "not in its charset 'utf-8'"),
        ("csv", csv(b"a,b\n", "; charset=klingon"), "charset of the CSV answer is unknown"),
        ("csv", Response(b"<html>Maintenance</html>", content_type="text/html"), "Maintenance"),
        ("csv", as_json({"detail": "Query failed."}), "expected csv.*Query failed"),
        ("xlsx", as_json({"detail": "Query failed."}), "expected xlsx.*Query failed"),
        ("xlsx", Response(without_sheets(WORKBOOK), content_type=XLSX), "has no sheet"),
        ("xlsx", Response(WORKBOOK[:-40], content_type=XLSX), "not whole"),
        ("xlsx", Response(b"", content_type=XLSX), "no workbook"),
    ],
)
def test_a_wrong_answer_is_an_error(
    account_given: Account, given: Given, format_: str, answer: Response, message: str
) -> None:
    given.download = answer

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
    assert "Column 'n', row 2: expected integer, found string 'many'" in failure
