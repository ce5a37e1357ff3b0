from __future__ import annotations

import codecs
import csv
import io
import tempfile
from typing import IO
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.errors import BadBodyError, DataError
from tap_kit.tables import read_csv
from tap_kit.text.charset import LOST


def table(body: bytes, charset: str | None = None) -> tuple[tuple[str, ...], list[list[str]]]:
    blocks = list(read_csv(io.BytesIO(body), charset))
    assert len({block.headings for block in blocks}) <= 1
    rows = [list(row) for block in blocks for row in block.rows]
    return (blocks[0].headings if blocks else ()), rows


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"a,b\r\n1,2\r\n", [["1", "2"]]),
        (b"a,b\n1,2", [["1", "2"]]),
        (b"a,b\r1,2\r", [["1", "2"]]),
        (b'a,b\n"1,5","say ""hi"""\n', [["1,5", 'say "hi"']]),
        (b'a,b\n"two\r\n\r\nlines",2\n3,4\n', [["two\r\n\r\nlines", "2"], ["3", "4"]]),
        (b"a,b\n\n1,2\n\n\n3,4\n\n", [["1", "2"], ["3", "4"]]),
        (b"\r\n\na,b\n1,2\n", [["1", "2"]]),
        (b"a,b\n1\n,\n", [["1"], ["", ""]]),
        (b"a;b\n1,5;2\n", [["1,5", "2"]]),
        (b"a\tb\n1\t2;3\n", [["1", "2;3"]]),
        (b'"a",b\n1,2\n', [["1", "2"]]),
        (b"a,b\n", []),
    ],
)
def test_dialects(body: bytes, rows: list[list[str]]) -> None:
    assert table(body) == (("a", "b"), rows)


def test_a_heading_over_several_lines() -> None:
    assert table(b'"a\nb",c\n1,2\n') == (("a\nb", "c"), [["1", "2"]])


