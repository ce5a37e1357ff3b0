"""Whatever a tap sends, the same values come out: any names, types, keys and sizes of flushes."""

from __future__ import annotations

import json
import os
import threading
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from target_db.loader import Loader
from target_db.settings import DUCK, POSTGRES, read
from target_db.values import moment
from tests.target_db.conftest import duck, pg
from tests.target_db.loading import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from target_db.database import Database

_NUMBERS = count()
_encode = msgspec.json.Encoder(decimal_format="number").encode

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=80)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
LONG = st.integers(-(2**70), 2**70)
VALUES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "integer": ("integer", st.integers(-(2**63), 2**63 - 1)),
    "long": ("integer", LONG),
    "number": (
        "number",
        st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.decimals(-9, 9, places=20),
    ),
    "boolean": ("boolean", st.booleans()),
    "string": ("string", TEXTS),
    "date": ({"type": ["string", "null"], "format": "date"}, st.dates().map(str)),
    "date-time": (
        {"type": ["string", "null"], "format": "date-time"},
        st.datetimes().map(lambda at: at.isoformat() + "Z"),
    ),
    "object": ("object", st.dictionaries(TEXTS, JSONS, max_size=3)),
    "several": ({"type": ["string", "integer", "null"]}, TEXTS | st.integers(0, 9)),
    "mixed": ("integer", st.integers(0, 9) | TEXTS | st.booleans()),
}
KEYS = ("integer", "string", "date", "date-time", "long")


@st.composite
def streams(draw: st.DrawFn) -> tuple[dict[str, str], list[str], list[dict[str, Any]]]:
    """Fields with their kinds, the keys, and records."""
    kinds = draw(st.dictionaries(NAMES, st.sampled_from(list(VALUES)), min_size=1, max_size=6))
    able = [name for name, kind in kinds.items() if kind in KEYS]
    keys = draw(st.lists(st.sampled_from(able), unique=True, max_size=2)) if able else []
    row = st.fixed_dictionaries(
        {name: VALUES[kinds[name]][1] for name in keys},
        optional={
            name: st.none() | VALUES[kind][1] for name, kind in kinds.items() if name not in keys
        },
    )
    rows = draw(st.lists(row, min_size=1, max_size=12))
    return kinds, keys, rows + rows[: draw(st.integers(0, 3))]


@pytest.fixture(scope="module", params=["duck", "pg"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("roundtrip")
    if request.param == "duck":
        from target_db.duck import Duck  # noqa: PLC0415  # one client is enough for its tests

        opened: Database = Duck(_settings("target-duck", DUCK, duck(folder).config, folder))
    else:
        from target_db.postgres import Postgres  # noqa: PLC0415  # likewise

        config = pg(request.getfixturevalue("postgres_server"), folder).config
        opened = Postgres(_settings("target-pg", POSTGRES, config, folder))
    yield opened
    opened.close()


def _settings(
    command: str, declared: dict[str, Any], config: dict[str, Any], folder: Path
) -> dict[str, Any]:
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return read(command, declared, [str(path)], "main")[0]


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(stream=streams(), flush=st.integers(1, 13), twice=st.booleans())
def test_the_same_values_come_out(
    database: Database,
    stream: tuple[dict[str, str], list[str], list[dict[str, Any]]],
    flush: int,
    twice: bool,  # noqa: FBT001  # drawn
) -> None:
    kinds, keys, rows = stream
    database.schema = f"s{next(_NUMBERS)}"
    database._tables = {}
    declared = {name: VALUES[kind][0] for name, kind in kinds.items()}
    messages: list[Any] = [schema("x", declared, keys)]
    messages += [{"type": "RECORD", "stream": "x", "record": row} for row in rows]
    columns: dict[str, str] = {}
    for _ in range(1 + twice):
        columns = _load(database, messages, flush)
    with database.transaction():
        selected = ", ".join(
            f"cast({database.quoted(column)} as varchar)" for column in columns.values()
        )
        found = database.run(f"select {selected} from {database.place('x')}")  # noqa: S608  # quoted
    expected: Any = rows * (1 + twice)
    if keys:
        expected = {tuple(_plain(row[n], kinds[n]) for n in keys): row for row in rows}.values()
    wanted = [[_plain(row.get(name), kinds[name]) for name in columns] for row in expected]
    got = [
        [_read(text, kinds[name]) for name, text in zip(columns, row, strict=True)] for row in found
    ]
    assert sorted(map(repr, got)) == sorted(map(repr, wanted))


def _load(database: Database, messages: list[Any], flush: int) -> dict[str, str]:
    source, sink = os.pipe()
    text = b"".join(_encode(_encodable(message)) + b"\n" for message in messages)

    def write() -> None:
        with os.fdopen(sink, "wb") as out:
            out.write(text)

    writer = threading.Thread(target=write)
    writer.start()
    options = {
        "flush_records": flush,
        "flush_seconds": 60,
        "metadata_columns": False,
        "hard_delete": True,
    }
    try:
        with Loader(database, options) as loader:
            loader.load(source)
            return dict(loader._rows["x"].table.columns)
    finally:
        os.close(source)
        writer.join()


def _encodable(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, dict):
        return {name: _encodable(item) for name, item in value.items()}
    return Decimal(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def _plain(value: Any, kind: str) -> Any:  # noqa: ANN401  # any JSON
    """A value as it is compared."""
    if value is None:
        return None
    if kind in ("integer", "long", "number"):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return number.normalize() if number else Decimal(0)
    if kind == "date-time":
        return moment(value)
    if kind in ("object", "several"):
        return json.dumps(value, sort_keys=True)
    if kind == "mixed" and not isinstance(value, str):
        return json.dumps(value)
    return value if isinstance(value, str) else json.dumps(value)


def _read(text: str | None, kind: str) -> Any:  # noqa: ANN401  # as _plain()
    if text is None:
        return None
    if kind in ("object", "several"):
        return json.dumps(json.loads(text), sort_keys=True)
    return text if kind in ("boolean", "date", "string", "mixed") else _plain(text, kind)
