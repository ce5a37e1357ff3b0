"""What a table is, whatever its label says: nothing is read that is none, and nothing is lost."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import BadBodyError, DataError
from tap_kit.http.download import Download
from tap_kit.tables import Column, ColumnType, TableShape, check_table, json_rows, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TEXT = Column(ColumnType.STRING)
LABELS = [
    "text/csv",
    "application/json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
    "text/html; charset=utf-8",
    "image/png",
    "",
]


def download(body: bytes, content_type: str = "", status: int = 200) -> Download:
    return Download(status, {"content-type": content_type}, io.BytesIO(body), len(body))


def table(response: Download, format_: str | None = None) -> list[Any]:
    check_table(response, format_)
    blocks = list(read_table(response, format_))
    return [dict(zip(block.headings, row, strict=False)) for block in blocks for row in block.rows]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize(
    "body",
    [
        "a\né\n".encode(),
        b"\xef\xbb\xbf" + "a\né\n".encode(),
        "a\né\n".encode("utf-16"),
        '[{"a": "é"}]'.encode(),
        '\ufeff {"data": [{"a": "é"}]}'.encode(),
        '[{"a": "é"}]'.encode("utf-16"),
        '[{"a": "é"}]'.encode("utf-16-le"),
        '[{"a": "é"}]'.encode("utf-32"),
    ],
)
def test_the_body_decides(body: bytes, label: str) -> None:
    assert table(download(body, label)) == [{"a": "é"}]


def test_a_workbook_is_one_whatever_its_label(workbook: Callable[..., bytes]) -> None:
    body = workbook(["a"], ["é"])

    for label in LABELS:
        assert table(download(body, label), "csv") == [{"a": "é"}]


@pytest.mark.parametrize("size", [json_rows.LARGE, -1])
@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ('[{"a": "é"}]'.encode("iso-8859-1"), "iso-8859-1"),
        ('[{"a": "é"}]'.encode("cp1252"), "windows-1252"),
        ('[{"a": "é"}]'.encode(), "iso-8859-1"),
        ('[{"a": "é"}]'.encode("utf-16"), "utf-16"),
        ('[{"a": "é"}]'.encode("utf-16-be"), "utf-16"),
    ],
)
def test_json_in_a_declared_charset(
    body: bytes, charset: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "LARGE", size)
    assert table(download(body, f"application/json; charset={charset}")) == [{"a": "é"}]


@pytest.mark.parametrize(
    ("body", "headings"),
    [
        (b"{id},{name}\n1,2\n", ["{id}", "{name}"]),
        (b"[Date],[Store]\n1,2\n", ["[Date]", "[Store]"]),
        (b"<date>,<store>\n1,2\n", ["<date>", "<store>"]),
        (b"null,b\n1,2\n", ["null", "b"]),
    ],
)
def test_headings_may_look_like_something_else(body: bytes, headings: list[str]) -> None:
    assert table(download(body), "csv") == [dict(zip(headings, ["1", "2"], strict=True))]


ERRORS = [
    b"<!DOCTYPE html><html><body>Login</body></html>",
    b" \r\n<html>",
    b"\xef\xbb\xbf<!doctype html>",
    b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    b"<Error><Code>Acc",
    b'{"detail": "Internal error"}',
    b'\xef\xbb\xbf{"message": "Endpoint request timed out"}',
    b' {"message": null}',
    b'{"error": "it br',
    b'{"errors": [{"message": "boom"}]}',
    b'{"status": "error"}',
    b"{}",
    b"{",
    b"null",
    b'[{"error": "boom"}]',
    b'{"rows": [{"errors": [{"message": "boom"}], "code": 3}]}',
    b"0",
    b"Internal Server Error",
    b"upstream connect error or disconnect/reset before headers\n",
    b"%PDF-1.7\n",
    b"\x89PNG\r\n\x1a\n",
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("format_", ["csv", "xlsx", "json", None])
@pytest.mark.parametrize("body", ERRORS)
def test_an_error_is_never_a_table(body: bytes, format_: str | None, label: str) -> None:
    with pytest.raises(BadBodyError):
        table(download(body, label), format_)


@pytest.mark.parametrize("body", [b"[]", b'[{"a": 1}]'])
def test_json_is_no_file(body: bytes) -> None:
    with pytest.raises(BadBodyError, match=r"expected csv, got \d+ bytes of JSON"):
        table(download(body, "text/csv"), "csv")


def test_csv_is_no_json() -> None:
    with pytest.raises(BadBodyError, match="expected json, got 8 bytes of text"):
        table(download(b"a,b\n1,2\n", "application/json"), "json")


def test_nothing_of_a_body_is_quoted_but_its_error() -> None:
    with pytest.raises(BadBodyError) as caught:
        table(download(b'{"error": "no luck", "customer": "Maria"}'), "csv")

    assert "no luck" in str(caught.value)
    assert "Maria" not in str(caught.value)


def test_no_content_is_an_empty_table() -> None:
    assert table(download(b"", status=204), "json") == []


# Cut anywhere

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=5)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6)
HEADINGS = ("one", "two", "three")


def csv_of(rows: Sequence[Sequence[str]]) -> str:
    quoted = (",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)
    return "\r\n".join([",".join(HEADINGS), *quoted, ""])


@given(ROWS, st.data(), st.sampled_from(LABELS))
def test_csv_that_is_cut_within_a_row_is_never_taken_for_whole(
    rows: list[tuple[str, ...]], data: st.DataObject, label: str
) -> None:
    whole = csv_of(rows)
    body = whole.encode()
    cut = data.draw(st.integers(len(",".join(HEADINGS)) + 2, len(body) - 1))
    try:
        read = table(download(body[:cut], label), "csv")
    except (BadBodyError, DataError):
        return
    # Only what ends with a row can't be told from a shorter table, and what ends with the last
    # delimiter from a row whose last cell is empty.
    last = "" if body[:cut].endswith(b'",') else rows[len(read) - 1][-1]
    assert [tuple(row.values()) for row in read[:-1]] == rows[: max(len(read) - 1, 0)]
    assert not read or tuple(read[-1].values()) == (*rows[len(read) - 1][:-1], last)


@pytest.mark.parametrize("size", [json_rows.LARGE, -1])
@given(data=st.data(), rows=ROWS, label=st.sampled_from(LABELS), wrapped=st.booleans())
def test_json_that_is_cut_is_never_taken_for_whole(
    data: st.DataObject, rows: list[tuple[str, ...]], label: str, size: int, *, wrapped: bool
) -> None:
    objects = [dict(zip(HEADINGS, row, strict=True)) for row in rows]
    body = json.dumps({"count": 3, "data": objects} if wrapped else objects).encode()
    cut = data.draw(st.integers(1, len(body) - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "LARGE", size)
        assert table(download(body, label)) == objects
        with pytest.raises((BadBodyError, DataError)):
            table(download(body[:cut], label))


@pytest.mark.parametrize("label", LABELS)
def test_a_workbook_that_is_cut_is_never_taken_for_whole(
    workbook: Callable[..., bytes], label: str
) -> None:
    body = workbook([*HEADINGS], *([str(number)] * 3 for number in range(50)))
    for cut in range(4, len(body) - 22, 97):
        with pytest.raises(BadBodyError):
            table(download(body[:cut], label), "xlsx")


# What no target can store


@pytest.mark.parametrize("size", [json_rows.LARGE, -1])
@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'[{"a": "note \ud83d", "b": 1}]', "note \ufffd"),
        (rb'[{"a": "\ud83d\ude00 \ude00", "b": 1}]', "\U0001f600 \ufffd"),
        (b'[{"a": "\xed\xa0\xbd", "b": 1}]', "\ufffd"),
        (rb'[{"a": "x\u0000y", "b": 1}]', "x\ufffdy"),
        (b'[{"a": "x\0y", "b": 1}]', "x\ufffdy"),
        (b'[{"a": "cut within \xc3", "b": 1}]', "cut within \ufffd"),
        (b'[{"a": "\xe2\x82 and \xff", "b": 1}]', "\ufffd and \ufffd"),
        (b'[{"a": NaN, "b": 1}]', None),
        (b'[{"a": -Infinity, "b": 1}]', None),
        (rb'[{"a": {"k\u0000": [Infinity, "\udc00"]}, "b": 1}]', {"k\ufffd": [None, "\ufffd"]}),
    ],
)
def test_what_can_not_be_stored_is_replaced_in_json_of_any_size(
    body: bytes, value: object, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "LARGE", size)
    response = download(body)
    check_table(response)
    (block,) = read_table(response)

    assert [list(row) for row in block.rows] == [[value, 1]]
    assert block.replaced == {0}


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b"a,b\nx\0y,1\n", "utf-8"),
        (b"a,b\nx\xed\xa0\xbdy,1\n", "utf-8"),
        (b"a,b\nx\xe2\x82y,1\n", "utf-8"),
        (b'a,b\n"x\0y",1\n', "utf-8"),
        (b'a,b\n"x\0y",1\n', "iso-8859-1"),
        ("a,b\nx\ud83dy,1\n".encode("utf-16", "surrogatepass"), "utf-16"),
    ],
)
def test_what_can_not_be_stored_is_replaced_in_csv(body: bytes, charset: str) -> None:
    blocks = list(read_table(download(body, f"text/csv; charset={charset}")))

    assert [list(row) for block in blocks for row in block.rows] == [["x\ufffdy", "1"]]
    assert blocks[-1].replaced == {0}


@pytest.mark.parametrize("size", [json_rows.LARGE, -1])
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("whole", ['[{"a": "äöüäöü", "b": "ä"}]', "a,b\näöüäöü,ä\n"])
def test_a_text_in_another_charset_is_refused_rather_than_made_illegible(
    whole: str, label: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "LARGE", size)
    with pytest.raises(BadBodyError):
        table(download(whole.encode("cp1252"), label))


def test_headings_are_cleaned_too() -> None:
    (headings, *_) = read_table(download(b"a\0,b\n1,2\n"))

    assert headings.headings == ("a\ufffd", "b")


@pytest.mark.parametrize(
    "body",
    [
        b"no healthy upstream",
        b"Oops, something went wrong\n",
        b"Warning: mysqli_connect(): (HY000/2002): Connection refused on line 3\n",
        b"Something went wrong\nWe are working on it\n",
    ],
)
def test_a_sentence_is_no_table_of_a_stream_whose_columns_are_known(body: bytes) -> None:
    shape = TableShape({"a": TEXT, "b": TEXT}, ())

    check_table(download(body), "csv")
    with pytest.raises(BadBodyError, match="none of the columns that discovery found"):
        check_table(download(body), "csv", shape)


@pytest.mark.parametrize("rows", [[["Internal error"]], [["Error"], ["It failed"]]])
def test_nor_is_a_sentence_in_a_workbook(
    rows: list[list[str]], workbook: Callable[..., bytes]
) -> None:
    with pytest.raises(BadBodyError, match="none of the columns that discovery found"):
        check_table(download(workbook(*rows)), "xlsx", TableShape({"a": TEXT, "b": TEXT}, ()))


def test_an_error_in_rows_of_its_own_is_no_table_of_the_stream() -> None:
    shape = TableShape({"a": TEXT, "b": TEXT}, ())

    check_table(download(b"error,message\nE7,Pump failed\n"), "csv")  # it may be a list of errors
    with pytest.raises(BadBodyError, match="Internal error"):
        check_table(download(b"error,message\n500,Internal error\n"), "csv", shape)


@pytest.mark.parametrize("body", ['[{"jobId": "7"}]', '{"data": [{"note": "Try later"}, {}]}'])
def test_nor_are_rows_of_another_single_column(body: str) -> None:
    with pytest.raises(BadBodyError, match="none of the columns that discovery found"):
        check_table(download(body.encode()), "json", TableShape({"a": TEXT, "b": TEXT}, ()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("headings", ["one,two,thr", "one,tw", "one,", "one,two,three,t", "one;t"])
def test_headings_that_are_cut_are_no_empty_table(headings: str, encoding: str) -> None:
    shape = TableShape(dict.fromkeys(["one", "two", "three", "twenty"], TEXT), ())

    for line_end in ("\n", "\r\n"):
        check_table(download(f"{headings}{line_end}".encode(encoding)), "csv", shape)
    with pytest.raises(BadBodyError, match="ends within its headings"):
        check_table(download(headings.encode(encoding)), "csv", shape)


@pytest.mark.parametrize("headings", ["one,two,three", "one,two", "one,two,new"])
def test_headings_alone_need_no_line_end(headings: str) -> None:
    shape = TableShape(dict.fromkeys(["one", "two", "three"], TEXT), ())

    check_table(download(headings.encode()), "csv", shape)


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        (b"b\n", "ab"),  # without rows
        (b"b,new\n", "ab"),
        (b"new,newer\n1,2\n", "ab"),  # all renamed: its rows go to extra_columns
        (b"new\n1\n", "a"),
        (b"new\n", ""),  # discovery found none
        (b"", "ab"),
        (b'{"data": []}', "ab"),
        (b'{"fields": [{"title": "a"}, {"title": "b"}], "data": []}', "ab"),
        (b'{"fields": ["new"], "data": []}', "ab"),
        (b'[{"new": 1, "newer": 2}]', "ab"),
        (b'[{"new": 1}]', "a"),
    ],
)
def test_a_table_may_have_other_columns_than_discovery_found(body: bytes, columns: str) -> None:
    check_table(
        download(body), None if body else "csv", TableShape(dict.fromkeys(columns, TEXT), ())
    )