@pytest.mark.parametrize(
    ("body", "headings", "row"),
    [
        ("Aika;Kaupunki;Summa, EUR\n2026-01-05;Turku;3,50\n", 3, "3,50"),
        ("Aika;Summa, EUR\n2026-01-05;3,50\n", 2, "3,50"),
        ("Aika;Summa, EUR;Vero, EUR\n2026-01-05;3,50;4\n", 3, "4"),
        ('"Aika";"Summa, EUR"\n"2026-01-05";"3,50"\n', 2, "3,50"),
        ('"Aika, UTC";"Summa"\n"2026-01-05";"3,50"\n', 2, "3,50"),
        ("Aika\tSumma, EUR\n2026-01-05\t3,50\n", 2, "3,50"),
        ("Aika|Summa, EUR|Nimi; tunnus\n1|3,50|x; y\n", 3, "x; y"),
        ("a;b,c;d\n", 3, None),
        ("a, b, c\n1, 2, 3\n", 3, " 3"),
        ("name,tags\nx,1;2;3\n", 2, "1;2;3"),
        ('name,"a;b;c"\nx,y\n', 2, "y"),
        ("only\n1;5\n", 1, "1;5"),
    ],
)
def test_the_delimiter_divides_headings_and_rows_alike(
    body: str, headings: int, row: str | None
) -> None:
    found, rows = table(body.encode())

    assert len(found) == headings
    assert [cells[-1] for cells in rows] == ([row] if row is not None else [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", ":"])
@pytest.mark.parametrize("line", ["sep={}\r\n", "SEP={}\n", '"sep={}"\r\n', "\ufeffsep={}\r\n"])
def test_a_first_line_may_declare_the_delimiter(delimiter: str, line: str) -> None:
    body = f"{line.format(delimiter)}a{delimiter}b\r\n1{delimiter}2\r\n"

    assert table(body.encode()) == (("a", "b"), [["1", "2"]])


@pytest.mark.parametrize("marks", ["\ufeff", "\ufeff\ufeff", "\ufeff\ufeff\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_any_number_of_byte_order_marks(marks: str, encoding: str) -> None:
    assert table(f"{marks}a,b\n1,2\n".encode(encoding)) == (("a", "b"), [["1", "2"]])


@pytest.mark.parametrize("lines", [1, 2, 1000])
@pytest.mark.parametrize(
    "end",
    [
        "\x1a",
        "\r\n\x1a",
        "\r\n   \r\n",
        "\r\n \r\n\r\n \x1a\r\n",
        "\r\n   ",
        "\r\n \t\r\n",
        "\r\n\0\0\0",
    ],
)
def test_blanks_and_the_mark_of_an_end_are_no_row(end: str, lines: int) -> None:
    with patch("tap_kit.tables.csv_rows.BLOCK_ROWS", lines):
        assert table(f"a,b\r\n1,2\r\n3,4{end}".encode())[1] == [["1", "2"], ["3", "4"]]


def test_a_tab_that_divides_cells_is_no_blank() -> None:
    assert table(b"a\tb\n1\t2\n\t\n") == (("a", "b"), [["1", "2"], ["", ""]])


def test_blanks_between_rows_are_a_row() -> None:
    with patch("tap_kit.tables.csv_rows.BLOCK_ROWS", 1):
        assert table(b"a,b\n  \n1,2\n")[1] == [["  "], ["1", "2"]]


def test_blank_lines_of_a_cell_stay_in_it() -> None:
    with patch("tap_kit.tables.csv_rows.BLOCK_ROWS", 1):
        assert table(b'a,b\n"x\n  \n  \ny",2\n')[1] == [["x\n  \n  \ny", "2"]]


def test_a_semicolon_is_text_where_headings_have_commas() -> None:
    assert table(b"a,b;c\n1,2;3\n") == (("a", "b;c"), [["1", "2;3"]])


@pytest.mark.parametrize("body", [b"", b"\n\r\n  \n", codecs.BOM_UTF8])
def test_an_empty_body_has_no_headings(body: bytes) -> None:
    assert list(read_csv(io.BytesIO(body))) == []


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("ä,b\né,2\n".encode(), None),
        ("ä,b\né,2\n".encode(), "UTF-8"),
        ("ä,b\né,2\n".encode("utf-8-sig"), None),
        ("ä,b\né,2\n".encode("utf-8-sig"), "iso-8859-1"),
        ("ä,b\né,2\n".encode("iso-8859-1"), "iso-8859-1"),
        ("ä,b\né,2\n".encode("cp1252"), "windows-1252"),
        ("ä,b\né,2\n".encode("utf-16"), None),
        ("ä,b\né,2\n".encode("utf-16"), "utf-8"),
        ("ä,b\né,2\n".encode("utf-32"), None),
        (codecs.BOM_UTF16_BE + "ä,b\né,2\n".encode("utf-16-be"), "utf-16-be"),
        ("ä,b\né,2\n".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_charsets(body: bytes, charset: str | None) -> None:
    assert table(body, charset) == (("ä", "b"), [["é", "2"]])


@pytest.mark.parametrize("charset", ["klingon", "base64", "rot13"])
def test_an_unknown_charset_is_named(charset: str) -> None:
    with pytest.raises(DataError, match=f"charset .* unknown: '{charset}'"):
        table(b"a\n\xe4\n", charset)


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "ascii", "utf-16", "klingon"])
def test_a_body_in_utf_8_is_read_as_such_whatever_its_label(charset: str) -> None:
    assert table("ä,b\né,2\n".encode(), charset) == (("ä", "b"), [["é", "2"]])


def test_a_label_counts_where_its_charset_looks_like_ascii() -> None:
    assert table("a\n日\n".encode("iso-2022-jp"), "ISO-2022-JP") == (("a",), [["日"]])


def test_a_wrong_byte_is_an_error_that_names_the_charset() -> None:
    with pytest.raises(DataError, match=r"not in its charset 'shift_jis': .* \(ff\)"):
        table(b"a,b\n1,\xff2\n", "shift_jis")


@pytest.mark.parametrize("charset", [None, "utf-8", "UTF8"])
def test_a_byte_that_is_no_utf_8_costs_one_character(charset: str | None) -> None:
    body = b'a,b\n1,\xffx\n2,"\xe2\x82 cut within a euro"\n'
    assert table(body, charset) == (
        ("a", "b"),
        [["1", f"{LOST}x"], ["2", f"{LOST} cut within a euro"]],
    )


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (b'a,b\n1,2\n3,"cut o', None),
        (b'a,b\n1,2\n3,"', None),
        (b"a,b\n1,2\n3", None),
        (b"a,b,c\n1,2,3\n3,4", None),
        (b'a,b\n1,2\n"3"', None),
        (b"a,b\r\n1,2\r\n3,4\r", None),
        (b"a,b\r\n1", None),
        ("a,b\n1,é".encode()[:-1], None),
        ("a,b\n1,2".encode("utf-16")[:-1], None),
        ("a,b\n1,語".encode("shift_jis")[:-1], "shift_jis"),
    ],
)
def test_a_body_that_was_cut_off_is_fetched_again(body: bytes, charset: str | None) -> None:
    with pytest.raises(BadBodyError, match="cut off"):
        table(body, charset)


@pytest.mark.parametrize(
    "body", [b"a,b\n1,2\n3,4", b"a,b\n1,2\n3\n", b"a,b", b"a", b"a\n1", b"a,b\r1,2\r3,4\r"]
)
def test_what_may_be_whole_is_taken(body: bytes) -> None:
    table(body)


@pytest.mark.parametrize("body", [b"Internal Server Error", b"504 Gateway Time-out\n"])
def test_a_line_that_tells_of_a_failure_is_no_heading(body: bytes) -> None:
    with pytest.raises(BadBodyError, match="tells of a failure"):
        table(body)


def test_quotes_in_the_wrong_place_are_an_error_with_the_row() -> None:
    with pytest.raises(DataError, match="Row 2 of the response is not CSV"):
        table(b'a,b\n1,2\n"3"4,5\n')


def test_cells_may_be_larger_than_the_csv_modules_limit() -> None:
    large = "x" * 200_000

    assert table(f'a,b\n"{large}",{large}\n'.encode()) == (("a", "b"), [[large, large]])


def test_rows_come_in_blocks_that_know_their_number() -> None:
    body = "n\n" + "".join(f"{number}\n" for number in range(1, 2502))

    blocks = list(read_csv(io.BytesIO(body.encode())))

    assert sum(len(block.rows) for block in blocks) == 2501
    assert len(blocks) > 2
    assert all(block.rows[0] == [str(block.first)] for block in blocks if block.rows)


@pytest.mark.parametrize("limit", [10, 10_000])
def test_a_spooled_file_is_read_and_stays_open(limit: int) -> None:
    with tempfile.SpooledTemporaryFile(max_size=limit) as file:
        file.write(b"a,b\n1,2\n")
        file.seek(0)

        assert [row for block in read_csv(file) for row in block.rows] == [["1", "2"]]
        assert not file.closed


class OnlyReads:
    """What a spooled file is before Python 3.11."""

    def __init__(self, body: bytes) -> None:
        file = io.BytesIO(body)
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def test_a_file_needs_no_more_than_read_and_seek() -> None:
    file: IO[bytes] = OnlyReads(b"a,b\n1,2\n")  # type: ignore[assignment]  # on purpose

    assert [row for block in read_csv(file) for row in block.rows] == [["1", "2"]]


# The csv module of Python 3.10 refuses NUL.
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")


@given(
    st.lists(
        st.lists(st.text(CHARACTERS, max_size=6), min_size=2, max_size=4),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]], quoted: bool) -> None:  # noqa: FBT001  # hypothesis draws it
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(["a", "b"])
    writer.writerows(rows)

    assert table(file.getvalue().encode()) == (("a", "b"), rows)


