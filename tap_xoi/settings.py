"""The settings of tap-xoi, and what their schema can't say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_kit.inputs.settings import common_settings, settings_schema
from tap_xoi.client import ENVIRONMENTS
from tap_xoi.job_part import PATTERN, JobPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCES = ("webhook_history", "documentation", "job_summary", "config")
_ID = re.compile(r"(?!\.{1,2}$)[^\s/?#%\\]+")


def _address(name: str, what: str) -> th.Property[str]:
    return th.Property(
        f"{name}_url",
        th.StringType,
        title=f"{name.capitalize()} URL",
        description=f"{what} By default the environment's.",
    )


SETTINGS: dict[str, Any] = settings_schema(
    th.Property(
        "api_key",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        title="API key",
        description="API key of the partner, issued by XOi.",
    ),
    th.Property(
        "api_secret",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        title="API secret",
        description="API secret that belongs to the key.",
    ),
    th.Property(
        "environment",
        th.StringType(allowed_values=list(ENVIRONMENTS)),
        default="production",
        title="Environment",
        description="production or staging; sets the five addresses below.",
    ),
    _address("token", "Token endpoint."),
    _address("jobs", "Jobs GraphQL API."),
    _address("users", "Users GraphQL API."),
    _address("content", "Content GraphQL API."),
    _address(
        "reporting",
        "Base of the Data Reporting API, up to reporting-data. XOi does not publish the one of "
        "staging: it is inferred from the others there.",
    ),
    th.Property(
        "workflow_job_source",
        th.StringType(allowed_values=list(SOURCES)),
        default=SOURCES[0],
        title="Source of workflow jobs",
        description=(
            "Where (job, workflow job) pairs come from. webhook_history: events, late edits "
            "included. documentation: jobs completed in the run's windows. job_summary: jobs "
            "created in the run's windows, with a request for each; for backfills. config: "
            "workflow_jobs, all in every run, without bookmarks."
        ),
    ),
    th.Property(
        "workflow_jobs",
        th.ArrayType(
            th.ObjectType(
                th.Property("job_id", th.StringType, required=True, description="The job."),
                th.Property(
                    "workflow_job_id",
                    th.StringType,
                    required=True,
                    description="The workflow of the job.",
                ),
                additional_properties=False,
            )
        ),
        default=[],
        title="Workflow jobs",
        description="Pairs of a job and one of its workflows, for the source config.",
    ),
    th.Property(
        "workflow_job_part",
        th.StringType(pattern=PATTERN),
        title="Part of the workflow jobs",
        description=(
            "2/8 reads the second of eight parts of the jobs' reports, for the source "
            "webhook_history; a plan of --plan-backfill sets it. By default all."
        ),
    ),
    th.Property(
        "include_all_steps",
        th.BooleanType,
        default=False,
        title="Include all steps",
        description="Have listDocumentation give steps without documentation, too.",
    ),
    th.Property(
        "skip_missing",
        th.BooleanType,
        default=True,
        title="Skip missing",
        description=(
            "Skip a pair that XOi no longer knows or shows (404, or 403 with a new token too) "
            "with a warning; otherwise the stream fails. It also fails where none of three pairs "
            "or more is known: then the address is wrong."
        ),
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=1000),
        default=100,
        title="Page size",
        description="Items of a page of jobs, events and users.",
    ),
    *common_settings(window="week", lookback_days=2),
)


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with ``workflow_jobs`` and ``workflow_job_part``."""
    if part := config.get("workflow_job_part"):
        yield from _part_problems(part, config["workflow_job_source"])
    pairs = config["workflow_jobs"]
    if config["workflow_job_source"] == "config" and not pairs:
        yield "workflow_jobs needs at least 1 pair where workflow_job_source is config"
    first: dict[tuple[str, str], int] = {}
    for number, pair in enumerate(pairs):
        for name, value in pair.items():
            if not _ID.fullmatch(value):
                yield (
                    f"workflow_jobs.{number}.{name} must be an id as XOi gives it: not empty, "
                    "without spaces and without / \\ ? # %"
                )
        key = (pair["job_id"], pair["workflow_job_id"])
        if first.setdefault(key, number) != number:
            yield f"workflow_jobs.{number} must not repeat workflow_jobs.{first[key]}"


def _part_problems(part: str, source: str) -> Iterator[str]:
    if source != "webhook_history":
        yield "workflow_job_part needs workflow_job_source webhook_history"
    try:
        JobPart.parse(part)
    except ValueError:
        yield "workflow_job_part must be a part of all, such as 2/8, and not one beyond the last"
