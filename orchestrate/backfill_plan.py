"""A backfill's plan: the tap's document, checked, and what is needed to carry it out.

A tap's ``--plan-backfill`` cuts a first load into shards, and tells the state of the pipeline that
is right once all shards are complete, and not before.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from meltano_commands import Meltano

_VARIABLE = re.compile(r"^(\w+)='((?:[^'\\]|\\.)*)'$", re.MULTILINE | re.DOTALL)
_PRIVATE = "*****"
_PACE = re.compile(
    r"_(?:CONCURRENCY|REQUESTS_PER_SECOND|REQUEST_TIMEOUT|MAX_ATTEMPTS|MAX_WAIT|USER_AGENT)$"
)
"""Settings on which it does not depend which records come."""


class PlanError(Exception):
    """A plan can't be used; the message says why and what to do."""


class Shard(TypedDict):
    """A part of the plan, as the tap gives it."""

    id: str
    config: dict[str, Any]
    streams: list[str]


class Plan(TypedDict):
    """A plan with all that its shards need, as Airflow passes it on between tasks.

    Attributes:
        tap: Name of the extractor.
        target: Name of the loader.
        plan: The tap's name for the plan.
        asked: Settings from the form, as environment variables.
        settings: The tap's settings when it was planned, as environment variables, without
            secrets. All shards run with them, wherever they are.
        catalog: The catalog when it was planned, as text. All shards read its columns, with which
            rows get the same ids.
        shards: All shards.
        done: IDs of the shards that earlier runs of the DAG completed.
        state: The state to store, by the tap; None where the pipeline's state is left alone.
    """

    tap: str
    target: str
    plan: str
    asked: dict[str, str]
    settings: dict[str, str]
    catalog: str
    shards: list[Shard]
    done: list[str]
    state: dict[str, Any] | None


def state_id(environment: str, tap: str, target: str) -> str:
    """The pipeline's state ID, as ``meltano run`` makes it."""
    return f"{environment}:{tap}-to-{target}"


def asked(tap: str, **settings: object) -> dict[str, str]:
    """Settings from the form as environment variables, without those left empty."""
    return {
        f"{_name(tap)}_{_name(name)}": _text(value) for name, value in settings.items() if value
    }


def settings_of(meltano: Meltano, tap: str) -> dict[str, str]:
    """The tap's settings and selection as environment variables, without secrets."""
    told = meltano.call("config", "print", "--format=env", tap)
    told += meltano.call("config", "print", "--format=env", "--extras", tap)
    prefix = f"{_name(tap)}_"
    return {
        name: re.sub(r"\\([\\'])", r"\1", value)
        for name, value in _VARIABLE.findall(told)
        if name.startswith(prefix) and value != _PRIVATE
    }


def catalog_of(meltano: Meltano, tap: str) -> str:
    """The tap's catalog, with what is selected; it is left where the next command finds it."""
    return meltano.call("invoke", "--dump=catalog", tap)


def make_plan(meltano: Meltano, tap: str, shards: int) -> dict[str, Any]:
    """Have the tap plan, for what is selected in the catalog.

    Raises:
        PlanError: What came is no plan of this tap.
    """
    told = meltano.call("invoke", tap, f"--plan-backfill={shards}")
    try:
        document = json.loads(told)
    except ValueError as error:
        msg = f"{tap} told no plan: is its version older than --plan-backfill?"
        raise PlanError(msg) from error
    return check(document, tap)


def check(document: object, tap: str) -> dict[str, Any]:
    """A plan document that can be carried out for a tap.

    Raises:
        PlanError: It has another shape, or is another tap's.
    """
    expected = {"tap": str, "plan": str, "parallel": int, "shards": list, "state": dict}
    if not isinstance(document, dict) or any(
        not isinstance(document.get(name), kind) for name, kind in expected.items()
    ):
        msg = f"This is no plan: {', '.join(expected)} are needed, as --plan-backfill prints them"
        raise PlanError(msg)
    if document["tap"] != tap:
        msg = f"This is a plan of {document['tap']}: use it with backfill_{document['tap']}"
        raise PlanError(msg)
    for shard in document["shards"]:
        if not (
            isinstance(shard, dict)
            and isinstance(shard.get("id"), str)
            and isinstance(shard.get("config"), dict)
            and isinstance(shard.get("streams"), list)
        ):
            msg = "This is no plan: each shard needs id, config and streams"
            raise PlanError(msg)
    ids = [shard["id"] for shard in document["shards"]]
    if len(set(ids)) < len(ids):
        msg = "This is no plan: two of its shards have the same id"
        raise PlanError(msg)
    return document


