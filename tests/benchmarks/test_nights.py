from __future__ import annotations

import pytest

from benchmarks.nights import rows
from tests.behaviours.taps import TAPS


@pytest.mark.parametrize("vendor", ["giosg", "crewmojo"])
def test_a_night_with_nothing_new_writes_no_row_to_the_database(vendor: str) -> None:
    case = next(case for case in TAPS if case.vendor == vendor)
    nights = rows(case, None).nights
    first, nothing_new, one_day = nights[True]
    all_first, all_again, all_of_the_day = nights[False]
    assert first == all_first > 0
    assert nothing_new == 0 < all_again
    assert 0 < one_day <= all_of_the_day
