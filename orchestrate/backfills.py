"""A DAG for each tap that loads the past in shards, over as many workers as there are.

``plan`` has the tap cut the work; each ``shard`` is an ordinary run of Meltano, in the tap's pool;
``store_state`` sets the pipeline's state once all shards are complete. What failed can be cleared,
or run again by another run of the DAG: see docs/pages/guides/scale.md.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import backfill_plan
from airflow.sdk import DAG, Param, TriggerRule, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from backfill_plan import Plan, PlanError
from meltano_commands import Meltano, MeltanoError
from meltano_operator import MeltanoOperator
from meltano_project import ENVIRONMENT, extractors, loaders, shards_at_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

log = logging.getLogger(__name__)

_MOST_SHARDS = 1000
"""Airflow maps 1024 tasks at the most, by default."""


def _params() -> dict[str, Param]:
    known = loaders()
    preferred = "target-pg" if "target-pg" in known else "target-postgres"
    return {
        "start": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Earliest data wanted (start_date). Empty: as in meltano.yml.",
        ),
        "end": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Data before this date only (end_date). Empty: up to now.",
        ),
        "shards": Param(
            16,
            type="integer",
            minimum=1,
            maximum=_MOST_SHARDS,
            description="Into how many parts to cut, at the most. One that fails begins anew.",
        ),
        "target": Param(preferred, enum=known, description="The loader."),
        "store": Param(
            default=True,
            type="boolean",
            description=(
                "Yes: the first load of a pipeline, whose nightly runs go on from there. "
                "No: a part of the past beside it; the pipeline's state is left alone."
            ),
        ),
        "again": Param(
            None,
            type=["null", "string"],
            description="Run ID of an earlier run of this DAG: runs the shards that it lacks.",
        ),
        "plan": Param(
            None,
            type=["null", "object"],
            description="A plan that --plan-backfill printed. Empty: the tap plans now.",
        ),
    }


class ShardOperator(MeltanoOperator):
    """Runs a shard, with the catalog that the plan was made with."""

    def execute(self, context: Context) -> str:
        """Run the shard.

        Raises:
            AirflowException: It failed; the task is retried as often as its DAG says.
        """
        plan: Plan = context["ti"].xcom_pull(task_ids="plan", key="plan")
        with TemporaryDirectory(prefix="catalog-") as folder:
            catalog = Path(folder) / "catalog.json"
            catalog.write_text(plan["catalog"], encoding="utf-8")
            variable = backfill_plan.catalog_setting(plan["tap"])
            self.settings = {**(self.settings or {}), variable: str(catalog)}
            return super().execute(context)


def _backfill(tap: str) -> DAG:
    with DAG(
        dag_id=f"backfill_{tap}",
        description=f"Loads the past of {tap} in shards",
        schedule=None,
        catchup=False,
        max_active_runs=1,
        params=_params(),
        tags=["backfill", tap],
        doc_md=__doc__,
        default_args={
            "pool": tap,
            # After Airflow's core.default_task_retry_delay (5 minutes), and longer each time.
            "retries": 3,
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=30),
        },
    ) as dag:
        planned = task(task_id="plan")(_plan)(tap)
        shards = ShardOperator.partial(
            task_id="shard",
            map_index_template="{{ task.name }}",
            # However many slots its pool has.
            max_active_tis_per_dagrun=shards_at_once(tap),
        ).expand_kwargs(planned)
        stored = task(task_id="store_state", trigger_rule=TriggerRule.ALL_DONE)(_store)(tap)
        shards >> stored
    return dag


def _plan(tap: str) -> list[dict[str, Any]]:
    context = get_current_context()
    try:
        plan = (
            _planned_before(tap, context["params"]["again"])
            if context["params"]["again"]
            else _planned_now(tap, context["params"])
        )
    except PlanError as error:
        raise AirflowFailException(str(error)) from None
    except MeltanoError as error:
        raise AirflowException(str(error)) from None
    shards = backfill_plan.missing(plan)
    log.info("Plan %s: %d shards, %d to run", plan["plan"], len(plan["shards"]), len(shards))
    context["ti"].xcom_push("plan", plan)
    return [backfill_plan.shard_run(plan, shard) for shard in shards]


def _planned_now(tap: str, params: Mapping[str, Any]) -> Plan:
    given = backfill_plan.check(params["plan"], tap) if params["plan"] else None
    asked = backfill_plan.asked(tap, start_date=params["start"], end_date=params["end"])
    pipeline = backfill_plan.state_id(ENVIRONMENT, tap, params["target"])
    with Meltano(log.info, asked) as meltano:
        if params["store"] and backfill_plan.stored_state(meltano, pipeline):
            msg = (
                f"{pipeline} has a state already, which a plan's would replace: choose `store`: no "
                f"to leave it alone, or clear it with `meltano state clear {pipeline}` first"
            )
            raise PlanError(msg)
        settings = backfill_plan.settings_of(meltano, tap)
        catalog = backfill_plan.catalog_of(meltano, tap)
        document = given or backfill_plan.make_plan(meltano, tap, params["shards"])
    backfill_plan.check_parallel(document, shards_at_once(tap))
    return Plan(
        tap=tap,
        target=params["target"],
        plan=document["plan"],
        asked=asked,
        settings=settings,
        catalog=catalog,
        shards=document["shards"],
        done=[],
        state=document["state"] if params["store"] else None,
    )


def _planned_before(tap: str, run: str) -> Plan:
    """The plan of an earlier run, with the shards that are complete."""
    ti = get_current_context()["ti"]
    plan: Plan | None = ti.xcom_pull(task_ids="plan", key="plan", run_id=run)
    if plan is None:
        msg = f"backfill_{tap} has no run {run} with a plan: set `again` to the ID of one"
        raise PlanError(msg)
    if ti.xcom_pull(task_ids="store_state", run_id=run):
        msg = f"The plan of {run} has been used: all of its shards are complete"
        raise PlanError(msg)
    return Plan(**{**plan, "done": [*plan["done"], *_results(run)]})


def _store(tap: str) -> str:
    context = get_current_context()
    ti = context["ti"]
    plan: Plan | None = ti.xcom_pull(task_ids="plan", key="plan")
    if plan is None:
        msg = "There is no plan: see the task `plan`"
        raise AirflowFailException(msg)
    shards = backfill_plan.missing(plan, _results())
    if shards:
        reasons = ti.xcom_pull(task_ids=["shard"], key="failure") or []
        raise AirflowFailException(backfill_plan.failed(shards, len(plan["shards"]), reasons))
    pipeline = backfill_plan.state_id(ENVIRONMENT, tap, plan["target"])
    if plan["state"] is None:
        log.info("All shards are complete; the state of %s is left alone", pipeline)
        return pipeline
    try:
        with Meltano(log.info, plan["asked"]) as meltano, TemporaryDirectory() as folder:
            backfill_plan.store(plan, pipeline, meltano, Path(folder))
    except PlanError as error:
        raise AirflowFailException(str(error)) from None
    except MeltanoError as error:
        raise AirflowException(str(error)) from None
    log.info("All shards are complete; %s goes on from the plan's state", pipeline)
    return pipeline


def _results(run: str | None = None) -> list[str]:
    """IDs of the shards that a run completed, by default this one."""
    pulled = get_current_context()["ti"].xcom_pull(task_ids=["shard"], run_id=run)
    return [shard for shard in pulled or () if shard]


for _tap in extractors():
    globals()[f"backfill_{_tap}"] = _backfill(_tap)
