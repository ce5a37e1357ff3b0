"""What a plan must be, what its shards run, and when its state may be stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import backfill_plan
import pytest
from backfill_plan import Plan, PlanError, Shard
from hypothesis import given
from hypothesis import strategies as st
from meltano_commands import Meltano, MeltanoError

from sandbox import Sandbox
from tests.pipelines.meltano import install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAP = "tap-flow"
PIPELINE = "sandbox:tap-flow-to-target-pg"
STATE = {"bookmarks": {"completed_jobs": {"replication_key_value": "17"}}}
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


def document(**changes: object) -> dict[str, Any]:
    shard = {"id": "1", "config": {"end_date": "2026-01-01"}, "streams": ["completed_jobs"]}
    return {"tap": TAP, "plan": "p", "parallel": 4, "shards": [shard], "state": STATE, **changes}


def plan(*shards: str, **changes: Any) -> Plan:  # noqa: ANN401  # any of a plan's values
    made = Plan(
        tap=TAP,
        target="target-pg",
        plan="p",
        asked={},
        settings={},
        catalog="{}",
        shards=[Shard(id=name, config={}, streams=["completed_jobs"]) for name in shards],
        done=[],
        state=STATE,
    )
    made.update(changes)  # type: ignore[typeddict-item]  # as callers name them
    return made


def test_a_plan_as_the_tap_prints_it_is_taken() -> None:
    assert backfill_plan.check(document(), TAP) == document()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        document(shards={}),
        document(state=None),
        document(parallel=None),
        document(shards=[{"id": 1, "config": {}, "streams": []}]),
        document(shards=[{"id": "1", "streams": []}]),
        document(shards=["1"]),
        document(shards=document()["shards"] * 2),
    ],
)
def test_what_is_no_plan_is_refused(wrong: object) -> None:
    with pytest.raises(PlanError, match="This is no plan"):
        backfill_plan.check(wrong, TAP)


def test_another_taps_plan_is_refused_with_its_dag() -> None:
    with pytest.raises(PlanError, match="a plan of tap-xoi: use it with backfill_tap-xoi"):
        backfill_plan.check(document(tap="tap-xoi"), TAP)


@pytest.mark.parametrize(("parallel", "at_once"), [(1, 8), (3, 4), (2, None)])
def test_a_plan_that_allows_fewer_at_once_is_refused(parallel: int, at_once: int | None) -> None:
    shards = [{"id": str(n), "config": {}, "streams": []} for n in range(9)]
    made = document(parallel=parallel, shards=shards)
    with pytest.raises(PlanError, match=f"`slots` of {TAP} in .*pools.json to {parallel}"):
        backfill_plan.check_parallel(made, at_once)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 9))
def test_a_plan_that_allows_as_many_or_has_no_more_is_taken(
    parallel: int, at_once: int, count: int
) -> None:
    shards = [{"id": str(n), "config": {}, "streams": []} for n in range(count)]
    made = document(parallel=parallel, shards=shards)
    if min(at_once, count) <= parallel:
        backfill_plan.check_parallel(made, at_once)
    else:
        with pytest.raises(PlanError):
            backfill_plan.check_parallel(made, at_once)


@given(st.sets(texts, min_size=1), st.data())
def test_what_is_missing_and_what_is_done_make_the_plan(names: set[str], data: Any) -> None:  # noqa: ANN401  # hypothesis's own
    before = data.draw(st.sets(st.sampled_from(sorted(names))))
    now = data.draw(st.sets(st.sampled_from(sorted(names))))
    made = plan(*sorted(names), done=sorted(before))
    lacking = [shard["id"] for shard in backfill_plan.missing(made, now)]
    assert sorted({*lacking, *before, *now}) == sorted(names)
    assert not {*lacking} & {*before, *now}


def test_a_shard_runs_with_the_plans_settings_its_own_config_and_streams() -> None:
    shard = Shard(id="7", config={"start_date": "2026-01-01", "workflows": ["a"]}, streams=["jobs"])
    settings = {"TAP_FLOW_START_DATE": "2020-01-01", "TAP_FLOW_WINDOW": "day"}
    run = backfill_plan.shard_run(plan("7", settings=settings), shard)
    assert run["name"] == "7"
    assert run["settings"] == {
        "TAP_FLOW_START_DATE": "2026-01-01",
        "TAP_FLOW_WINDOW": "day",
        "TAP_FLOW_WORKFLOWS": '["a"]',
        "TAP_FLOW__SELECT_FILTER": '["jobs"]',
    }
    assert run["arguments"][-2:] == [TAP, "target-pg"]
    assert "--state-id-suffix=p-7" in run["arguments"]


@given(st.dictionaries(texts, texts), st.dictionaries(texts, texts))
def test_changed_settings_are_named_and_never_shown(
    before: dict[str, str], now: dict[str, str]
) -> None:
    before = {f"TAP_FLOW_{name}": f"<{value}>" for name, value in before.items()}
    now = {f"TAP_FLOW_{name}": f"<{value}>" for name, value in now.items()}
    if before == now:
        backfill_plan.check_settings(plan(settings=before), now)
        return
    with pytest.raises(PlanError) as caught:
        backfill_plan.check_settings(plan(settings=before), now)
    for name in before.keys() | now.keys():
        if before.get(name) != now.get(name):
            assert name in str(caught.value)


def test_the_pace_may_change() -> None:
    slow = {"TAP_FLOW_REQUESTS_PER_SECOND": "1", "TAP_FLOW_CONCURRENCY": "1"}
    backfill_plan.check_settings(plan(settings={"TAP_FLOW_CONCURRENCY": "8"}), slow)


def test_failed_shards_are_named_with_their_reasons() -> None:
    lacking = backfill_plan.missing(plan("1", "2", "3"), ["2"])
    told = backfill_plan.failed(lacking, 3, [{"name": "1", "reason": "no permission"}])
    assert "2 of 3 shards are not complete" in told
    assert "1 (no permission)" in told
    assert "3 (no reason told" in told


@pytest.fixture(scope="module")
def _installed() -> None:
    install(TAP, "target-pg")


@pytest.fixture
def settings(tmp_path: Path, _installed: None) -> dict[str, str]:
    return {
        "MELTANO_ENVIRONMENT": "sandbox",
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path / 'meltano.db'}",
        "SANDBOX_URL": "http://127.0.0.1:1",
        "TAP_FLOW_CLIENT_SECRET": "not to be seen",
        "TAP_FLOW_JOB_FILTERS_WORKFLOWTITLE": "It's \\ done",
    }


@pytest.fixture
def meltano(settings: dict[str, str]) -> Iterator[Meltano]:
    with Meltano(lambda _: None, settings) as made:
        yield made


@pytest.mark.xdist_group("meltano")
class TestWithMeltano:
    def test_settings_are_read_without_secrets(self, meltano: Meltano) -> None:
        found = backfill_plan.settings_of(meltano, TAP)
        assert found["TAP_FLOW_WINDOW"] == "month"
        assert found["TAP_FLOW_JOB_FILTERS_WORKFLOWTITLE"] == "It's \\ done"
        assert "!job_details.*" in json.loads(found["TAP_FLOW__SELECT"])
        assert "not to be seen" not in str(found)
        assert "TAP_FLOW_CLIENT_SECRET" not in found

    def test_a_tap_plans_for_what_is_selected(self, settings: dict[str, str]) -> None:
        with Sandbox(vendors=["flow"], scale=0.1) as sandbox:
            chosen = {
                "SANDBOX_URL": sandbox.url,
                "TAP_FLOW_CLIENT_SECRET": sandbox.settings("flow")["client_secret"],
                "TAP_FLOW__SELECT": '["completed_jobs.jobId", "job_steps.*", "users.*"]',
            }
            del settings["TAP_FLOW_JOB_FILTERS_WORKFLOWTITLE"]
            with Meltano(lambda _: None, {**settings, **chosen}) as meltano:
                catalog = json.loads(backfill_plan.catalog_of(meltano, TAP))
                made = backfill_plan.make_plan(meltano, TAP, 3)
        assert 1 < len(made["shards"]) <= 3
        for shard in made["shards"]:
            assert shard["streams"] == ["completed_jobs", "job_steps"]
        assert made["state"]["bookmarks"].keys() == {"completed_jobs", "job_steps"}
        (jobs,) = [one for one in catalog["streams"] if one["tap_stream_id"] == "completed_jobs"]
        selected = {
            one["breadcrumb"][-1]
            for one in jobs["metadata"]
            if one["breadcrumb"] and one["metadata"].get("selected")
        }
        assert selected == {"jobId"}

    def test_a_state_is_stored_once_and_never_over_another(
        self, meltano: Meltano, settings: dict[str, str], tmp_path: Path
    ) -> None:
        made = plan(settings=backfill_plan.settings_of(meltano, TAP))
        with (
            Meltano(lambda _: None, {**settings, "TAP_FLOW_WINDOW": "day"}) as changed,
            pytest.raises(PlanError, match="other settings: TAP_FLOW_WINDOW changed"),
        ):
            backfill_plan.store(made, PIPELINE, changed, tmp_path)
        assert backfill_plan.stored_state(meltano, PIPELINE) == {}
        for _ in range(2):  # a try that was cut off after it had stored
            backfill_plan.store(made, PIPELINE, meltano, tmp_path)
            assert backfill_plan.stored_state(meltano, PIPELINE) == {"singer_state": STATE}
        other = plan(settings=made["settings"], state={"bookmarks": {}})
        with pytest.raises(PlanError, match="Another run stored a state"):
            backfill_plan.store(other, PIPELINE, meltano, tmp_path)
        assert backfill_plan.stored_state(meltano, PIPELINE) == {"singer_state": STATE}

    def test_a_command_that_fails_tells_why(self, meltano: Meltano) -> None:
        with pytest.raises(MeltanoError, match=r"meltano state set --force ended with [12]: .+"):
            meltano.call("state", "set", "--force", PIPELINE, "{}")
