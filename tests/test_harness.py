"""The comparison that tests of all taps rest on."""

from __future__ import annotations

import pytest

from sandbox import Sandbox
from tap_xoi.tap import TapXoi
from tests.harness import Harness, Record

TRUTH: list[Record] = [{"id": 1, "name": "Åsa"}, {"id": 2, "name": None}]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (TRUTH[:1], "1 missing"),
        ([*TRUTH, TRUTH[0]], "1 besides"),
        ([TRUTH[0], {"id": 2, "name": "Bo"}], "1 missing"),
        ([], "2 missing"),
    ],
)
def test_rows_that_are_not_those_of_the_truth(rows: list[Record], complaint: str) -> None:
    harness = Harness(TapXoi, Sandbox(vendors=["xoi"], scale=0.1))
    with pytest.raises(AssertionError, match=complaint):
        harness.assert_same(rows, TRUTH, "people")


def test_columns_may_be_elsewhere_and_in_any_order() -> None:
    harness = Harness(TapXoi, Sandbox(vendors=["xoi"], scale=0.1))
    rows = [{"id": 2.0, "row_id": "x"}, {"id": 1, "extra_columns": {"name": "Åsa"}}]
    harness.assert_same(rows, TRUTH, "people")
