"""A backfill in shards, and the runs from its plan's state, bring what one long run brings."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sandbox.world import Clock
from tests.behaviours.conftest import NOW
from tests.behaviours.pipeline import Pipeline, Target
from tests.harness import forget_secrets, sandboxes
from tests.singer import select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.behaviours.pipeline import Line
    from tests.behaviours.taps import Case

EXAMPLES = hypothesis_settings(
    max_examples=int(os.environ.get("BACKFILL_EXAMPLES", "3")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Each makes a vendor of its own; ``make backfill-test`` takes many."""

PACE = st.fixed_dictionaries(
    {},
    optional={
        "concurrency": st.integers(1, 12),
        "requests_per_second": st.sampled_from([400, 1000.5]),
        "skip_unchanged": st.booleans(),
    },
)
"""What a plan and all runs of a pipeline may have besides."""
WINDOWS = st.sampled_from(
    [{}, *({"window": window} for window in ("week", "month", "quarter", "year"))]
)


@pytest.fixture
def pipeline_of_seed(case: Case) -> Iterator[Callable[[int], Pipeline]]:
    """Makes pipelines to vendors with data of their own, of which each ends the one before."""
    with ExitStack() as example:

        def make(seed: int) -> Pipeline:
            example.close()  # a hundred vendors at once are too many
            patch = example.enter_context(pytest.MonkeyPatch.context())
            forget_secrets(patch)
            open_sandbox = example.enter_context(sandboxes(patch))
            clock = Clock(frozen_at=NOW)
            return Pipeline(
                case, open_sandbox(case.vendor, {}, clock=clock, scale=case.scale, seed=seed)
            )

        yield make


