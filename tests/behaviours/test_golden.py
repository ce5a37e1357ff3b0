"""What users see of a tap before it runs is as it was: its catalog and its settings.

``make generate`` writes the files anew; the change is then to be read in the diff.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.golden import GOLDEN, about, same

if TYPE_CHECKING:
    from tests.behaviours.pipeline import Pipeline
    from tests.behaviours.taps import Case


def test_the_catalog_is_as_before(pipeline: Pipeline) -> None:
    assert same(GOLDEN / pipeline.case.name / "catalog.json", pipeline.catalog)


def test_the_settings_are_as_before(case: Case) -> None:
    assert same(GOLDEN / case.name / "about.json", about(case.tap))