def check_parallel(document: Mapping[str, Any], at_once: int | None) -> None:
    """Whether no more shards run at once than the plan allows.

    Args:
        document: The plan.
        at_once: How many the DAG runs; None: as many as there are.

    Raises:
        PlanError: The plan allows fewer.
    """
    parallel, shards = document["parallel"], len(document["shards"])
    if min(at_once or shards, shards) > parallel:
        msg = (
            f"The plan allows {parallel} of its shards at once, and this DAG runs "
            f"{at_once or shards}: set `slots` of {document['tap']} in orchestrate/pools.json "
            f"to {parallel}"
        )
        raise PlanError(msg)


def check_settings(plan: Plan, now: Mapping[str, str]) -> None:
    """Whether the tap's settings are still those of the plan, its pace and secrets aside.

    Raises:
        PlanError: They are not.
    """
    before = plan["settings"]
    changed = sorted(
        name
        for name in before.keys() | now.keys()
        if before.get(name) != now.get(name) and not _PACE.search(name)
    )
    if changed:
        msg = (
            f"The plan was made with other settings: {', '.join(changed)} changed since. "
            "Set them back, or plan anew"
        )
        raise PlanError(msg)


def missing(plan: Plan, done: Collection[str] = ()) -> list[Shard]:
    """The shards that are not complete yet."""
    complete = {*plan["done"], *done}
    return [shard for shard in plan["shards"] if shard["id"] not in complete]


def shard_run(plan: Plan, shard: Shard) -> dict[str, Any]:
    """A shard as the arguments of its task: ``name``, ``arguments`` and ``settings``."""
    prefix = _name(plan["tap"])
    config = {f"{prefix}_{_name(name)}": _text(value) for name, value in shard["config"].items()}
    # Added to the selection: columns that are left out stay out.
    streams = {f"{prefix}__SELECT_FILTER": json.dumps(shard["streams"])}
    return {
        "name": shard["id"],
        "arguments": [
            "run",
            # A shard has no state: it reads all of its part, also when it is run again.
            "--full-refresh",
            # A killed run counts as running for some minutes.
            "--force",
            "--no-install",
            f"--state-id-suffix={plan['plan']}-{shard['id']}",
            plan["tap"],
            plan["target"],
        ],
        "settings": {**plan["settings"], **config, **streams},
    }


def catalog_setting(tap: str) -> str:
    """The environment variable that names a catalog's file."""
    return f"{_name(tap)}__CATALOG"


def failed(shards: Sequence[Shard], of: int, reasons: Iterable[Mapping[str, str]]) -> str:
    """What to say when shards are missing: which, why, and what to do."""
    why = {reason["name"]: reason["reason"] for reason in reasons}
    told = "; ".join(
        f"{shard['id']} ({why.get(shard['id'], 'no reason told: see the log of its task')})"
        for shard in shards
    )
    return (
        f"{len(shards)} of {of} shards are not complete, so no state is stored: {told}. "
        "Clear the failed tasks of this run, or trigger the DAG with `again` set to this run: "
        "only what is missing runs"
    )


def store(plan: Plan, pipeline: str, meltano: Meltano, folder: Path) -> None:
    """Make the plan's state the pipeline's, unless the pipeline has another one.

    Args:
        plan: A plan whose shards are all complete.
        pipeline: The pipeline's state ID.
        meltano: Where to run commands.
        folder: Where to write the state for Meltano.

    Raises:
        PlanError: The settings changed since, or another run stored a state.
    """
    check_settings(plan, settings_of(meltano, plan["tap"]))
    state = {"singer_state": plan["state"]}
    present = stored_state(meltano, pipeline)
    if present == state:  # by an earlier try of this task
        return
    if present:
        msg = (
            f"Another run stored a state of {pipeline} since the plan was made. It is kept: what "
            "it does not cover, the pipeline's next run reads"
        )
        raise PlanError(msg)
    file = folder / "state.json"
    file.write_text(json.dumps(state), encoding="utf-8")
    meltano.call("state", "set", "--force", f"--input-file={file}", pipeline)


def stored_state(meltano: Meltano, pipeline: str) -> dict[str, Any]:
    """The pipeline's state, empty for none."""
    state: dict[str, Any] = json.loads(meltano.call("state", "get", pipeline))
    return state


def _name(text: str) -> str:
    return re.sub(r"\W", "_", text).upper()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