def plan_of(pipeline: Pipeline, shards: int, *streams: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401  # each has its own
    """A plan for the streams with bookmarks and a full table, as the command prints it."""
    tap = pipeline.case.tap(
        config={**pipeline.config, **settings},
        catalog=pipeline.chosen(*(streams or pipeline.names)),
    )
    plan: dict[str, Any] = json.loads(json.dumps(tap.plan_backfill(shards)))
    return plan


def run_shard(
    pipeline: Pipeline,
    shard: dict[str, Any],
    *,
    discovers: bool = False,
    **settings: Any,  # noqa: ANN401  # as above
) -> list[Line]:
    """What a shard's run writes, with the catalog of the plan or one that it discovers itself."""
    settings |= shard["config"]
    catalog = pipeline.discover(**settings) if discovers else pipeline.catalog
    output = pipeline.run(*shard["streams"], catalog=catalog, **settings)
    assert not output.failures
    return output.lines


def reached(state: dict[str, Any]) -> dict[str, Any]:
    """The bookmarks alone, by stream and partition."""
    return {
        f"{name} {one.get('context')}": one["replication_key_value"]
        for name, entry in state["bookmarks"].items()
        for one in entry.get("partitions", [entry])
    }


def held(pipeline: Pipeline, target: Target, name: str) -> list[str]:
    """A table's rows as texts, in any order."""
    rows = map(pipeline.comparable, target.rows(name))
    without = pipeline.case.window_columns.get(name, frozenset())
    return sorted(
        json.dumps({key: row[key] for key in sorted(row.keys() - without)}) for row in rows
    )


@st.composite
def runs(draw: st.DrawFn, plan: dict[str, Any]) -> list[tuple[dict[str, Any], float]]:
    """All shards in any order, some of them twice; and which part of its lines a killed try wrote.

    A try that is not killed has 1.
    """
    shards = plan["shards"]
    again = draw(st.lists(st.sampled_from(shards), max_size=2)) if shards else []
    order = draw(st.permutations([*shards, *again]))
    killed = st.sampled_from([1.0, 1.0, 0.7, 0.1])
    tries = [(shard, draw(killed)) for shard in order]
    # What was killed runs again, later or at once.
    return [*tries, *((shard, 1.0) for shard, part in tries if part < 1)]


@EXAMPLES
@given(
    seed=st.integers(0, 99),
    shards=st.integers(1, 20),
    start=st.sampled_from([{}, {"start_date": "2025-03-12T07:30:00Z"}]),
    pace=PACE,
    window=WINDOWS,
    lookback=st.sampled_from([{}, {"lookback_days": 0}, {"lookback_days": 3.5}]),
    data=st.data(),
)
def test_shards_and_the_run_from_the_state_are_one_long_run(
    pipeline_of_seed: Callable[[int], Pipeline],
    *,
    seed: int,
    shards: int,
    start: dict[str, Any],
    pace: dict[str, Any],
    window: dict[str, Any],
    lookback: dict[str, Any],
    data: st.DataObject,
) -> None:
    pipeline = pipeline_of_seed(seed)
    discovers = data.draw(st.booleans())
    settings = {**start, **pace, **window, **lookback}
    plan = plan_of(pipeline, shards, **settings)
    assert len(plan["shards"]) <= shards
    assert plan["shards"] or window  # one that is not over yet can't be cut
    target = Target()
    for shard, part in data.draw(runs(plan)):
        lines = run_shard(pipeline, shard, discovers=discovers, **settings)
        target.take(lines[: int(part * len(lines))])
    target.take(pipeline.run(state=plan["state"], **settings).lines)
    if not start and not window:  # which some rows tell
        pipeline.assert_complete(target)
    whole = Target().take(pipeline.run(**start, **window).lines)
    for name in pipeline.names:
        assert held(pipeline, target, name) == held(pipeline, whole, name), name


@EXAMPLES
@given(
    seed=st.integers(0, 99),
    shards=st.integers(2, 8),
    pauses=st.lists(st.sampled_from([0, 3, 11, 30]), min_size=40, max_size=40),
    settings=PACE,
    data=st.data(),
)
def test_what_comes_while_shards_run_is_not_lost(
    pipeline_of_seed: Callable[[int], Pipeline],
    *,
    seed: int,
    shards: int,
    pauses: list[int],
    settings: dict[str, Any],
    data: st.DataObject,
) -> None:
    pipeline = pipeline_of_seed(seed)
    names = pipeline.case.incremental
    plan = plan_of(pipeline, shards, **settings)
    target = Target()
    before: dict[str, Counter[str]] = {name: Counter() for name in names}

    def pass_time(hours: int) -> None:
        for name in names:
            truth = pipeline.truth(name)
            before[name] |= pipeline.compared(truth, truth)
        pipeline.sandbox.advance(hours=hours)

    for (shard, part), hours in zip(data.draw(runs(plan)), pauses, strict=False):
        pass_time(hours)
        lines = run_shard(pipeline, shard, **settings)
        target.take(lines[: int(part * len(lines))])
    pass_time(20)
    # And what the first run makes of the plan's state must do for the next one.
    output = pipeline.run(*names, state=plan["state"], **settings)
    target.take(output.lines)
    pass_time(data.draw(st.sampled_from([0, 26])))
    target.take(pipeline.run(*names, state=output.state, **settings).lines)
    for name in names:
        truth = pipeline.truth(name)
        expected = Counter(dict.fromkeys(pipeline.compared(truth, truth), 1))
        found = Counter(dict.fromkeys(pipeline.compared(target.rows(name), truth), 1))
        assert not expected - found, (name, sorted(expected - found)[:2])
        # What the vendor has no more, a target may still hold.
        assert not found - expected - before[name], name


def test_a_start_that_is_not_over_yet_leaves_all_to_the_first_run(pipeline: Pipeline) -> None:
    names = pipeline.case.incremental
    plan = plan_of(pipeline, 4, *names, start_date="2025-05-31T15:27:00Z")
    assert plan["shards"] == []
    assert plan["state"] == {"bookmarks": {}}


def test_a_plan_ends_with_the_settings_end_date(pipeline: Pipeline) -> None:
    settings: dict[str, Any] = {"start_date": "2025-03-12", "end_date": "2025-05-14T12:00:00Z"}
    names = pipeline.case.incremental
    plan = plan_of(pipeline, 4, *names, **settings)
    target = Target()
    for shard in plan["shards"]:
        target.take(run_shard(pipeline, shard, **settings))
    whole = pipeline.run(*names, **settings)
    long = Target().take(whole.lines)
    for name in names:
        assert held(pipeline, target, name) == held(pipeline, long, name), name
    if not pipeline.case.cursors:
        assert reached(plan["state"]) == reached(whole.state)
    # Without the end the pipeline goes on from there.
    target.take(pipeline.run(*names, state=plan["state"], start_date="2025-03-12").lines)
    all_of_it = Target().take(pipeline.run(*names, start_date="2025-03-12").lines)
    for name in names:
        missing = {*held(pipeline, all_of_it, name)} - {*held(pipeline, target, name)}
        assert not missing, (name, sorted(missing)[:2])


def test_one_document_goes_to_stdout_without_secrets(pipeline: Pipeline, tmp_path: Path) -> None:
    catalog = tmp_path / "chosen.json"
    catalog.write_text(json.dumps(select(pipeline.catalog, *pipeline.case.incremental)))
    pipeline.sandbox.clear_journal()
    output = pipeline.command(
        tmp_path,
        "--plan-backfill=4",
        f"--catalog={catalog}",
        config={**pipeline.config, "requests_per_second": 1000},
    )
    assert output.exit_code == 0, output.stderr
    assert len(pipeline.sandbox.journal) < 60
    plan, end = json.JSONDecoder().raw_decode(output.stderr)
    assert set(plan) == {"tap", "plan", "created_at", "parallel", "shards", "state"}
    assert plan["tap"] == pipeline.case.name
    assert 1 < len(plan["shards"]) <= 4
    for shard in plan["shards"]:
        assert {*shard["streams"]} <= {*pipeline.case.incremental}
        assert shard["config"].get("requests_per_second", 1000) == 1000 / plan["parallel"]
    assert {name for shard in plan["shards"] for name in shard["streams"]} == {
        *pipeline.case.incremental
    }
    for name in pipeline.case.secrets:
        assert pipeline.config[name] not in output.stderr
    assert not output.stderr[end:].lstrip().startswith("{")


def test_the_plans_name_tells_settings_apart_and_no_secrets(pipeline: Pipeline) -> None:
    name = plan_of(pipeline, 3)["plan"]
    assert plan_of(pipeline, 3, concurrency=2)["plan"] == name
    assert plan_of(pipeline, 3, window="day")["plan"] != name
    assert plan_of(pipeline, 3, *pipeline.case.incremental)["plan"] != name


def test_what_cannot_be_planned_is_said_in_one_line(pipeline: Pipeline, tmp_path: Path) -> None:
    catalog = tmp_path / "chosen.json"
    catalog.write_text(json.dumps(select(pipeline.catalog, pipeline.case.others[-1])))
    output = pipeline.command(tmp_path, "--plan-backfill=4", f"--catalog={catalog}")
    assert output.exit_code == 1
    assert "none of the selected streams can be read in parts" in output.stderr.splitlines()[-1]
    assert "{" not in output.stderr
    output = pipeline.command(tmp_path, "--plan-backfill=0")
    assert output.exit_code == 2
    assert "--plan-backfill" in output.stderr.splitlines()[-1]
    wrong = {**pipeline.config, **dict.fromkeys(pipeline.case.secrets, "wrong")}
    (tmp_path / "all.json").write_text(json.dumps(pipeline.catalog))
    output = pipeline.command(
        tmp_path, "--plan-backfill=4", f"--catalog={tmp_path / 'all.json'}", config=wrong
    )
    assert output.exit_code == 1
    assert "Traceback" not in output.stderr
    assert '"shards"' not in output.stderr
