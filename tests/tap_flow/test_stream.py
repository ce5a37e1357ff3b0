"""A stream's class is all that it takes to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_flow.endpoints import Endpoint
from tap_flow.readers.details import DetailsOf, Ids
from tap_flow.readers.lists import ListOf
from tap_flow.stream import FlowStream, Nesting
from tap_flow.tap import TapFlow
from tests.singer import discover, select, sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.tap_flow.conftest import Team

from tap_kit.streams.fields import text
from tap_kit.streams.schema import record_schema

WORKFLOWS = Endpoint("/workflows/v2", "14.1", fields=frozenset({"workflowId"}))


class Designs(FlowStream):
    """Workflows by another name (guide 14.1)."""

    name = "designs"
    primary_keys = ("designId",)
    reader = ListOf(WORKFLOWS, renamed={"workflowId": "designId"}, added={"kind": "design"})
    schema = record_schema(text("designId", "Id.", key=True), text("kind", "Constant."))


class DesignVersions(FlowStream):
    """Their versions (guide 14.1)."""

    name = "design_versions"
    primary_keys = ("designId", "versionId")
    read_with = Designs
    nesting = Nesting("versions", {"designId": "designId"})
    schema = record_schema(text("designId", "Id.", key=True), text("versionId", "Id.", key=True))


class TapWithDesigns(TapFlow):
    """The tap with two streams more."""

    stream_types: ClassVar[Sequence[type[FlowStream]]] = (
        *TapFlow.stream_types,
        Designs,
        DesignVersions,
    )


def test_a_rest_stream_and_what_is_nested_in_it_are_a_class_each(team: Team) -> None:
    catalog = discover(TapWithDesigns, team.config)
    output = sync(
        TapWithDesigns, team.config, catalog=select(catalog, "designs", "design_versions")
    )

    designs = {record["designId"]: record for record in output.records["designs"]}
    versions = {(one["designId"], one["versionId"]) for one in output.records["design_versions"]}
    assert designs.keys() == {row["workflowId"] for row in team.truth("workflows")}
    assert versions == {
        (row["workflowId"], row["versionId"]) for row in team.truth("workflow_versions")
    }
    assert {record["kind"] for record in designs.values()} == {"design"}
    assert len(team.asked("workflows")) == 1


def test_rows_that_nobody_selected_are_no_part_of_their_parent(team: Team) -> None:
    catalog = discover(TapWithDesigns, team.config)
    output = sync(TapWithDesigns, team.config, catalog=select(catalog, "designs"))

    assert output.records["designs"]
    assert not [
        record for record in output.records["designs"] if "versions" in record["extra_columns"]
    ]


def test_the_requests_are_documented_from_what_sends_them() -> None:
    assert Designs.source == DesignVersions.source == "GET /workflows/v2 (guide 14.1)"
    item = Endpoint("/workflows/v2/{workflow_id}", "14.2")
    details = DetailsOf(item, ids=Ids(WORKFLOWS, "workflowId"))
    assert str(details) == f"{WORKFLOWS}, GET /workflows/v2/{{workflow_id}} (guide 14.2)"


def test_an_id_is_one_part_of_the_path_whatever_is_in_it() -> None:
    item = Endpoint("/workflows/v2/{workflow_id}/x", "14.2")
    assert item.path_of(r"a/b?c\1 {d}") == "/workflows/v2/a%2Fb%3Fc%5C1%20%7Bd%7D/x"
    assert item.path_of(None) == item.path
