from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.tables import name_columns

ENVELOPE = frozenset({"report", "start_date"})
HEADINGS = st.lists(
    st.sampled_from(["a", "a_2", "a_3", "", " ", "column_1", "column_3", "row_id", "report"])
    | st.text(max_size=3),
    max_size=12,
)


@pytest.mark.parametrize(
    ("headings", "names"),
    [
        ([], []),
        (["id", "Name of it"], ["id", "Name of it"]),
        (["id", "", "  "], ["id", "column_2", "column_3"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["", "column_1"], ["column_1_2", "column_1"]),
        (["row_id", "report", "extra_columns"], [
            "column_row_id", "column_report", "column_extra_columns",
        ]),
        (["report", "report"], ["column_report", "column_report_2"]),
        (["column_report", "report"], ["column_report", "column_report_2"]),
        (["A", "a"], ["A", "a"]),
    ],
)  # fmt: skip
def test_every_heading_gets_a_name(headings: list[str], names: list[str]) -> None:
    assert name_columns(headings, ENVELOPE) == tuple(names)


def test_columns_that_stand_alone_keep_the_names_of_the_envelope() -> None:
    assert name_columns(["row_id", "extra_columns", "row_id"], None) == (
        "row_id",
        "extra_columns",
        "row_id_2",
    )


@given(HEADINGS)
def test_names_are_unique_and_none_is_the_envelopes(headings: list[str]) -> None:
    names = name_columns(headings, ENVELOPE)

    assert len(names) == len(set(names)) == len(headings)
    assert not {*ENVELOPE, "row_id", "extra_columns"} & set(names)


@given(HEADINGS)
def test_a_heading_that_can_keep_its_name_does(headings: list[str]) -> None:
    names = name_columns(headings, ENVELOPE)

    for heading in headings:
        if heading.strip() and heading not in {*ENVELOPE, "row_id", "extra_columns"}:
            assert names[headings.index(heading)] == heading
