"""What users see of tap-flow before it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tap_flow.tap import TapFlow
from tests.tap_flow.conftest import KEYS, full_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator


def described(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, declared in schema.get("properties", {}).items():
        yield f"{path}.{name}", declared.get("description", "")
        yield from described(declared.get("items", declared), f"{path}.{name}")


SOURCES = re.compile(
    r" \((guide [\d.]+(, meaning inferred)?|upstream|integrations, meaning inferred|tap-flow)\)\.$"
)


def test_every_column_is_described_with_its_source() -> None:
    for stream in full_catalog()["streams"]:
        for path, text in described(stream["schema"], stream["tap_stream_id"]):
            assert text.endswith("."), path
            if path.count(".") == 1 and not path.endswith("extra_columns"):
                assert SOURCES.search(text), path


def test_what_only_the_integrations_read_is_not_put_down_to_the_guide() -> None:
    columns = {
        f"{stream['tap_stream_id']}.{name}": declared["description"]
        for stream in full_catalog()["streams"]
        for name, declared in stream["schema"]["properties"].items()
    }
    for name in ("workflowIdForDraft", "workflowIdForApproval", "approvalsMigrated"):
        assert "(integrations" in columns[f"workflows.{name}"]
    for name in ("mode", "versionNotes", "approvals", "downloadSignature"):
        assert "(integrations" in columns[f"workflow_versions.{name}"]
    for name in ("team_settings.Reports", "jobs.excluded", "triggers.objectIds"):
        assert "meaning inferred" in columns[name]
    assert "(guide 4.2" in columns["collections.recordCount"]


def test_every_stream_says_where_it_comes_from() -> None:
    for stream in TapFlow.stream_types:
        assert "guide" in stream.source or "CSV" in stream.source, stream
        assert "(guide " in (stream.__doc__ or ""), stream


def test_the_cursor_may_be_exchanged_for_updated() -> None:
    metadata = TapFlow(config={"query_key": "made-up"}).streams["completed_jobs"].metadata

    assert metadata.root.valid_replication_keys == ["completedJobCursor", "updated"]


def test_only_keys_are_required() -> None:
    for stream in full_catalog()["streams"]:
        required = stream["schema"].get("required", [])
        assert set(required) == set(KEYS[stream["tap_stream_id"]])
        for name, declared in stream["schema"]["properties"].items():
            assert ("null" in declared["type"]) == (name not in required), (
                stream["tap_stream_id"],
                name,
            )
