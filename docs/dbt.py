"""The generated part of the dbt package: sources, staging models and what is tested of them.

Names, keys, types and descriptions are the taps' own declarations. tap-crewmojo declares no stream:
its reports are each customer's own, and the macro ``stage_report`` stages any of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from docs.columns import keys_of, name_of, schema_of
from docs.relations import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_kit.streams.stream import RecordStream
    from tap_kit.tap import KitTap

FOLDER = Path(__file__).resolve().parent.parent / "dbt"
HEAD = "Written by `make generate` from the tap's declarations."

_REF = re.compile(r"\bref\('(\w+)'\)")
_KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS = {"date-time": "timestamp", "date": "date"}


@dataclass(frozen=True)
class Values:
    """The values that a column may have.

    Attributes:
        values: All of them.
        certain: Whether the vendor's documents or the tap itself list them; otherwise others are
            worth a warning and no more.
    """

    values: Sequence[str | int]
    certain: bool = True


ACCEPTED: Mapping[str, Values] = {
    "flow.completed_jobs.status": Values(["Completed"], certain=False),
    "flow.scheduled_job_tasks.state": Values([0, 1, 2, 3, 4]),
    "giosg.workflow_info.type": Values(["giosg-default", "interaction", "user-generated"]),
    "giosg.source_data.target": Values(["affected_goal", "affected_goal_total"]),
    "giosg.step_source_data.target": Values(["default", "triggered_goal"]),
    "xoi.webhook_history.event": Values(
        [
            "job_complete",
            "job_update",
            "job_updated",
            "job_delete",
            "job_deleted",
            "workflow_complete",
            "workflow_update",
            "workflow_updated",
        ],
        certain=False,
    ),
    "xoi.workflow_job_step_values.value_type": Values(
        ["number", "string", "boolean", "datetime", "array", "object", "dataplate", "null"]
    ),
}


@dataclass(frozen=True)
class Addition:
    """What a staging model has beyond its stream's columns.

    Attributes:
        columns: Descriptions and kinds by name.
        named: Vendor columns whose names a variable tells: variable and kind, by our name.
        template: The model's SQL around ``{staged}``.
    """

    columns: Mapping[str, tuple[str, str]]
    named: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    template: str = "{staged}"


_EVENT_COLUMNS = (
    ("event_at", "giosg_time_column", "timestamp", "When it happened; null if no ISO 8601 time"),
    ("event_action", "giosg_action_column", "text", "What happened"),
    ("event_visitor", "giosg_visitor_column", "text", "Who it was; personal data"),
)
_EVENT = Addition(
    columns={
        name: (f"{about}: the vendor's column that the variable {variable} names.", kind)
        for name, variable, kind, about in _EVENT_COLUMNS
    },
    named={name: (variable, kind) for name, variable, kind, _ in _EVENT_COLUMNS},
)

ADDITIONS: Mapping[str, Addition] = {
    "giosg.source_data": _EVENT,
    "giosg.step_source_data": _EVENT,
    "xoi.jobs": Addition(
        columns={
            "deleted_at": (
                "When the job was deleted, by the webhook history; null where it was not.",
                "timestamp",
            )
        },
        template="""\
with jobs as (
{staged}
)

select
    jobs.*,
    deleted_jobs.deleted_at
from jobs
left join {{{{ ref('stg_xoi__deleted_jobs') }}}} as deleted_jobs on deleted_jobs.job_id = jobs.id
""",
    ),
}


def files(taps: Iterable[type[KitTap]]) -> Iterator[tuple[Path, str]]:
    """Every generated file of the package, with its text."""
    for tap in taps:
        if not tap.stream_types:
            continue
        vendor = tap.name.removeprefix("tap-")
        folder = FOLDER / "models" / vendor
        yield folder / "sources.yml", _yaml(_sources(vendor, tap))
        yield folder / "staging" / "models.yml", _yaml(_models(vendor, tap))
        for stream in tap.stream_types:
            yield folder / "staging" / f"{model_name(vendor, stream)}.sql", _sql(vendor, stream)


def model_name(vendor: str, stream: type[RecordStream]) -> str:
    """The staging model of a stream."""
    return f"stg_{vendor}__{name_of(stream)}"


def snake_case(name: str) -> str:
    """A column's name in a model, as the macro ``snake_case`` makes it."""
    parted = re.sub("([a-z0-9])([A-Z])", r"\1_\2", name)
    parted = re.sub("([A-Z])([A-Z][a-z])", r"\1_\2", parted)
    return re.sub(r"\W+", "_", parted).strip("_").lower()


