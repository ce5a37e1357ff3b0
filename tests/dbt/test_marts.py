"""The marts' figures are those of the vendors' own data, after one night and after two."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.dbt import figures
from tests.dbt.figures import Known

if TYPE_CHECKING:
    from tests.dbt.conftest import Built
    from tests.dbt.nights import Night

MARTS = (
    figures.flow_job_durations,
    figures.flow_step_durations,
    figures.flow_late_jobs,
    figures.giosg_daily_events,
    figures.xoi_readings,
    figures.xoi_equipment,
    figures.crewmojo_one_on_ones,
)


def test_every_model_is_built_and_every_test_passes(built: Built) -> None:
    for run in built.runs:
        assert len(run.results) > 200
        assert not run.bad()


def test_every_mart_is_compared(built: Built) -> None:
    assert {mart.__name__ for mart in MARTS} == set(built.dbt.marts)


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.__name__)
def test_figures(built: Built, nights: list[Night], mart: Any) -> None:  # noqa: ANN401
    assert len(nights) in built.marts
    for night, marts in built.marts.items():
        known = Known(nights[:night])
        known.as_of = nights[-1].now
        expected = mart(known)
        assert len(expected) > 3
        names = expected[0].keys()
        found = [{name: row[name] for name in names} for row in marts[mart.__name__]]
        for row in found:
            if "assignees" in row:  # each database has an order of its own
                row["assignees"] = sorted(filter(None, (row["assignees"] or "").split(", ")))
        missing = _lines(expected) - _lines(found)
        besides = _lines(found) - _lines(expected)
        assert not missing, (night, len(missing), sorted(missing)[:3], sorted(besides)[:3])
        assert not besides, (night, len(besides), sorted(besides)[:3])
        assert len(found) == len(expected)


def test_the_second_night_changes_figures(nights: list[Night]) -> None:
    for mart in MARTS:
        assert mart(Known(nights[:1])) != mart(Known(nights)), mart.__name__
    assert figures.deleted_jobs(Known(nights))


def _lines(rows: list[dict[str, Any]]) -> set[str]:
    return {
        json.dumps(
            {
                name: round(float(value), 6)
                if isinstance(value, (int, float)) and not isinstance(value, bool)
                else value
                for name, value in row.items()
            },
            sort_keys=True,
            ensure_ascii=False,
        )
        for row in rows
    }
