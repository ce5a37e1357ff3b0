"""target-duckdb loads every row, which it does not with other settings.

Without metadata columns it takes the first row of a batch of texts for a heading, and loses it.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

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
    own = {"path": str(database), "default_target_schema": "loaded"}
    config.write_text(json.dumps({**_settings(), **own}))
    schema = {"properties": {"id": {"type": "string"}, "name": {"type": ["string", "null"]}}}
    keys = [f"{n:05}-of-{count}" for n in range(count)]
    messages = [
        {"type": "SCHEMA", "stream": "rows", "schema": schema, "key_properties": ["id"]},
        *(
            {"type": "RECORD", "stream": "rows", "record": {"id": key, "name": f"row {key}"}}
            for key in keys
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
    assert found == [(key, f"row {key}") for key in keys]


def _settings() -> dict[str, Any]:
    """The loader's settings in the project."""
    project = yaml.safe_load((PROJECT / "meltano.yml").read_text(encoding="utf-8"))
    (loader,) = [
        plugin for plugin in project["plugins"]["loaders"] if plugin["name"] == "target-duckdb"
    ]
    return {setting["name"]: setting["value"] for setting in loader["settings"]}
