"""A backfill on Airflow with the LocalExecutor: four shards, two that fail, what is refused.

Takes minutes: ``make scale-test`` runs it, ``make test`` does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.orchestrate.airflow import Airflow
from tests.orchestrate.company import CASES, Company, company
from tests.pipelines.meltano import install

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("meltano")]

TAP = "tap-flow"
DAG = f"backfill_{TAP}"
_PATIENCE_SECONDS = 600


class Backfills:
    """An Airflow at work, and its runs of one DAG."""

    def __init__(self, airflow: Airflow) -> None:
        self._airflow = airflow

    def run(self, **params: object) -> tuple[str, str]:
        """Run the DAG to its end: the run's ID and state."""
        run = self._airflow.trigger(DAG, target="target-pg", **params)
        return run, self._airflow.wait_for(DAG, run, _PATIENCE_SECONDS)

    def shards(self, run: str) -> dict[str, tuple[str, int]]:
        """State and number of tries of each shard that a run had."""
        return {
            task["rendered_map_index"]: (task["state"], task["try_number"])
            for task in self._airflow.tasks(DAG, run)
            if task["task_id"] == "shard" and task["map_index"] >= 0
        }

    def said(self, run: str, task: str) -> str:
        """What a task logged."""
        return self._airflow.log(DAG, run, task)

    def night(self) -> dict[str, str]:
        """Run the schedules once; their states."""
        states = {}
        for schedule in ("flow-hourly", "flow-daily"):
            run = self._airflow.trigger(schedule)
            states[schedule] = self._airflow.wait_for(schedule, run, _PATIENCE_SECONDS)
        return states


@pytest.fixture(scope="module")
def firm() -> Iterator[Company]:
    install(TAP, "target-pg")
    with company(scale=0.1) as made:
        yield made


@pytest.fixture(scope="module")
def backfills(firm: Company) -> Iterator[Backfills]:
    database = firm.database("airflow")
    airflow = Airflow(firm.folder / "airflow", "LocalExecutor", database, firm.settings)
    airflow.prepare()
    with airflow.running():
        yield Backfills(airflow)


@pytest.fixture(scope="module")
def plan(firm: Company) -> dict[str, Any]:
    return firm.plan(TAP, 4)


@pytest.fixture(scope="module")
def failed(firm: Company, backfills: Backfills, plan: dict[str, Any]) -> str:
    """A run of which two shards fail for good: the edge between them can't be asked for."""
    edge = plan["shards"][3]["config"]["start_date"]
    firm.sandbox.fault("status", vendor="flow", status=403, times=None, contains=edge)
    run, state = backfills.run(plan=plan)
    firm.sandbox.clear_faults()
    assert state == "failed"
    return run


def test_shards_that_fail_are_told_and_the_others_finish(backfills: Backfills, failed: str) -> None:
    shards = backfills.shards(failed)
    complete = dict.fromkeys(("001", "002"), ("success", 1))
    assert shards == {**complete, **dict.fromkeys(("003", "004"), ("failed", 4))}
    said = backfills.said(failed, "store_state")
    assert "2 of 4 shards are not complete, so no state is stored: 003 (" in said
    assert "403" in said


@pytest.fixture(scope="module")
def again(backfills: Backfills, failed: str) -> str:
    """A run of what the failed one lacks."""
    run, state = backfills.run(again=failed)
    assert state == "success", backfills.said(run, "store_state")
    return run


def test_again_runs_only_what_is_missing_and_all_is_there(
    firm: Company, backfills: Backfills, again: str
) -> None:
    assert backfills.shards(again) == dict.fromkeys(("003", "004"), ("success", 1))
    assert firm.differences(TAP, CASES[TAP].incremental) == []


@pytest.mark.usefixtures("again")
def test_the_next_night_goes_on_from_the_state(firm: Company, backfills: Backfills) -> None:
    was = firm.rows(TAP)
    firm.next_night()
    assert set(backfills.night().values()) == {"success"}
    assert firm.differences(TAP, was=was) == []


def test_a_used_plan_and_another_taps_plan_are_refused(
    backfills: Backfills, plan: dict[str, Any], again: str
) -> None:
    for params, said in (
        ({"again": again}, "has been used"),
        ({"plan": plan}, "has a state already"),
        ({"plan": {**plan, "tap": "tap-xoi"}, "store": False}, "a plan of tap-xoi"),
        ({"again": "nobody"}, "has no run nobody with a plan"),
    ):
        run, state = backfills.run(**params)
        assert state == "failed", params
        assert said in backfills.said(run, "plan")
        assert backfills.shards(run) == {}
