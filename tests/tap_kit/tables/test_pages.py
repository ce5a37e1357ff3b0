"""Blocks become pages: their sizes, drift, and responses that are not whole."""

from __future__ import annotations

import io
import logging

import pytest

from tap_kit.errors import DataError
from tap_kit.stats import StreamStats
from tap_kit.tables import Column, ColumnType, RowDecoder, TableShape, read_csv
from tap_kit.tables.pages import sized, table_pages


def decoder() -> RowDecoder:
    return TableShape({"a": Column(ColumnType.STRING)}, ("report",)).decoder(
        ("r",), {"report": "r"}
    )


def test_pages_hold_the_stream_s_records_and_know_their_size() -> None:
    body = b"a\r\n" + b"x\r\n" * 20_000
    file = io.BytesIO(body)
    pages = list(
        table_pages(sized(read_csv(file), file), decoder(), StreamStats("rows"), label="a report")
    )
    assert sum(len(page.records["rows"]) for page in pages) == 20_000
    assert sum(page.size for page in pages) == len(body)
    assert len(pages) > 1


def test_columns_beyond_discovery_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    stats = StreamStats("rows")
    for _ in range(2):
        file = io.BytesIO(b"a,new\r\n1,2\r\n")
        (page,) = table_pages(sized(read_csv(file), file), decoder(), stats, label="a report")
        assert page.records["rows"][0]["extra_columns"] == {"new": "2"}
    assert stats.drifted == {"new"}
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert (
        "stream rows: the vendor sends a field that the catalog does not know: new"
        in (caplog.messages[0])
    )


def test_a_response_that_ends_too_early_ends_the_stream_and_not_the_run() -> None:
    file = io.BytesIO(b'a\r\n1\r\n"2')
    with pytest.raises(DataError, match=r"^a report: .*cut off"):
        list(
            table_pages(
                sized(read_csv(file), file), decoder(), StreamStats("rows"), label="a report"
            )
        )
