"""Two nights of all four taps, loaded and built into models: once for each loader."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from docs.address import REPOSITORY
from docs.dbt import FOLDER
from sandbox import Sandbox
from sandbox.world import Clock
from tests.checkout import check_out
from tests.dbt.models import Dbt, DuckDB, PostgreSQL, Run
from tests.dbt.nights import LOADERS, Night, load
from tests.docs.typed import blocks
from tests.pipelines.meltano import install
from tests.services.postgres import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.dbt.models import Database, Row
    from tests.services.postgres import Server

    Databases = Callable[[str, str], Database]

GUIDE = FOLDER.parent / "docs" / "pages" / "guides" / "dashboard.md"
_BETWEEN = timedelta(hours=20)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for each database, which makes the data once; none where dbt can't be had."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            if not item.get_closest_marker("xdist_group"):
                duckdb = "duck" in item.nodeid.partition("[")[2]
                item.add_marker(pytest.mark.xdist_group("dbt-duckdb" if duckdb else "dbt-postgres"))
            if sys.version_info >= (3, 14):
                item.add_marker(pytest.mark.skip("dbt-core 1.11 is not for Python 3.14"))


@dataclass
class Built:
    """What dbt made of a loader's tables, night by night."""

    database: Database
    dbt: Dbt
    runs: list[Run] = field(default_factory=list)
    marts: dict[int, dict[str, list[Row]]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Night]:
    """What the taps brought on two nights, and what the vendors had then."""
    clock = Clock(frozen_at=datetime.now(timezone.utc) - _BETWEEN)
    folder = tmp_path_factory.mktemp("nights")
    with Sandbox(clock=clock, scale=0.2, variants={"giosg.edges": "half_open"}) as sandbox:
        first = Night.of(sandbox, folder / "1")
        sandbox.advance(hours=_BETWEEN.total_seconds() / 3600)
        return [first, Night.of(sandbox, folder / "2", first)]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    # Not pytest's folder: the account that runs PostgreSQL may not enter it.
    with TemporaryDirectory() as folder, postgres(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's project with the package from a repository, by the lines of the guide."""
    install("dbt-postgres", "dbt-duckdb", "target-postgres", "target-duckdb")
    repository = check_out(tmp_path_factory.mktemp("repository"))
    subprocess.run(["git", "tag", "v0.1.0"], cwd=repository, check=True)  # noqa: S607  # as users do
    example = example_in(tmp_path_factory.mktemp("dbt"))
    (lines,) = (block.text for block in blocks(GUIDE) if block.title == "packages.yml")
    text = lines.replace(f"{REPOSITORY}.git", repository.as_uri())
    (example / "packages.yml").write_text(text, encoding="utf-8")
    Dbt(DuckDB(example / "none.duckdb"), example).run("deps")
    installed = {path.name for path in (example / "dbt_packages" / "frontline_taps").iterdir()}
    assert "dbt_project.yml" in installed
    assert "tap_flow" not in installed
    return example


def example_in(folder: Path) -> Path:
    """A copy of the package with its example; the example's folder."""
    copy = folder / "dbt"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("target", "logs", "dbt_packages"))
    return copy / "example"


@pytest.fixture(scope="session")
def databases(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Makes databases by adapter and name."""
    folder = tmp_path_factory.mktemp("databases")

    def make(adapter: str, name: str) -> Database:
        if adapter == "duckdb":
            return DuckDB(folder / f"{name}.duckdb")
        return PostgreSQL.created(server, name)

    return make


@pytest.fixture(scope="session", params=LOADERS)
def built(
    request: pytest.FixtureRequest, nights: list[Night], project: Path, databases: Databases
) -> Built:
    """Both nights, one behind the other, as a schedule runs them."""
    name: str = request.param
    database = databases(LOADERS[name].database, name.replace("-", "_"))
    built = Built(database, Dbt(database, project, as_of=nights[-1].now))
    for number, night in enumerate(nights, 1):
        load(name, night, database)
        if LOADERS[name].each_night or number == len(nights):
            built.runs.append(built.dbt.run("build"))
            built.marts[number] = {
                mart: database.rows(f"analytics.{mart}") for mart in built.dbt.marts
            }
    return built
