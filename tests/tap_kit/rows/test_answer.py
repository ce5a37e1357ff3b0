from __future__ import annotations

import io

import pytest

from tap_kit.errors import BadBodyError
from tap_kit.rows import read_answer


@pytest.mark.parametrize(
    ("content_type", "charset", "body"),
    [
        ("text/csv", None, "a\né\n".encode()),
        ("text/csv; charset=latin-1", "latin-1", "a\né\n".encode("latin-1")),
        ("Application/JSON; charset=utf-8", "utf-8", '[{"a": "é"}]'.encode()),
        ("application/vnd.api+json", None, '[{"a": "é"}]'.encode()),
    ],
)
def test_content_type_decides(content_type: str, charset: str | None, body: bytes) -> None:
    blocks = list(read_answer(io.BytesIO(body), content_type, charset))

    assert [(block.headings, list(block.rows)) for block in blocks if block.rows] == [
        (("a",), [["é"]])
    ]


@pytest.mark.parametrize("content_type", ["text/html", "image/png", "", None])
def test_other_types_are_fetched_again(content_type: str | None) -> None:
    with pytest.raises(BadBodyError, match="neither CSV, XLSX nor JSON"):
        read_answer(io.BytesIO(b"<html></html>"), content_type)


def test_a_workbook_is_told_by_its_type() -> None:
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    with pytest.raises(BadBodyError, match="no workbook"):
        list(read_answer(io.BytesIO(b"a,b\n"), xlsx))