def kind_of(declared: Mapping[str, Any]) -> str:
    """The kind of a property, as the macro ``type_name`` takes it."""
    kinds = declared.get("type", [])
    found = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    if len(found) != 1 or found[0] not in _KINDS:
        return "json"
    return _FORMATS.get(declared.get("format", ""), _KINDS[found[0]])


def lineage_table(taps: Iterable[type[KitTap]]) -> str:
    """The marts and the streams that each is made of, as a Markdown table."""
    streams = {
        model_name(vendor, stream): (vendor, name_of(stream))
        for tap in taps
        for vendor in [tap.name.removeprefix("tap-")]
        for stream in tap.stream_types
    }
    models = {path.stem: path for path in sorted((FOLDER / "models").rglob("*.sql"))}
    rows = ["| mart | made of | lineage |", "|---|---|---|"]
    for name, path in models.items():
        if path.parent.name == "marts":
            made_of = dict.fromkeys(_streams_of(name, models, streams))
            links = [
                f"[`{stream}`](../taps/{vendor}/columns/{stream}.md)" for vendor, stream in made_of
            ]
            graph = f"../models/index.html#!/model/model.frontline_taps.{name}?g_v=1&g_i=%2B{name}"
            # HTML, since MkDocs knows only of pages of its own.
            rows.append(f'| `{name}` | {", ".join(links)} | <a href="{graph}">graph</a> |')
    return "\n".join(rows) + "\n"


def _streams_of(
    model: str, models: Mapping[str, Path], streams: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """The streams that a model reads, itself or through other models."""
    for name in _REF.findall(models[model].read_text(encoding="utf-8")):
        if name in streams:
            yield streams[name]
        else:
            yield from _streams_of(name, models, streams)


def _columns(stream: type[RecordStream]) -> Mapping[str, Mapping[str, Any]]:
    columns: Mapping[str, Mapping[str, Any]] = schema_of(stream)["properties"]
    return columns


def _sql(vendor: str, stream: type[RecordStream]) -> str:
    addition = ADDITIONS.get(f"{vendor}.{name_of(stream)}", Addition({}))
    columns = [f"'{name}': '{kind_of(declared)}'" for name, declared in _columns(stream).items()]
    named = [
        f"'{name}': [var('{variable}'), '{kind}']"
        for name, (variable, kind) in addition.named.items()
    ]
    keys = ", ".join(f"'{key}'" for key in keys_of(stream))
    parts = [
        f"source('{vendor}', '{name_of(stream)}')",
        f"keys=[{keys}]",
        _braces("columns", columns),
        *([_braces("named", named)] if named else []),
    ]
    arguments = "".join(f"    {part},\n" for part in parts).rstrip(",\n")
    staged = f"{{{{ frontline_taps.stage(\n{arguments}\n) }}}}"
    head = f"-- {HEAD}\n{{{{ config(enabled=var('{vendor}_enabled', true)) }}}}\n\n"
    return head + addition.template.format(staged=staged).rstrip("\n") + "\n"


def _braces(name: str, items: Sequence[str]) -> str:
    inner = "".join(f"        {item},\n" for item in items).rstrip(",\n")
    return f"{name}={{\n{inner}\n    }}"


def _sources(vendor: str, tap: type[KitTap]) -> dict[str, Any]:
    return {
        "version": 2,
        "sources": [
            {
                "name": vendor,
                "description": f"What {tap.name} loads.",
                "schema": f"{{{{ var('{vendor}_schema', 'tap_{vendor}') }}}}",
                "config": {
                    "enabled": f"{{{{ var('{vendor}_enabled', true) }}}}",
                    "loaded_at_query": "{{ frontline_taps.newest_load(this) }}",
                    "freshness": {
                        "warn_after": {
                            "count": "{{ var('freshness_hours', 36) }}",
                            "period": "hour",
                        }
                    },
                },
                "tables": [_table(vendor, stream) for stream in tap.stream_types],
            }
        ],
    }


def _table(vendor: str, stream: type[RecordStream]) -> dict[str, Any]:
    table: dict[str, Any] = {"name": name_of(stream), "description": _about(stream)}
    if not stream.selected_by_default or stream.needs_setting:
        table["config"] = {"freshness": None}
    # dbt warns of a test whose source is switched off, unless the test is, too.
    enabled = {"enabled": f"{{{{ var('{vendor}_enabled', true) }}}}"}
    present = {"arguments": {"columns": [*keys_of(stream)]}, "config": enabled}
    table["data_tests"] = [{"keys_are_present": present}]
    table["columns"] = [
        {"name": name, "description": declared.get("description", ""), "quote": True}
        for name, declared in _columns(stream).items()
    ]
    return table


def _models(vendor: str, tap: type[KitTap]) -> dict[str, Any]:
    return {"version": 2, "models": [_model(vendor, tap, stream) for stream in tap.stream_types]}


def _model(vendor: str, tap: type[KitTap], stream: type[RecordStream]) -> dict[str, Any]:
    keys = [snake_case(key) for key in keys_of(stream)]
    tests: list[dict[str, Any]] = []
    if len(keys) > 1:
        tests.append({"unique_together": {"arguments": {"columns": keys}}})
    tests += _refers(vendor, tap, stream)
    columns = [
        _column(vendor, stream, name, declared, keys) for name, declared in _columns(stream).items()
    ]
    addition = ADDITIONS.get(f"{vendor}.{name_of(stream)}", Addition({}))
    columns += [
        {"name": name, "description": about, "data_type": kind}
        for name, (about, kind) in addition.columns.items()
    ]
    columns.append(
        {
            "name": "_loaded_at",
            "description": "When the row was loaded, by the loader's clock.",
            "data_type": "timestamp",
        }
    )
    return {
        "name": model_name(vendor, stream),
        "description": _about(stream),
        **({"data_tests": tests} if tests else {}),
        "columns": columns,
    }


def _column(
    vendor: str,
    stream: type[RecordStream],
    name: str,
    declared: Mapping[str, Any],
    keys: Sequence[str],
) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": snake_case(name),
        "description": declared.get("description", ""),
        "data_type": kind_of(declared),
    }
    tests: list[Any] = []
    if column["name"] in keys:
        tests.append("not_null")
        if len(keys) == 1:
            tests.append("unique")
    if accepted := ACCEPTED.get(f"{vendor}.{name_of(stream)}.{name}"):
        test: dict[str, Any] = {"arguments": {"values": [*accepted.values]}}
        if any(isinstance(value, int) for value in accepted.values):
            test["arguments"]["quote"] = False
        tests.append({"accepted_values": test | ({} if accepted.certain else _warning())})
    if tests:
        column["data_tests"] = tests
    return column


