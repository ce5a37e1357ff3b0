"""Who takes part: what each runs, and which part of it extracts."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks.environments import PEERS, pinned, python_of
from benchmarks.pipeline.warehouses import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.pipeline.piped import Taken
    from benchmarks.pipeline.vendor import Evening
    from benchmarks.pipeline.warehouses import Warehouse

BIN = Path(sys.executable).parent
POSTGRES, DUCKDB = "PostgreSQL", "DuckDB"


class Pipeline(Protocol):
    """A way from the vendor to a warehouse."""

    @property
    def name(self) -> str:
        """As in tables."""

    @property
    def title(self) -> str:
        """The package that it shows the speed of, with the version."""

    @property
    def warehouse(self) -> str:
        """Where it leads to."""

    @property
    def key(self) -> str:
        """What it makes of the name of the key's column."""

    @property
    def python(self) -> str:
        """An interpreter with the DuckDB that it writes with."""

    @property
    def is_ours(self) -> bool:
        """Whether both ends are."""

    def commands(
        self, evening: Evening, warehouse: Warehouse, catalog: Path, folder: Path
    ) -> list[list[str]]:
        """The programs of a run; what one run must tell the next stands in the folder."""

    def after(self, taken: Taken, folder: Path) -> dict[str, float]:
        """Keep what the next run needs; CPU seconds by part of the work."""


@dataclass(frozen=True)
class SingerPipeline:
    """Our tap before a loader.

    Attributes:
        name: See above.
        warehouse: See above.
        command: The loader.
        settings: Its settings besides where the database is.
        home: The folder of a peer's requirements; ours without.
    """

    name: str
    warehouse: str
    command: str
    settings: dict[str, Any] = field(default_factory=dict)
    home: str | None = None
    key = "jobId"

    @property
    def title(self) -> str:
        """The loader and its version."""
        if self.home is None:
            return f"frontline-taps {version('frontline-taps')}"
        package = {"target_postgres": "meltanolabs-target-postgres"}.get(self.home, self.command)
        return f"{package} {pinned(self.home, package)}"

    @property
    def is_ours(self) -> bool:
        """Whether the loader is ours, too."""
        return self.home is None

    @property
    def python(self) -> str:
        """Of the loader's environment."""
        return sys.executable if self.home is None else str(python_of(self.home))

    def commands(
        self, evening: Evening, warehouse: Warehouse, catalog: Path, folder: Path
    ) -> list[list[str]]:
        """Tap and loader."""
        config, target, state = (folder / f"{name}.json" for name in ("config", "target", "state"))
        config.write_text(json.dumps(evening.settings))
        target.write_text(json.dumps({**warehouse.settings(), **self.settings}))
        tap = [str(BIN / "tap-flow"), "--config", str(config), "--catalog", str(catalog)]
        if state.exists():
            tap += ["--state", str(state)]
        loader = Path(self.python).parent / self.command
        return [tap, [str(loader), "--config", str(target)]]

    def after(self, taken: Taken, folder: Path) -> dict[str, float]:
        """Keep the last STATE."""
        (folder / "state.json").write_text(taken.output.strip().splitlines()[-1])
        tap, loader = taken.cpu
        return {"extraction": tap, "loading": loader, "server": taken.server}


@dataclass(frozen=True)
class ScriptPipeline:
    """A library of another make: a program of a few lines that does both.

    Attributes:
        name: See above.
        warehouse: See above.
        home: Its folder below ``peers``, and its environment's name.
        package: The library.
        key: See above.
        options: What the program is told besides.
    """

    name: str
    warehouse: str
    home: str
    package: str
    key: str
    options: dict[str, Any] = field(default_factory=dict)
    is_ours = False

    @property
    def title(self) -> str:
        """With the version."""
        return f"{self.package} {pinned(self.home, self.package)}"

    @property
    def python(self) -> str:
        """Of its environment."""
        return str(python_of(self.home))

    def commands(
        self, evening: Evening, warehouse: Warehouse, catalog: Path, folder: Path
    ) -> list[list[str]]:
        """One program."""
        (stream,) = json.loads(catalog.read_text())["streams"]
        spec = folder / "spec.json"
        told = {
            **evening.spec,
            **self.options,
            "schema": stream["schema"],
            "destination": {POSTGRES: "postgres", DUCKDB: "duckdb"}[self.warehouse],
            "warehouse": warehouse.settings(),
            "dataset": SCHEMA,
            "folder": str(folder / "own"),
        }
        spec.write_text(json.dumps(told))
        return [[self.python, str(PEERS / self.home / "load.py"), str(spec)]]

    def after(self, taken: Taken, folder: Path) -> dict[str, float]:
        """What it says of its steps; its start is in none of them."""
        del folder
        parts: dict[str, float] = json.loads(taken.output.strip().splitlines()[-1])
        start = max(taken.cpu[0] - sum(parts.values()), 0.0)
        return {**parts, "extraction": parts["extraction"] + start, "server": taken.server}


def _dlt(name: str, warehouse: str, **options: object) -> ScriptPipeline:
    return ScriptPipeline(name, warehouse, "dlt_load", "dlt", "job_id", options)


def _pyairbyte(warehouse: str) -> ScriptPipeline:
    return ScriptPipeline("PyAirbyte", warehouse, "pyairbyte", "airbyte", "jobid")


_TUNED = {"use_copy": True, "validate_records": False, "sanitize_null_text_characters": True}
_SCHEMA = {"default_target_schema": SCHEMA}
_FAST: dict[str, object] = {"nesting": 0, "strategy": "upsert", "workers": 2}

PIPELINES: Sequence[Pipeline] = (
    SingerPipeline("target-pg", POSTGRES, "target-pg", {"schema": SCHEMA}),
    SingerPipeline(
        "target-postgres", POSTGRES, "target-postgres", {**_SCHEMA, **_TUNED}, "target_postgres"
    ),
    SingerPipeline(
        "target-postgres, its defaults", POSTGRES, "target-postgres", _SCHEMA, "target_postgres"
    ),
    _dlt("dlt", POSTGRES),
    _dlt("dlt, csv files", POSTGRES, format="csv", **_FAST),
    _dlt("dlt, parquet files", POSTGRES, format="parquet", **_FAST),
    _pyairbyte(POSTGRES),
    SingerPipeline("target-duck", DUCKDB, "target-duck", {"schema": SCHEMA}),
    SingerPipeline(
        "target-duckdb",
        DUCKDB,
        "target-duckdb",
        {**_SCHEMA, "add_metadata_columns": True},
        "target_duckdb",
    ),
    _dlt("dlt", DUCKDB),
    _dlt("dlt, parquet files", DUCKDB, format="parquet", **_FAST),
    _pyairbyte(DUCKDB),
)