@given(st.text(st.sampled_from('ab,;"\n\r \x1f'), max_size=30), st.sampled_from([1, 2, 1000]))
def test_cells_are_split_as_the_csv_module_does(text: str, lines: int) -> None:
    text = f"a,b\n{text}".rstrip(" \r\n") + "\n"  # how a body ends has tests of its own
    with patch("tap_kit.tables.csv_rows.BLOCK_ROWS", lines):
        try:
            expected = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error:
            with pytest.raises((DataError, BadBodyError)):
                table(text.encode())
        else:
            assert table(text.encode())[1] == [row for row in expected[1:] if row]


@given(st.lists(st.sampled_from(["x", "1,2", "two\nlines", 'a "word"', "three\n\nlines"])))
def test_cells_of_several_lines_may_reach_into_the_next_block(cells: list[str]) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([["a", "b"], *([cell, "-"] for cell in cells)])
    for lines in (1, 2, 3):
        with patch("tap_kit.tables.csv_rows.BLOCK_ROWS", lines):
            blocks = list(read_csv(io.BytesIO(file.getvalue().encode())))
        assert [row for block in blocks for row in block.rows] == [[cell, "-"] for cell in cells]
        firsts = [block.first for block in blocks if block.rows]
        counts = [len(block.rows) for block in blocks if block.rows]
        assert firsts == [1 + sum(counts[:n]) for n in range(len(counts))]
