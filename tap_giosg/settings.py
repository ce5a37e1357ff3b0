"""The settings of tap-giosg: what to ask for, of which workflows, in which format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_kit.inputs.settings import common_settings, settings_schema
from tap_kit.tables import DECLARABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_EMPTY = (
    "workflow_ids",
    "step_indexes",
    "source_data_targets",
    "step_targets",
    "row_id_columns",
)

_FILTERED = ("source_data", "step_source_data")
_FILTER = th.ObjectType(
    th.Property("property", th.StringType, required=True, nullable=False),
    th.Property("values", th.ArrayType(th.StringType), required=True, nullable=False),
).to_dict()
_FILTERS = {
    "type": ["array", "object"],
    "items": _FILTER,
    "additionalProperties": {"type": "array", "items": _FILTER},
}
"""One list for all requests, or a list by stream."""
_STEP_DATA = {
    "type": ["array", "object"],
    "items": {"type": "object"},
    "additionalProperties": {"type": "array", "items": {"type": "object"}},
}
"""One list for all workflows, or a list by workflow id."""

SETTINGS = settings_schema(
    th.Property(
        "api_token",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        title="API token",
        description=(
            "API token of a user with the permission 'reporting' (giosg console, Company > Access "
            "tokens), or an OAuth2 access token with auth_scheme Bearer."
        ),
    ),
    th.Property(
        "auth_scheme",
        th.StringType(allowed_values=["Token", "Bearer"]),
        default="Token",
        title="Authorization scheme",
        description="Token for API tokens, Bearer for OAuth2 access tokens.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        default="https://api.giosg.com",
        title="API URL",
        description="Base of the reporting and objectives APIs.",
    ),
    th.Property(
        "service_url",
        th.StringType,
        default="https://service.giosg.com",
        title="Service URL",
        description="Base of the API that knows the token's owner.",
    ),
    th.Property(
        "organization_id",
        th.StringType(min_length=1),
        title="Organization",
        description="UUID of the organization; by default the one of the token's owner.",
    ),
    th.Property(
        "workflow_ids",
        th.ArrayType(th.StringType(min_length=1)),
        title="Workflows",
        description="UUIDs of the workflows to read; by default all that the organization lists.",
    ),
    th.Property(
        "step_indexes",
        th.ArrayType(th.IntegerType(minimum=1)),
        title="Steps",
        description=(
            "Numbers of the steps to read, from 1; by default each number up to max_step_index is "
            "tried. Gaps and steps without data are normal."
        ),
    ),
    th.Property(
        "max_step_index",
        th.IntegerType(minimum=1),
        default=10,
        title="Highest step tried",
        description="Where the search for steps ends, when step_indexes is not set.",
    ),
    th.Property(
        "source_data_targets",
        th.ArrayType(th.StringType(allowed_values=["affected_goal", "affected_goal_total"])),
        default=["affected_goal"],
        title="Targets of source data",
        description=(
            "affected_goal: goal triggers related to the workflow; affected_goal_total: all "
            "triggers of those goals."
        ),
    ),
    th.Property(
        "step_targets",
        th.ArrayType(th.StringType(allowed_values=["default", "triggered_goal"])),
        default=["default"],
        title="Targets of steps",
        description="default: events of the step's actions; triggered_goal: goal events.",
    ),
    th.Property(
        "step_data_format",
        th.StringType(allowed_values=["csv", "xlsx", "json"]),
        default="csv",
        title="Format of step data",
        description="csv or xlsx, by the download endpoint; json, by the query endpoint.",
    ),
    th.Property(
        "basic",
        th.BooleanType,
        default=False,
        title="Basic rows",
        description=(
            "Ask the JSON endpoints for human-readable rows in place of raw ones; their columns "
            "may change or be localised."
        ),
    ),
    th.Property(
        "filters",
        th.CustomType(_FILTERS),
        default=[],
        title="Filters",
        description=(
            'Only rows that pass these, as giosg documents them: [{"property": "action", "values": '
            '["User dialed"]}]. Endpoints take different properties; for filters by stream, give '
            'an object: {"source_data": [...], "step_source_data": [...]}.'
        ),
    ),
    th.Property(
        "step_data",
        th.CustomType(_STEP_DATA),
        title="Step data",
        description=(
            'Actions by step, as giosg documents them: [{}, {"actions": ["element-aaa"]}], the '
            "first for the source. By default all events. Elements belong to one workflow; for "
            'step data by workflow, give an object: {"<workflow id>": [...]}.'
        ),
    ),
    th.Property(
        "columns",
        th.ObjectType(
            additional_properties=th.StringType(
                allowed_values=[type_.value for type_ in DECLARABLE]
            )
        ),
        default={},
        title="Column types",
        description=(
            "JSON types of vendor columns, by name: integer, number, boolean, date, date-time or "
            "string. Otherwise cells of csv and xlsx are strings, JSON values what they are."
        ),
    ),
    th.Property(
        "row_id_columns",
        th.ArrayType(th.StringType(min_length=1)),
        title="Identity columns",
        description="The vendor columns that make a row's identity; by default all.",
    ),
    *common_settings(window="week", lookback_days=2),
)


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with settings beyond their schema.

    Lists without items are more likely a mistake than "nothing".
    """
    for name in _NOT_EMPTY:
        if config.get(name) == []:
            yield f"{name} must have at least one item; leave it out for the default"
    filters = config["filters"]
    if isinstance(filters, dict):
        for name in filters.keys() - {*_FILTERED}:
            yield f"filters names {name}, which is none of: {', '.join(_FILTERED)}"
    step_data, workflows = config.get("step_data"), config.get("workflow_ids")
    if isinstance(step_data, dict) and workflows:
        for name in step_data.keys() - {*workflows}:
            yield f"step_data names the workflow {name}, which workflow_ids does not have"
