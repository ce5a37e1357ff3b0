"""Ids of items to which XOi gives none: they don't depend on how nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from tap_xoi.identity import DocumentationIdentity

ITEM: dict[str, Any] = {
    "jobId": "cjob-1",
    "workflowId": "wjob-1",
    "stepIndex": 2,
    "stepName": "Voltage",
    "contentId": "content-1",
}


@pytest.mark.parametrize("field", ["stepIndex", "stepName", "contentId"])
def test_a_field_that_is_absent_counts_as_null(field: str) -> None:
    absent = {name: value for name, value in ITEM.items() if name != field}
    null = {**ITEM, field: None}

    ids = [DocumentationIdentity().row_ids([item])[0] for item in (ITEM, absent, null)]

    assert ids[0] != ids[1] == ids[2]


def test_absent_and_null_are_numbered_as_equals() -> None:
    absent = {name: value for name, value in ITEM.items() if name != "stepName"}
    pair = [absent, {**ITEM, "stepName": None}]

    ids = DocumentationIdentity().row_ids(pair)

    assert len(set(ids)) == 2
    assert ids == DocumentationIdentity().row_ids(pair[::-1])
