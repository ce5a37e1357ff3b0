"""The GraphQL document is made from the catalog: what is not selected is not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse

from tap_flow.job_query import JobQuery
from tap_flow.tap import TapFlow
from tests.singer import discover, select
from tests.tap_flow.conftest import JOB_STREAMS, KEYS, Team

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import SelectionSetNode

    from tap_flow.stream import FlowStream

CONFIG = {"query_key": "made-up-key"}
PAGING = {"jobId": None, "completedJobCursor": None, "updated": None}


def fields(selection: SelectionSetNode) -> dict[str, Any]:
    """A selection set as nested names."""
    return {
        node.name.value: fields(node.selection_set) if node.selection_set else None
        for node in selection.selections
        if isinstance(node, FieldNode)
    }


def chosen_of(tap: TapFlow, names: Sequence[str]) -> list[FlowStream]:
    return [cast("FlowStream", tap.selected[name]) for name in names]


def asked(streams: Sequence[str], *without: tuple[str, str]) -> dict[str, Any]:
    catalog = select(discover(TapFlow, CONFIG), *streams, without=without)
    tap = TapFlow(config=CONFIG, catalog=catalog)
    document = parse(f"{{ jobs {{ {JobQuery(chosen_of(tap, streams)).fields.text} }} }}")
    (query,) = document.definitions
    assert isinstance(query, OperationDefinitionNode)
    found: dict[str, Any] = fields(query.selection_set)["jobs"]
    return found


def test_jobs_alone_do_not_ask_for_what_is_below_them() -> None:
    found = asked(["completed_jobs"])

    assert not found.keys() & {"steps", "attachments", "reports"}
    assert found["metadata"] == {"name": None, "value": None}
    assert "completed" not in found


@pytest.mark.parametrize(
    ("stream", "below"),
    [
        ("job_reports", {"reports": {"generatedReportId"}}),
        ("job_substeps", {"steps": {"uniqueStepId", "substeps"}}),
        ("job_attachment_thumbnails", {"attachments": {"attachmentId", "thumbnails"}}),
    ],
)
def test_a_child_alone_gets_its_parents_keys(stream: str, below: dict[str, set[str]]) -> None:
    columns = TapFlow(config=CONFIG).streams[stream].schema["properties"]
    rest = [(stream, name) for name in columns if name not in KEYS[stream]]
    found = asked([stream], *rest)

    ((member, inner),) = below.items()
    assert found.keys() == {*PAGING, member}
    assert found[member].keys() == inner


def test_what_is_deselected_is_not_asked_for() -> None:
    found = asked(
        ["completed_jobs", "job_steps"],
        ("completed_jobs", "metadata"),
        ("completed_jobs", "geoLatAverage"),
        ("job_steps", "note"),
    )

    assert not found.keys() & {"metadata", "geoLatAverage"}
    assert "geoLongAverage" in found
    assert "note" not in found["steps"]
    assert "substeps" not in found["steps"]


def test_all_streams_ask_for_each_field_once() -> None:
    text = JobQuery(chosen_of(TapFlow(config=CONFIG), JOB_STREAMS)).fields.text
    found = asked(JOB_STREAMS)

    assert text.count("attachments {") == 1  # those of the job are all (guide 3.5.4.1)
    assert found["steps"].keys() >= {"stepId", "values", "value", "substeps"}
    assert len(text.split(" steps {")[0].split()) == len({*text.split(" steps {")[0].split()})


def test_deselected_properties_are_not_in_records(team: Team) -> None:
    output = team.run(
        "completed_jobs",
        "job_steps",
        without=[("completed_jobs", "updated"), ("job_steps", "note")],
    )

    assert output.records["completed_jobs"]
    assert not any("updated" in record for record in output.records["completed_jobs"])
    assert not any("note" in record for record in output.records["job_steps"])
    second = team.run("completed_jobs", state=output.state, without=[("completed_jobs", "updated")])
    assert second.failures == {}


def test_filters_are_escaped(team: Team) -> None:
    title = 'He said "no"\\ and\nleft — €'
    output = team.run("completed_jobs", job_filters={"jobTitle": [title], "workflowTag": '"'})

    assert output.failures == {}
    assert not output.records
    assert 'jobTitle: ["He said \\"no\\"\\\\ and\\nleft — €"]' in team.queries()[0]


@pytest.mark.parametrize(("style", "sign"), [("dash", "-"), ("slash", "/")])
def test_dates_are_written_as_set(team: Team, style: str, sign: str) -> None:
    team.run("completed_jobs", date_format=style, start_date="2020-06-01", end_date="2020-07-01")

    assert f'updatedSince: "2020{sign}06{sign}01T00:00:00.000Z"' in team.queries()[-1]
    assert f'updatedBefore: "2020{sign}07{sign}01T00:00:00.001Z"' in team.queries()[-1]


def test_a_tests_of_users_asks_for_selected_fields(team: Team) -> None:
    team.run("query_users", without=[("query_users", "name")])

    assert team.queries() == ["{ users { emailAddress userGroups { name } } }"]
