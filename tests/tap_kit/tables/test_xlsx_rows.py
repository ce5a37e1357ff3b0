from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tap_kit.errors import BadBodyError, DataError
from tap_kit.tables import read_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    Workbook = Callable[..., bytes]


def table(body: bytes) -> tuple[tuple[str, ...], list[list[str]]]:
    blocks = list(read_xlsx(io.BytesIO(body)))
    return (blocks[0].headings if blocks else ()), [
        list(row) for block in blocks for row in block.rows
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("text", "text"),
        (3, "3"),
        (3.0, "3"),
        (14.15, "14.15"),
        (1e21, "1000000000000000000000"),
        (-0.0, "0"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ("007", "007"),
        (dt.date(2023, 2, 1), "2023-02-01"),
        (dt.datetime(2023, 2, 1, 9, 15, 27), "2023-02-01T09:15:27Z"),  # noqa: DTZ001  # Excel knows no zone
        (dt.datetime(2023, 2, 1, 9, 15, 27, 120_000), "2023-02-01T09:15:27.120Z"),  # noqa: DTZ001  # Excel knows no zone
        (dt.time(9, 15), "09:15:00"),
        (dt.timedelta(hours=30), "PT108000S"),
    ],
)
def test_cells_are_text(workbook: Workbook, cell: Any, text: str) -> None:  # noqa: ANN401
    assert table(workbook(["a", "b"], [cell, "x"])) == (("a", "b"), [[text, "x"]])


def test_times_of_a_column_are_written_alike(workbook: Workbook) -> None:
    midnight, later = dt.datetime(2023, 2, 1), dt.datetime(2023, 2, 1, 9, 15, 27)  # noqa: DTZ001  # Excel knows no zone
    exact = later.replace(microsecond=120_000)
    body = workbook(["a", "b", "c"], [midnight, midnight, midnight], [exact, later, None])

    assert table(body)[1] == [
        ["2023-02-01T00:00:00.000Z", "2023-02-01T00:00:00Z", "2023-02-01"],
        ["2023-02-01T09:15:27.120Z", "2023-02-01T09:15:27Z", ""],
    ]


def test_a_row_of_zeros_is_no_empty_row(workbook: Workbook) -> None:
    assert table(workbook(["a", "b"], [0, None], [False, None]))[1] == [["0", ""], ["false", ""]]


def test_blank_headings_and_short_and_empty_rows(workbook: Workbook) -> None:
    body = workbook([], ["a", None, "c"], ["1", "2", "3"], [], ["4"])

    assert table(body) == (("a", "", "c"), [["1", "2", "3"], ["4", "", ""]])


def test_only_the_first_sheet_is_read(workbook: Workbook) -> None:
    body = workbook(["a"], ["1"], sheets=3)

    assert table(body) == (("a",), [["1"]])
    assert next(read_xlsx(io.BytesIO(body))).passed_by == ("Sheet2", "Sheet3")


def test_an_empty_first_sheet_is_passed_by(workbook: Workbook) -> None:
    body = workbook(sheets=2)

    assert table(body) == (("another sheet",), [])
    assert next(read_xlsx(io.BytesIO(body))).passed_by == ("Sheet1",)


def test_headings_only_and_nothing_at_all(workbook: Workbook) -> None:
    assert table(workbook(["a", "b"])) == (("a", "b"), [])
    assert list(read_xlsx(io.BytesIO(workbook()))) == []


@pytest.mark.parametrize("limit", [10, 1_000_000])
def test_a_spooled_file_is_read_and_stays_open(workbook: Workbook, limit: int) -> None:
    with tempfile.SpooledTemporaryFile(max_size=limit) as file:
        file.write(workbook(["a"], ["1"]))
        file.seek(0)

        assert [list(row) for block in read_xlsx(file) for row in block.rows] == [["1"]]
        assert not file.closed


def test_rows_come_in_blocks_that_know_their_number(workbook: Workbook) -> None:
    blocks = list(read_xlsx(io.BytesIO(workbook(["n"], *([n] for n in range(1, 2502))))))

    assert sum(len(block.rows) for block in blocks) == 2501
    assert all(list(block.rows[0]) == [str(block.first)] for block in blocks if block.rows)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_fetched_again(body: bytes) -> None:
    with pytest.raises(BadBodyError, match="no workbook, or not whole"):
        table(body)


@pytest.mark.parametrize("length", [200, 3000, -40])
def test_a_part_of_a_workbook_is_fetched_again(workbook: Workbook, length: int) -> None:
    with pytest.raises(BadBodyError, match="no workbook, or not whole"):
        table(workbook(["a"], ["1"])[:length])


def edited(body: bytes, part: str, pattern: bytes, replacement: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                content, found = re.subn(pattern, replacement, content)
                assert found
            target.writestr(name, content)
    return file.getvalue()


def test_a_workbook_without_a_sheet_is_an_error(workbook: Workbook) -> None:
    body = edited(workbook(["a"]), "xl/workbook.xml", rb"<sheets>.*</sheets>", b"<sheets/>")

    with pytest.raises(DataError, match="has no sheet"):
        table(body)


def test_a_damaged_sheet_is_fetched_again(workbook: Workbook) -> None:
    body = edited(workbook(["a"]), "xl/worksheets/sheet1.xml", rb"</sheetData>.*", b"")

    with pytest.raises(BadBodyError):
        table(body)
