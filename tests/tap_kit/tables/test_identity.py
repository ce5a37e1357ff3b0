from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_kit.tables import (
    Block,
    Column,
    ColumnType,
    TableShape,
    read_csv,
    read_json,
    read_xlsx,
)
from tap_kit.tables.identity import EqualRows

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

NAMES = ("a", "b", "c")
SHAPE = TableShape(dict.fromkeys(NAMES, Column(ColumnType.STRING)), ())
SCOPE = ("workflow", 1, "default")

Row = dict[str, Any]


def ids(blocks: Iterable[Block], scope: tuple[object, ...] = SCOPE) -> list[str]:
    decoder = SHAPE.decoder(scope, {})
    return [record["row_id"] for records in decoder.decode(blocks) for record in records]


def texts(*rows: tuple[str, ...], names: tuple[str, ...] = NAMES) -> list[Block]:
    return [Block(names, rows)]


def test_ids_never_change() -> None:
    """They are in warehouses: a change of this test is a change of everybody's keys."""
    rows = [
        ("1", "x", ""),
        ("1", "x", ""),
        ("", "", ""),
        ("14.50", "é\nß", "2023-02-01 09:15:27.5"),
        ("True", "https://x.example/f?sig=1", '{"b": 1.0, "a": null}'),
    ]

    assert ids(texts(*rows)) == [
        "300b4c765a002f1c0a4954aadbe02c80",
        "de3937bf62ee14acca1603b79d382d05",
        "394c18d29464ac627f6dba679a99e9b5",
        "52bba95f0bb5b979854973074cd27e94",
        "094a8dc3eb474813c6bae58501c24402",
    ]


def test_an_id_is_32_hexadecimal_digits() -> None:
    (row_id,) = ids(texts(("1", "", "")))

    assert len(row_id) == 32
    assert int(row_id, 16)


@pytest.mark.parametrize(
    "other",
    [("w", 1, "default"), ("workflow", 2, "default"), ("workflow", "1", "default"), ("workflow",)],
)
def test_rows_of_another_scope_are_others(other: tuple[object, ...]) -> None:
    row = ("1", "", "")

    assert ids(texts(row)) != ids(texts(row), other)


def test_text_does_not_slip_into_the_next_column() -> None:
    rows = [
        ("1", "2", ""),
        ("1", "", "2"),
        ("12", "", ""),
        ("1\x1f2", "", ""),
        ("1\x1e12", "", ""),
        ("1", "\x1f2", "x"),
        ("1\x1f", "2", "x"),
    ]
    alone = [ids(texts(row))[0] for row in rows]

    assert len(set(alone)) == len(rows)
    assert ids(texts(*rows)) == alone


def test_values_that_only_look_alike_are_others() -> None:
    rows = [("007", "", ""), ("7", "", ""), ("x?sig=1", "", ""), ("x?sig=2", "", "")]

    assert len({ids(texts(row))[0] for row in rows}) == len(rows)


def test_a_signed_link_is_the_same_with_another_signature() -> None:
    first = ("https://x.example/f?X-Amz-Date=1&X-Amz-Signature=a", "1", "")
    second = ("https://x.example/f?X-Amz-Date=2&X-Amz-Signature=b", "1", "")

    assert ids(texts(first)) == ids(texts(second))


def test_only_the_chosen_columns_count() -> None:
    shape = TableShape(SHAPE.columns, (), row_id_columns=["b"])
    block = Block(NAMES, [("1", "x", "2"), ("3", "x", "4"), ("1", "y", "2")])

    first, second, third = (record["row_id"] for record in shape.decoder((), {}).records(block))
    (again,) = (
        record["row_id"] for record in shape.decoder((), {}).records(Block(("b",), [("x",)]))
    )
    assert again == first
    assert len({first, second, third}) == 3


MOMENTS = st.integers(0, 10**11).map(
    lambda ms: dt.datetime(2022, 1, 1) + dt.timedelta(milliseconds=ms)  # noqa: DTZ001  # Excel knows no zone
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(-1000, 1000, places=2)
    | MOMENTS
    | st.sampled_from(
        ["x", "é", "007", "a,b\nc", '"', "https://x.example/f?sig=1", "see: http://x"]
    )
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)), max_size=6)
# Equal rows are the interesting case.
TABLES = st.tuples(ROWS, st.integers(1, 3)).map(lambda drawn: drawn[0] * drawn[1])


