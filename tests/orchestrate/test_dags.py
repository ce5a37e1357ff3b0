"""Stock Airflow takes the DAG files as they are."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.orchestrate.airflow import DAGS, airflow_environment
from tests.orchestrate.company import CASES
from tests.pipelines.meltano import PROJECT, bare_environment

_SCRIPT = """
import json
import os
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(bundle_path=Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]))
print(json.dumps({
    "errors": bag.import_errors,
    "dags": {
        name: {
            "schedule": str(dag.schedule),
            "params": sorted(dag.params),
            "tasks": {
                task.task_id: {
                    "pool": (kwargs := getattr(task, "partial_kwargs", {})).get("pool")
                    or getattr(task, "pool", None),
                    "retries": kwargs.get("retries") or getattr(task, "retries", None),
                    "at_once": kwargs.get("max_active_tis_per_dagrun"),
                    "after": sorted(task.upstream_task_ids),
                }
                for task in dag.tasks
            },
        }
        for name, dag in bag.dags.items()
    },
}))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    done = subprocess.run(  # noqa: S603  # Airflow's own Python
        [airflow_environment() / "python", "-c", _SCRIPT],
        cwd=home,
        env={
            **bare_environment(),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


def test_every_tap_has_a_backfill_and_every_schedule_a_dag(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    project = yaml.safe_load((PROJECT / "meltano.yml").read_text(encoding="utf-8"))
    taps = [each["name"] for each in project["plugins"]["extractors"]]
    schedules = {each["name"]: each["interval"] for each in project["schedules"]}
    assert set(bag["dags"]) == {f"backfill_{tap}" for tap in taps} | set(schedules)
    for name, interval in schedules.items():
        assert bag["dags"][name]["schedule"] == interval


def test_all_runs_of_a_tap_share_its_pool(bag: dict[str, Any]) -> None:
    pools = json.loads((DAGS / "pools.json").read_text(encoding="utf-8"))
    used = {task["pool"] for dag in bag["dags"].values() for task in dag["tasks"].values()}
    assert used == set(pools)
    assert pools["tap-crewmojo"]["slots"] == 1
    assert bag["dags"]["crewmojo-daily"]["tasks"]["run"]["pool"] == "tap-crewmojo"


def test_no_more_shards_run_at_once_than_a_plan_allows(bag: dict[str, Any]) -> None:
    # However many slots the pool has that somebody made by hand.
    for name, case in CASES.items():
        at_once = bag["dags"][f"backfill_{name}"]["tasks"]["shard"]["at_once"]
        assert at_once == case.tap.shards_at_once, name


def test_shards_are_retried_between_plan_and_state(bag: dict[str, Any]) -> None:
    dag = bag["dags"]["backfill_tap-flow"]
    assert dag["params"] == ["again", "end", "plan", "shards", "start", "store", "target"]
    assert dag["tasks"]["shard"]["retries"] > 0
    assert dag["tasks"]["shard"]["after"] == ["plan"]
    assert dag["tasks"]["store_state"]["after"] == ["shard"]


def test_modules_that_are_no_dags_are_not_parsed_as_such() -> None:
    ignored = Path(DAGS / ".airflowignore").read_text(encoding="utf-8").split()
    modules = {path.name for path in DAGS.glob("*.py")}
    assert modules - {*ignored} == {"backfills.py", "schedules.py"}
    assert {*ignored} <= modules
