from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tap_kit.tables import Column, ColumnSurvey, ColumnType, read_csv, read_json, warn_of_twins

if TYPE_CHECKING:
    import pytest

TEXT = Column(ColumnType.STRING)


def test_text_columns_are_strings() -> None:
    survey = ColumnSurvey({"report"})

    assert survey.add(read_csv(io.BytesIO(b"id,report,,id\n1,2,3,4\n"))) == 1
    assert survey.columns == {
        "id": TEXT,
        "column_report": TEXT,
        "column_3": TEXT,
        "id_2": TEXT,
    }


def test_headings_are_enough() -> None:
    survey = ColumnSurvey(())

    assert survey.add(read_csv(io.BytesIO(b"a,b\n"))) == 0
    assert survey.columns == {"a": TEXT, "b": TEXT}


def test_json_columns_have_the_type_of_their_values() -> None:
    survey = ColumnSurvey(())

    survey.add(
        read_json(
            io.BytesIO(
                b'[{"i": 1, "n": 1.5, "s": "x", "b": true, "o": {}, "a": [], "null": null,'
                b' "in": 1, "sn": "x"}, {"i": null, "in": 1.5, "sn": 3}]'
            )
        )
    )

    assert survey.columns == {
        "i": Column(ColumnType.NUMBER, strict=True),
        "n": Column(ColumnType.NUMBER, strict=True),
        "s": Column(ColumnType.STRING, strict=True),
        "b": Column(ColumnType.BOOLEAN, strict=True),
        "o": Column(ColumnType.OBJECT, strict=True),
        "a": Column(ColumnType.ARRAY, strict=True),
        "null": TEXT,
        "in": Column(ColumnType.NUMBER, strict=True),
        "sn": TEXT,
    }


def test_samples_are_united() -> None:
    survey = ColumnSurvey(())

    survey.add(read_json(io.BytesIO(b'[{"a": null, "b": 1}]')))
    survey.add(read_json(io.BytesIO(b'[{"c": true, "a": 1}]')))

    assert survey.columns == {
        "a": Column(ColumnType.NUMBER, strict=True),
        "b": Column(ColumnType.NUMBER, strict=True),
        "c": Column(ColumnType.BOOLEAN, strict=True),
    }


def test_nothing_gives_no_columns() -> None:
    survey = ColumnSurvey(())

    assert survey.add(read_csv(io.BytesIO(b""))) == 0
    assert survey.columns == {}


def test_an_empty_text_tells_no_type() -> None:
    survey = ColumnSurvey(())
    survey.add(read_json(io.BytesIO(b'[{"n": "", "t": "", "e": ""}, {"n": 1, "t": "x", "e": ""}]')))

    assert survey.columns == {
        "n": Column(ColumnType.NUMBER, strict=True),
        "t": Column(ColumnType.STRING, strict=True),
        "e": Column(ColumnType.STRING),
    }


def test_names_that_differ_in_case_only_are_told(caplog: pytest.LogCaptureFixture) -> None:
    warn_of_twins("rows", ["row_id", "Email", "name", "email", "EMAIL"])

    assert len(caplog.messages) == 2
    assert "the columns Email and email of rows differ in case only" in caplog.messages[0]
    assert "stream_maps" in caplog.messages[0]
