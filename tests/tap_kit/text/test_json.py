"""Numbers of a body keep their value, whatever holds them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_kit.http.response import Response
from tap_kit.text.json import ENCODER


def passed_on(number: str) -> Any:  # noqa: ANN401  # any number
    """A number of a body as it leaves in a record."""
    written = ENCODER.encode(Response(200, {}, number.encode()).json())
    return json.loads(written, parse_float=Decimal)


@given(
    st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
)
def test_numbers_keep_their_value(number: str) -> None:
    assert Decimal(passed_on(number)) == Decimal(number)


@pytest.mark.parametrize(
    "number",
    [
        "1.10",
        "12345678901234567890123",
        "1e400",
        "-0.0",
        "0.30000000000000004",
        "51.507350900000001",
        "9007199254740993.0",
        "5e-324",
        "123456789.123456",
        "123456789.1234567",
    ],
)
def test_awkward_numbers_keep_their_value(number: str) -> None:
    assert Decimal(passed_on(number)) == Decimal(number)
