"""A DAG for each schedule of ``meltano.yml``, in the pool of its tap."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.sdk import DAG
from meltano_operator import MeltanoOperator
from meltano_project import Schedule, schedules

_SINCE = datetime(2026, 1, 1, tzinfo=timezone.utc)


def _scheduled(schedule: Schedule) -> DAG:
    with DAG(
        dag_id=schedule.name,
        description=f"meltano schedule run {schedule.name}",
        schedule=schedule.interval,
        start_date=_SINCE,
        catchup=False,
        max_active_runs=1,
        tags=["schedule"],
    ) as dag:
        MeltanoOperator(
            task_id="run",
            name=schedule.name,
            arguments=["schedule", "run", schedule.name],
            # With the shards of a backfill: a vendor that bears one run bears one of any kind.
            pool=schedule.pool,
            retries=2,
            retry_delay=timedelta(minutes=5),
        )
    return dag


for _schedule in schedules():
    globals()[_schedule.name.replace("-", "_")] = _scheduled(_schedule)