def _refers(vendor: str, tap: type[KitTap], stream: type[RecordStream]) -> Iterator[dict[str, Any]]:
    """Tests that a stream's rows have their parents.

    Only where a parent's key is part of the row's own: anything else may be older than the first
    run, or gone. Rows of the same answers can't miss one another; of two lists, the vendor may
    change one before the other is read.
    """
    streams = {name_of(one): one for one in tap.stream_types}
    for relation in MODELS[tap.name].relations:
        column, parent_column = (end.partition(".")[2] for end in (relation.child, relation.parent))
        if relation.child_stream != name_of(stream) or column not in keys_of(stream):
            continue
        parent = streams[relation.parent_stream]
        shared = [key for key in keys_of(parent) if key != parent_column]
        if parent_column not in keys_of(parent) or not {*shared} <= {*keys_of(stream)}:
            continue
        together = stream.follows_parent or stream.source == parent.source
        if not (together or _is_whole(stream, parent)):
            continue
        arguments = {
            "columns": [snake_case(name) for name in (*shared, column)],
            "to": f"ref('{model_name(vendor, parent)}')",
            "to_columns": [snake_case(name) for name in (*shared, parent_column)],
        }
        yield {"refers_to": {"arguments": arguments, **({} if together else _warning())}}


def _is_whole(*streams: type[RecordStream]) -> bool:
    """Whether each of the streams is read as a whole in every run."""
    declared: list[object] = [stream.replication_key for stream in streams]
    return not any(isinstance(key, str) for key in declared)


def _warning() -> dict[str, Any]:
    return {"config": {"severity": "warn"}}


def _about(stream: type[RecordStream]) -> str:
    """What a stream is and where it comes from."""
    text = " ".join((stream.__doc__ or "").split())
    return f"{text} Source: {stream.source}."


def _yaml(value: object) -> str:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=96)
    return f"# {HEAD}\n{text}"
