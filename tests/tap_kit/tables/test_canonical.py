from __future__ import annotations

import decimal
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_kit.tables.canonical import canonical, text_of
from tap_kit.tables.identity import ComparableColumn


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("3.0", "3"),
        ("3.00", "3"),
        ("1e+3", "1000"),
        ("1.5E-02", "0.015"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("29.50", "29.5"),
        ("123456789012345678901234567890.10", "123456789012345678901234567890.1"),
        ("True", "true"),
        ("FALSE", "false"),
        ("2023-02-01T00:00:00Z", "2023-02-01"),
        ("2023-02-01 00:00", "2023-02-01"),
        ("2023-02-01T02:00:00+02:00", "2023-02-01"),
        ("2023-02-01 09:15:27", "2023-02-01T09:15:27Z"),
        ("2023-02-01T09:15:27.000Z", "2023-02-01T09:15:27Z"),
        ("2023-02-01T09:15:27.12Z", "2023-02-01T09:15:27.120Z"),
        ("2023-02-01T09:15:27.120000+00:00", "2023-02-01T09:15:27.120Z"),
        ("2023-01-31T23:15:27-1000", "2023-02-01T09:15:27Z"),
        ('{"b": 1.0, "a": [1, null]}', '{"a":[1,null],"b":1}'),
        ("https://x.example/f.pdf?sig=abc&a=1", "https://x.example/f.pdf"),
        ("https://x.example/f.pdf?a=1&X-Amz-Signature=0f", "https://x.example/f.pdf"),
    ],
)
def test_writings_of_one_value_are_one_text(text: str, same_as: str) -> None:
    assert canonical(text) == same_as
    assert canonical(same_as) == same_as


@pytest.mark.parametrize(
    "text",
    [
        "",
        "007",
        "00",
        "+3",
        ".5",
        "5.",
        "1_000",
        "1,5",
        "٣.٣",  # Arabic digits are text
        "NaN",
        "Infinity",
        "12e5",
        "3e0",
        "1e999999",
        "1e+99999",
        "1e99999999999999999999",
        "12345678901234567890123456789012345678901234567890",
        "truely",
        "yes",
        "0x10",
        "2023-02-01",
        "2023-02-31T99:99:99+01:00",
        "20230201",
        "[not json",
        "https://shop.example/p?ref=mail&page=2",
        "see https://x.example/?sig=a",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert canonical(text) == text


def test_numbers_beyond_doubles_stay_short_and_exact() -> None:
    assert text_of(decimal.Decimal("1e500")) == text_of(decimal.Decimal("10.0e499")) == "1E500"
    assert text_of(decimal.Decimal("-12e-450")) == "-12E-450"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_number_is_the_same_in_any_writing(number: decimal.Decimal) -> None:
    texts = {str(number), f"{number:f}", f"{number:E}", f"{number:.7f}"}

    assert len({canonical(text) for text in texts}) == 1
    assert decimal.Decimal(canonical(str(number))) == number
    assert text_of(number) == canonical(str(number))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_comes_back_exactly(number: float) -> None:
    assert float(text_of(number)) == number
    assert "e" not in text_of(number).lower()
    assert text_of(number) == text_of(decimal.Decimal(repr(number)))


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001  # the zone is given below
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_is_the_same_in_any_zone_and_writing(moment: datetime, minutes: int) -> None:
    utc = moment.replace(tzinfo=timezone.utc)
    there = utc.astimezone(timezone(timedelta(minutes=minutes)))

    texts = {
        moment.isoformat(),
        moment.isoformat(" "),
        utc.isoformat(),
        there.isoformat(timespec="microseconds"),
        moment.isoformat(timespec="microseconds") + "Z",
    }

    assert len({canonical(text) for text in texts}) == 1


CELLS = (
    st.text(max_size=8)
    | st.from_regex(r"\A-?[0-9]{1,3}(\.[0-9]{0,3})?([eE]-?[0-9])?\Z")
    | st.from_regex(r"\A20[0-9]{2}-0[1-9]-1[0-9][T ][0-2][0-9]:[0-5][0-9](:00(\.[0-9]{1,6})?)?Z?\Z")
    | st.sampled_from(
        [
            *["", "true", "True", "-0", "0.0", "[1.0]", '{"a":1.0}', "{", "a\x1f3.0", "\x1e"],
            "http://a/?sig=b",
            "http://a/?\x1fsig=b",
            "2023-02-01T00:00:00Z",
            "2023-02-01T09:15:27.120Z",
            "2023-02-01T09:15:27.000Z",
        ]
    )
)


@given(st.lists(CELLS))
@example(["3.0", "3", "3.0"])
def test_a_column_is_searched_at_once_with_the_result_of_each_cell(cells: list[str]) -> None:
    escaped = [canonical(cell).replace("\x1e", "\x1e0").replace("\x1f", "\x1e1") for cell in cells]

    column = ComparableColumn()
    assert list(column.texts(cells)) == escaped
    assert list(column.texts([*cells, "3.0"])) == [*escaped, "3"], "what was seen is remembered"


def test_a_column_that_needs_nothing_is_not_copied() -> None:
    cells = ("a", "007", "12", "14.15", "2023-02-01T09:15:27.120Z", "true", "")

    column = ComparableColumn()
    assert column.texts(cells) is cells
    assert column.texts(cells) is cells


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.lists(JSON, max_size=3) | st.dictionaries(st.text(max_size=3), JSON))
def test_json_is_the_same_with_any_layout(value: object) -> None:
    assert canonical(json.dumps(value, indent=1, ensure_ascii=False)) == text_of(value)


def test_values_as_text() -> None:
    assert [text_of(value) for value in (None, "", True, False, 3, decimal.Decimal("3.50"))] == [
        "",
        "",
        "true",
        "false",
        "3",
        "3.5",
    ]
    assert text_of({"b": decimal.Decimal("1.0"), "a": ["http://x/?sig=1"]}) == (
        '{"a":["http://x/"],"b":1}'
    )