def as_csv(rows: list[Row], draw: random.Random) -> bytes:
    names = draw.sample([*NAMES, "unknown"], k=4)

    def cell(value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return draw.choice([str(value), str(value).lower()])
        if isinstance(value, int | Decimal):
            return draw.choice([str(value), f"{value:.4f}", f"{Decimal(value):E}"])
        if isinstance(value, dt.datetime):
            return draw.choice([f"{value.isoformat()}Z", f"{value} +0000".replace(" +", "+")])
        return str(value)

    lines = [
        ",".join('"' + cell(row.get(name, 1)).replace('"', '""') + '"' for name in names)
        for row in rows
    ]
    return "\r\n".join([",".join(names), *lines]).encode()


def as_json(rows: list[Row], draw: random.Random) -> bytes:
    def member(value: object) -> object:
        if isinstance(value, Decimal):
            return draw.choice([float(value), str(value)])
        if isinstance(value, dt.datetime):
            return f"{value.isoformat(timespec='milliseconds')}Z"
        return draw.choice([None, ""]) if value is None else value

    objects = [
        {
            name: member(row[name])
            for name in draw.sample(NAMES, k=3)
            if row[name] is not None or draw.random() < 0.5
        }
        for row in rows
    ]
    if draw.random() < 0.5:
        arrays = [[member(row[name]) for name in NAMES] for row in rows]
        return json.dumps({"fields": NAMES, "data": arrays}).encode()
    return json.dumps(objects).encode()


@given(TABLES, st.randoms(use_true_random=False))
def test_order_format_and_writing_do_not_matter(rows: list[Row], draw: random.Random) -> None:
    expected = ids(read_csv(io.BytesIO(as_csv(rows, draw))))
    assert len(set(expected)) == len(rows)

    draw.shuffle(rows)

    assert sorted(ids(read_csv(io.BytesIO(as_csv(rows, draw))))) == sorted(expected)
    assert sorted(ids(read_json(io.BytesIO(as_json(rows, draw))))) == sorted(expected)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(rows=TABLES, draw=st.randoms(use_true_random=False))
def test_a_workbook_gives_the_same_ids(
    workbook: Callable[..., bytes], rows: list[Row], draw: random.Random
) -> None:
    # A row without any value is a blank line of a sheet.
    rows = [row for row in rows if any(value is not None for value in row.values())]
    cells = [[row[name] for name in NAMES] for row in rows]

    assert ids(read_xlsx(io.BytesIO(workbook([*NAMES], *cells)))) == ids(
        read_csv(io.BytesIO(as_csv(rows, draw)))
    )


@given(TABLES, st.integers(1, 5))
def test_blocks_do_not_matter(rows: list[Row], size: int) -> None:
    cells = [tuple("" if row[name] is None else str(row[name]) for name in NAMES) for row in rows]
    blocks = [Block(NAMES, cells[at : at + size], at + 1) for at in range(0, len(cells), size)]

    assert ids(blocks) == ids([Block(NAMES, cells)])


@given(ROWS)
def test_a_row_has_its_id_whatever_stands_beside_it(rows: list[Row]) -> None:
    cells = [tuple("" if row[name] is None else str(row[name]) for name in NAMES) for row in rows]
    different = list(dict.fromkeys(cells))
    alone = [ids(texts(row))[0] for row in different]

    assert [row_id for row_id in ids(texts(*cells)) if row_id in alone] == list(
        dict.fromkeys(alone)
    )


@given(st.lists(st.integers(0, 20)))
def test_equal_rows_are_numbered(rows: list[int]) -> None:
    digests = [blake2b(bytes([row]), digest_size=16).digest() for row in rows]
    seen: Counter[int] = Counter()
    expected = []
    for position, row in enumerate(rows):
        seen[row] += 1
        if seen[row] > 1:
            expected.append((position, seen[row]))

    assert list(EqualRows().repeated(digests)) == expected


def test_the_table_of_rows_grows() -> None:
    digests = [blake2b(b"%d" % row, digest_size=16).digest() for row in range(20_000)]
    equals = EqualRows()

    for at in range(0, 20_000, 1000):
        assert list(equals.repeated(digests[at : at + 1000])) == []
    assert list(equals.repeated(digests)) == [(position, 2) for position in range(20_000)]
