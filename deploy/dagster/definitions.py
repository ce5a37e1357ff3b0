"""A Dagster job and its schedule for each schedule of ``meltano.yml``.

``dagster dev -f deploy/dagster/definitions.py`` loads them. Dagster and Meltano each have an
environment of their own; ``MELTANO_EXECUTABLE`` is by default ``.venv/bin/meltano`` of the project.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

PROJECT = Path(os.environ.get("MELTANO_PROJECT_ROOT", Path(__file__).resolve().parents[2]))
MELTANO = os.environ.get("MELTANO_EXECUTABLE", str(PROJECT / ".venv" / "bin" / "meltano"))
_AT_WORK = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def _job(name: str, pipeline: str, variables: dict[str, str]) -> dg.JobDefinition:
    @dg.op(name=f"run_{name}", retry_policy=dg.RetryPolicy(max_retries=2, delay=300))
    def run(context: dg.OpExecutionContext) -> None:
        # Dagster keeps what Meltano says with the run.
        with subprocess.Popen(  # noqa: S603  # a job of ours
            [MELTANO, "run", pipeline], cwd=PROJECT, env={**os.environ, **variables}
        ) as process:
            try:
                code = process.wait()
            except BaseException:
                # Terminated in Dagster: Meltano passes the signal on, and the last state is kept.
                process.terminate()
                raise
        if code:
            msg = f"meltano run {pipeline} ended with exit code {code}; its output says why"
            raise dg.Failure(msg, allow_retries=True)
        context.log.info("%s is complete", pipeline)

    @dg.job(name=name, description=f"meltano run {pipeline}")
    def job() -> None:
        run()

    return job


def _schedule(job: dg.JobDefinition, interval: str) -> dg.ScheduleDefinition:
    @dg.schedule(job=job, cron_schedule=interval, execution_timezone="UTC", name=f"{job.name}_due")
    def due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        # Meltano refuses a second run of a pipeline.
        at_work = dg.RunsFilter(job_name=job.name, statuses=_AT_WORK)
        if context.instance.get_runs(at_work, limit=1):
            return dg.SkipReason("the run before is still at work")
        return dg.RunRequest()

    return due


def _definitions() -> dg.Definitions:
    document: dict[str, Any] = yaml.safe_load((PROJECT / "meltano.yml").read_text("utf-8"))
    jobs = {}
    schedules = []
    for each in document["schedules"]:
        job = _job(each["name"].replace("-", "_"), each["job"], each.get("env", {}))
        jobs[job.name] = job
        schedules.append(_schedule(job, each["interval"]))
    return dg.Definitions(jobs=list(jobs.values()), schedules=schedules)


defs = _definitions()
