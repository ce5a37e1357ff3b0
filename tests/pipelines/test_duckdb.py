"""target-duckdb loads every row: with other versions of duckdb it loses the first of each batch."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.pipelines.meltano import PROJECT, install

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("meltano")

_LOADER = PROJECT / ".meltano" / "loaders" / "target-duckdb" / "venv" / "bin" / "target-duckdb"


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install("target-duckdb")


@pytest.mark.parametrize("count", [1, 5_000])
def test_as_many_rows_arrive_as_were_sent(tmp_path: Path, count: int) -> None:
    database = tmp_path / "warehouse.duckdb"
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"path": str(database), "default_target_schema": "loaded"}))
    schema = {"properties": {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}}}
    messages = [
        {"type": "SCHEMA", "stream": "rows", "schema": schema, "key_properties": ["id"]},
        *(
            {"type": "RECORD", "stream": "rows", "record": {"id": n, "name": f"row {n}"}}
            for n in range(count)
        ),
    ]
    done = subprocess.run(  # noqa: S603  # the loader of the project
        [_LOADER, "--config", config],
        input="".join(f"{json.dumps(message)}\n" for message in messages),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("select id, name from loaded.rows order by id").fetchall()
    assert found == [(n, f"row {n}") for n in range(count)]
